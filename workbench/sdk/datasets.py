"""All rows of a dataset, lazily: of the real view in a sealed lane, of the twin everywhere else.

Persons lie in buckets, whole, in the same bucket of every dataset. So whatever is computed of whole
persons can be computed bucket by bucket and put together at the end; and no more than some buckets
of a dataset need be in memory, however large it is.
"""

import functools
import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from workbench.plan.names import listed, nearest
from workbench.sdk.compile import PERSON
from workbench.sdk.refused import Refused

__all__ = ["DATA", "KEYS", "TWIN", "buckets", "scan", "twin_of"]

TWIN = Path("/twin")
DATA = Path("/data")
KEYS = Path("/run/view-keys.json")
_SEQUENCE = "_sequence"
_LINK = "_link_"
_A_BUCKET = 250
"""Persons of the twin in what would be one bucket of a view."""
_AT_ONCE = 250_000 * min(8, max(2, os.cpu_count() or 1))
"""Rows that are read together: enough for every core, and few beside the memory of a kernel."""
_MORSEL = 100_000
"""Rows that a query is handed at once."""
_AHEAD = 2
"""Pieces that are read while a query works on another: reading and computing overlap."""


def scan(dataset: str, *, twin: Path = TWIN, data: Path = DATA, keys: Path = KEYS) -> pl.LazyFrame:
    """All rows of a dataset: of the real view in a sealed lane, of the twin everywhere else.

    Columns: `_person` (UInt64, the same person in every dataset of the view), `_link_<name>` for
    links that the permit opens (the `_person` of whom the row names; null where that is nobody
    of the view), and the permit's variables; rows are in the order of `_person`. Only columns and
    rows that are used are decrypted and kept, some buckets at a time. Raises
    Refused("unknown_name" or "outside_permit") when the permit opens no such dataset.
    """
    place = _Real(data, keys) if keys.exists() else _Twin(twin)
    return _lazy(place, dataset, place.schema(dataset), range(place.count(dataset)))


def buckets(
    dataset: str, *, twin: Path = TWIN, data: Path = DATA, keys: Path = KEYS
) -> list[pl.LazyFrame]:
    """The rows of `scan(dataset)` in parts: a person's rows are in one part, whole.

    Every dataset has the same number of parts, and a person is in the same part of each: join
    part with part. A part may be empty. Raises Refused as `scan` does.
    """
    place = _Real(data, keys) if keys.exists() else _Twin(twin)
    schema = place.schema(dataset)
    numbers = range(place.count(dataset))
    return [_lazy(place, dataset, schema, range(one, one + 1)) for one in numbers]


def twin_of(dataset: str, folder: Path) -> pl.LazyFrame:
    """The twin of a dataset as it lies in its folder; Refused when there is none."""
    path = folder / f"{dataset}.parquet"
    if not dataset.isidentifier() or not path.is_file():
        raise _unknown(dataset, sorted(one.stem for one in folder.glob("*.parquet")))
    return pl.scan_parquet(path, glob=False)


@dataclass(frozen=True)
class _Twin:
    """The synthetic twin: persons numbered as in a view, so that no code counts them from 0."""

    folder: Path

    def schema(self, dataset: str) -> pl.Schema:
        return self._whole(dataset).collect_schema()

    def count(self, _dataset: str) -> int:
        """The same for all datasets."""
        highest = [
            pl.scan_parquet(path, glob=False).select(pl.col(PERSON).max()).collect().item()
            for path in self.folder.glob("*.parquet")
        ]
        return max((1 + one // _A_BUCKET for one in highest if one is not None), default=1)

    def pieces(self, dataset: str, numbers: range) -> Iterator[pl.LazyFrame]:
        """The rows of these buckets in pieces that fit into memory."""
        low, high = numbers.start << 32, numbers.stop << 32
        yield self._whole(dataset).filter(pl.col(PERSON).is_between(low, high, closed="left"))

    def _whole(self, dataset: str) -> pl.LazyFrame:
        whole = twin_of(dataset, self.folder)
        numbered = [PERSON, *_links(whole.collect_schema())]
        persons = [
            _person(number % _A_BUCKET, number // _A_BUCKET).alias(name)
            for name in numbered
            for number in [pl.col(name).cast(pl.UInt64)]
        ]
        return whole.with_columns(persons).drop(_SEQUENCE, strict=False)


@dataclass(frozen=True)
class _Real:
    """The mounted view and the keys to what the permit opens of it."""

    folder: Path
    keys: Path

    def schema(self, dataset: str) -> pl.Schema:
        return self._opened(self._parts(dataset)[0], 0).collect_schema()

    def count(self, dataset: str) -> int:
        return len(self._parts(dataset))

    def pieces(self, dataset: str, numbers: range) -> Iterator[pl.LazyFrame]:
        """The rows of these buckets in pieces that fit into memory."""
        parts = self._parts(dataset)
        together: list[pl.LazyFrame] = []
        rows = 0
        for number in numbers:
            together.append(self._opened(parts[number], number))
            rows += int(parts[number]["rows"])
            if rows >= _AT_ONCE:
                yield pl.concat(together)
                together, rows = [], 0
        if together:
            yield pl.concat(together)

    def _parts(self, dataset: str) -> Sequence[Mapping[str, Any]]:
        held: Mapping[str, Sequence[Mapping[str, Any]]] = _held(self.keys)["datasets"]
        if dataset not in held:
            raise _unknown(dataset, list(held))
        return held[dataset]

    def _opened(self, part: Mapping[str, Any], number: int) -> pl.LazyFrame:
        keys = {name: bytes.fromhex(key) for name, key in part["column_keys"].items()}
        decryption = pl.ParquetDecryptionProperties(
            footer_key=bytes.fromhex(part["footer_key"]),
            column_keys=keys,
            aad_prefix=part["aad_prefix"].encode(),
        )
        frame = pl.scan_parquet(self.folder / part["file"], decryption=decryption, glob=False)
        links = _links(keys)
        variables = [name for name in keys if name not in (PERSON, _SEQUENCE, *links)]
        others = [_elsewhere(name, _held(self.keys)["persons"]) for name in links]
        return frame.select(_person(pl.col(PERSON), pl.lit(number)), *others, *variables)


@dataclass(frozen=True)
class _Rows:
    """What a lazy frame reads from: names and numbers, no keys, so it can go to any task."""

    place: _Real | _Twin
    dataset: str
    numbers: range

    def __call__(
        self,
        columns: list[str] | None,
        where: pl.Expr | None,
        most: int | None,
        _batch: int | None,
    ) -> Iterator[pl.DataFrame]:
        """Piece by piece, only what the query needs of each; see polars' IO plugins."""

        def wanted(piece: pl.LazyFrame, rows: int | None) -> pl.DataFrame:
            piece = piece if where is None else piece.filter(where)
            piece = piece if columns is None else piece.select(columns)
            return (piece if rows is None else piece.head(rows)).collect(engine="streaming")

        pieces = self.place.pieces(self.dataset, self.numbers)
        found = (
            _ahead(lambda piece: wanted(piece, None), pieces)
            if most is None and len(self.numbers) > 1
            else _first(wanted, pieces, most)
        )
        for frame in found:
            yield from frame.iter_slices(_MORSEL)  # views, for all cores to work on


def _ahead(
    read: Callable[[pl.LazyFrame], pl.DataFrame], pieces: Iterator[pl.LazyFrame]
) -> Iterator[pl.DataFrame]:
    """The pieces in order, the next ones read while the query works on the one that it has."""
    under_way: deque[Future[pl.DataFrame]] = deque()
    threads = ThreadPoolExecutor(_AHEAD, thread_name_prefix="scan")
    try:
        for piece in pieces:
            under_way.append(threads.submit(read, piece))
            if len(under_way) > _AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _first(
    read: Callable[[pl.LazyFrame, int | None], pl.DataFrame],
    pieces: Iterator[pl.LazyFrame],
    most: int | None,
) -> Iterator[pl.DataFrame]:
    """The pieces in order, until they have so many rows."""
    left = most
    for piece in pieces:
        found = read(piece, left)
        yield found
        if left is not None:
            left -= found.height
            if left <= 0:
                return


@functools.cache  # the file is written before the kernel starts and never again
def _held(keys: Path) -> Mapping[str, Any]:
    """The parts of a view with their keys, by dataset, and its persons; see `pseudonym.view`."""
    held: Mapping[str, Any] = json.loads(keys.read_text(encoding="utf-8"))
    return held


def _lazy(place: _Real | _Twin, dataset: str, schema: pl.Schema, numbers: range) -> pl.LazyFrame:
    return register_io_source(
        _Rows(place, dataset, numbers),
        schema=schema,
        is_pure=True,
        explain_name=dataset,
        explain_detail=f"buckets {numbers.start} to {numbers.stop - 1}",
    )


def _person(place: pl.Expr, bucket: pl.Expr) -> pl.Expr:
    """Persons are counted from 0 in a bucket; the bucket in the upper half makes them one's own."""
    return (place.cast(pl.UInt64) + bucket.cast(pl.UInt64) * (1 << 32)).alias(PERSON)


def _links(columns: Iterable[str]) -> list[str]:
    """The columns that name another person."""
    return [name for name in columns if name.startswith(_LINK)]


def _elsewhere(link: str, persons: Sequence[int]) -> pl.Expr:
    """The `_person` of somebody who is counted through all buckets; null for nobody.

    persons: how many are in each bucket.
    """
    sizes = pl.Series(persons, dtype=pl.UInt64)
    ends = sizes.cum_sum()
    counted = pl.col(link).cast(pl.UInt64)
    bucket = pl.lit(ends).search_sorted(counted.fill_null(0), side="right")
    place = counted - pl.lit(ends - sizes).gather(bucket)
    return pl.when(counted.is_not_null()).then(_person(place, bucket)).alias(link)


def _unknown(dataset: str, known: Sequence[str]) -> Refused:
    near = nearest(dataset, known)
    return Refused(
        "unknown_name" if near else "outside_permit",
        f"The permit opens no dataset {dataset}.",
        f"Did you mean {near}?" if near else f"It opens {listed(known)}.",
    )
