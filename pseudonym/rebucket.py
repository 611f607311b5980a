"""From the registries' order to the project's: rows move to the bucket of their pseudonym.

Bounded memory: one store bucket comes in, its rows go to encrypted parts on disk, one part a view
bucket; later each view bucket is put together from its parts. The parts' key lives in memory only.
"""

from collections import defaultdict
from collections.abc import Sequence
from math import log2
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pseudonym.errors import Fault
from pseudonym.keyring import Secret
from pseudonym.prf import PID_BITS, project_pseudonyms, shuffle
from pseudonym.store.parquet import collect, encrypt, file_keys, scan

__all__ = ["ROWS_PER_BUCKET", "Spool", "arrange", "bucket_count", "bucket_of", "persons_of"]

Words = NDArray[np.uint64]
ROWS_PER_BUCKET: Final = 250_000
AT_ONCE: Final = 500_000
"""Rows that wait in memory until they are dealt to the buckets: few large parts, not many small."""
FEW: Final = 8
"""So many buckets keep the processors of a machine busy; more are made only as they grow large."""
LARGE: Final = 5
"""A bucket of a large dataset holds so many times ROWS_PER_BUCKET: to query one costs some
milliseconds of its own, whatever its size."""
PSEUDONYM: Final = "_pseudonym"
PID: Final = "_pid"


def bucket_count(rows: int) -> int:
    """How many buckets the largest dataset wants: a power of two, about 250,000 rows each, and
    about a million once there are eight."""
    wanted = -(-rows // ROWS_PER_BUCKET)
    if wanted <= FEW:
        return 1 << (max(wanted, 1) - 1).bit_length()
    large = rows / (LARGE * ROWS_PER_BUCKET)
    return min(max(FEW, 1 << round(log2(large))), 4096)


def bucket_of(words: Words, count: int, bits: int) -> NDArray[np.int64]:
    """The bucket of each value of `bits` bits: its leading bits; `count` is a power of two."""
    return (words >> np.uint64(bits - (count.bit_length() - 1))).astype(np.int64)


class Spool:
    """Parts of the view to be, encrypted under a key that is never written down."""

    def __init__(self, folder: Path, count: int, project_key: Secret) -> None:
        self._folder = folder
        self._folder.mkdir(mode=0o700)
        self._count = count
        self._project_key = project_key
        self._key = Secret.random()
        self._waiting: dict[str, list[pl.DataFrame]] = defaultdict(list)
        self._parts: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._columns: dict[str, list[str]] = {}
        self._empty: dict[str, pl.DataFrame] = {}

    def add(self, dataset: str, frame: pl.DataFrame, pids: Words) -> None:
        """Give rows their project pseudonym and put them into the parts of their buckets."""
        pseudonyms = project_pseudonyms(self._project_key.reveal(), "PERSON", pids)
        marked = frame.with_columns(
            pl.Series(PSEUDONYM, pseudonyms, pl.UInt64), pl.Series(PID, pids, pl.UInt64)
        )
        self._columns[dataset] = marked.columns
        self._empty[dataset] = marked.clear()
        self._waiting[dataset].append(marked)
        if sum(len(piece) for piece in self._waiting[dataset]) >= AT_ONCE:
            self._deal(dataset)

    def _deal(self, dataset: str) -> None:
        """Write what waits: one part a bucket."""
        waiting = self._waiting.pop(dataset, [])
        if not waiting:
            return
        marked = pl.concat(waiting)
        buckets = bucket_of(marked[PSEUDONYM].to_numpy(), self._count, PID_BITS)
        order = np.argsort(buckets, kind="stable")
        dealt = marked[order]
        found, starts = np.unique(buckets[order], return_index=True)
        for bucket, start, end in zip(found, starts, [*starts[1:], len(dealt)], strict=True):
            rows = dealt.slice(start, end - start)
            name = f"{dataset}-{bucket}-{len(self._parts[dataset, int(bucket)])}.parquet"
            # A part lives as long as its key, in this process: no crash needs to find it on disk.
            path = self._folder / name
            path.touch(mode=0o600)
            path.write_bytes(encrypt(rows, self._key, f"spool/{name}"))
            self._parts[dataset, int(bucket)].append(name)

    def persons(self, dataset: str, bucket: int) -> pl.DataFrame:
        """Who has rows in a bucket: pseudonyms and base pseudonyms, each pair once."""
        self._deal(dataset)
        keys = file_keys(self._key, [PSEUDONYM, PID])
        pieces = [self._empty[dataset].select(PSEUDONYM, PID)]
        for name in self._parts.get((dataset, bucket), []):
            path = self._folder / name
            pieces.append(collect(scan(path, keys, f"spool/{name}"), path))
        return pl.concat(pieces).unique()

    def take(self, dataset: str, bucket: int) -> pl.DataFrame:
        """All rows of a bucket, in no order that means anything; the parts are removed."""
        self._deal(dataset)
        keys = file_keys(self._key, self._columns[dataset])
        pieces = [self._empty[dataset]]
        for name in self._parts.pop((dataset, bucket), []):
            path = self._folder / name
            pieces.append(collect(scan(path, keys, f"spool/{name}"), path))
            path.unlink()
        return pl.concat(pieces)


def persons_of(frames: Sequence[pl.DataFrame]) -> Words:
    """The project pseudonyms of a bucket over all datasets, ascending, each once.

    Raises Fault when two persons share one: with six million persons that happens to two keys in
    a million, and a merged person would be worse than no view.
    """
    pairs = pl.concat([frame.select(PSEUDONYM, PID) for frame in frames]).unique()
    pseudonyms = np.sort(pairs[PSEUDONYM].to_numpy())
    if len(pseudonyms) > 1 and bool((pseudonyms[1:] == pseudonyms[:-1]).any()):
        raise Fault("two persons got the same project pseudonym; shred the project's key")
    return pseudonyms


def arrange(frame: pl.DataFrame, persons: Words) -> pl.DataFrame:
    """Rows as the view keeps them: `_person`, `_sequence`, then the dataset's columns.

    Sorted by person; a person's rows come in random order, so nothing of the source's order is
    left.
    """
    index = np.searchsorted(persons, frame[PSEUDONYM].to_numpy()).astype(np.uint32)
    mixed = shuffle(len(frame))
    order = mixed[np.argsort(index[mixed], kind="stable")]
    index = index[order]
    starts = np.flatnonzero(np.diff(index, prepend=np.uint32(2**32 - 1)) != 0)
    lengths = np.diff(starts, append=len(index))
    sequence = np.arange(len(index)) - np.repeat(starts, lengths)
    rows = frame.drop(PSEUDONYM, PID)[order]
    return rows.select(
        pl.Series("_person", index, pl.UInt32),
        pl.Series("_sequence", sequence, pl.UInt32),
        pl.all(),
    )
