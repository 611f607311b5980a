"""A project's view of the synthetic nation without vault and linker: in memory, or in a folder.

In a folder it is made block by block in bounded memory, and is found again the next time:

    view = folder_view(Path("/data/bench"), persons=1_000_000)   # encrypted, like a real one
    view = folder_view(Path("/data/bench"), persons=5_000_000, encrypted=False)

    python -m tests.lib.nation_view /data/bench 1_000_000        # makes both beforehand
"""

import hashlib
import json
import shutil
import sys
import time
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pseudonym.keyring import Secret
from pseudonym.links import People, link_column, resolved
from pseudonym.nation import DATASETS, Nation
from pseudonym.nation.contracts import contract
from pseudonym.prf import PID_BITS, project_pseudonyms
from pseudonym.rebucket import PID, PSEUDONYM, arrange, bucket_count, bucket_of, persons_of
from pseudonym.store.parquet import ROW_GROUP, encrypt
from pseudonym.view import View, describe
from pseudonym.view_manifest import (
    PERSONS,
    DatasetPart,
    FilePart,
    LinkPart,
    ViewManifest,
    column_part,
    file_prefix,
)
from tests.lib.plain_view import PlainView

PROJECT = "nation"
COARSE = 16
"""Parts are dealt to so many heaps first: a power of two."""
BLOCKS_A_PART = 5
LARGE = 100_000


@cache
def frames(
    persons: int = 2000, seed: int = 1, datasets: tuple[str, ...] = DATASETS
) -> dict[str, pl.DataFrame]:
    """Every dataset of a nation, with `person` (a dense index), `fnr` and the links' columns."""
    nation = Nation(seed, persons)
    blocks = [nation.block(number, datasets) for number in range(nation.blocks)]
    return {name: pl.concat([block[name] for block in blocks]) for name in datasets}


def variables(dataset: str) -> list[str]:
    """The variables of a dataset, in the order of its contract."""
    return [item.name for item in contract(dataset).variables]


def links(dataset: str) -> list[str]:
    """The links of a dataset."""
    return [item.name for item in contract(dataset).links]


def nation_view(
    persons: int = 2000,
    seed: int = 1,
    buckets: int = 4,
    datasets: Sequence[str] = DATASETS,
    project: str = PROJECT,
) -> PlainView:
    """A nation in memory; a random pseudonym a person, so that buckets mix families.

    Every person of the nation is in the view, whichever datasets are asked for. Of a large nation
    only these are drawn.
    """
    drawn = frames(persons, seed, DATASETS if persons < LARGE else tuple(datasets))
    held = {name: drawn[name].select("person", *links(name), *variables(name)) for name in datasets}
    held = {name: one.with_columns(pl.col("person").cast(pl.UInt32)) for name, one in held.items()}
    keys = np.random.default_rng(7).permutation(persons).astype(np.uint64)
    told = describe(_manifest("0" * 16, dict.fromkeys(datasets, ()), (), (persons,)))
    view = PlainView(held, persons, buckets, project, keys=keys, description=told)
    order = np.concatenate(view._members)
    place = np.empty(persons, np.uint32)
    place[order] = np.arange(persons)
    for name, one in held.items():
        for link in links(name):
            known = pl.col(link).is_not_null()
            index = pl.Series(place[one[link].fill_null(0).to_numpy()])
            tied = pl.when(known).then(index).alias(link_column(link))
            view.frames[name] = view.frames[name].select("person", tied, pl.exclude("person", link))
    return view


class PlainFolderView(View):
    """The same view with files that are not encrypted."""

    def scan(self, dataset: str, bucket: int) -> pl.LazyFrame:
        return pl.scan_parquet(
            self.path / self._manifest.datasets[dataset].files[bucket].name, glob=False
        )

    def pseudonyms(self, bucket: int) -> pl.Series:
        return pl.read_parquet(self.path / self._manifest.person_files[bucket].name)["pseudonym"]


def folder_view(
    folder: Path,
    persons: int,
    *,
    seed: int = 1,
    encrypted: bool = True,
    datasets: Sequence[str] = DATASETS,
) -> View:
    """The view of a nation in `folder`, made if it is not there; keys lie beside it in the open."""
    kind = "sealed" if encrypted else "plain"
    place = folder / f"nation-{persons}-{seed}-{kind}-{_mark(datasets)}"
    if not (place / "manifest.json").exists():
        shutil.rmtree(place, ignore_errors=True)
        draft = folder / f".{place.name}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        _Making(Nation(seed, persons), draft, datasets, encrypted=encrypted).make()
        draft.rename(place)
    manifest = ViewManifest.model_validate_json((place / "manifest.json").read_text())
    keys = json.loads((place / "keys.json").read_text())
    made = View if encrypted else PlainFolderView
    return made(place, manifest, {name: Secret(bytes.fromhex(key)) for name, key in keys.items()})


class _Making:
    """A view under way: blocks to heaps by pseudonym, heaps to buckets."""

    def __init__(
        self, nation: Nation, draft: Path, datasets: Sequence[str], *, encrypted: bool
    ) -> None:
        self._nation = nation
        self._draft = draft
        self._datasets = tuple(datasets)
        self._encrypted = encrypted
        self._version = _mark((str(nation), *datasets))
        self._key = hashlib.sha256(self._version.encode()).digest()
        self._parts: dict[tuple[str, int], list[Path]] = {}
        self._rows = dict.fromkeys(datasets, 0)
        self._seen = np.zeros(nation.persons, np.bool_)
        self._files: dict[str, list[FilePart]] = {name: [] for name in (*datasets, PERSONS)}
        self._keys: dict[str, Secret] = {}

    def make(self) -> None:
        heaps = self._draft / "heaps"
        heaps.mkdir()
        for start in range(0, self._nation.blocks, BLOCKS_A_PART):
            self._deal(start, heaps)
        count = bucket_count(max(self._rows.values()))
        pids = np.flatnonzero(self._seen).astype(np.uint64) + np.uint64(1)
        self._people = People([np.sort(project_pseudonyms(self._key, "PERSON", pids))])
        for name in (*self._datasets, PERSONS):
            (self._draft / name).mkdir()
        for heap in range(min(COARSE, count)):
            self._write(heap, count)
        shutil.rmtree(heaps)
        persons = tuple(file.rows for file in self._files[PERSONS])
        files = {name: tuple(self._files[name]) for name in self._datasets}
        manifest = _manifest(self._version, files, tuple(self._files[PERSONS]), persons)
        keys = {name: key.reveal().hex() for name, key in self._keys.items()}
        (self._draft / "keys.json").write_text(json.dumps(keys))
        (self._draft / "manifest.json").write_text(manifest.model_dump_json())

    def _deal(self, start: int, heaps: Path) -> None:
        blocks = range(start, min(start + BLOCKS_A_PART, self._nation.blocks))
        drawn = [self._nation.block(number, self._datasets) for number in blocks]
        for name in self._datasets:
            frame = pl.concat([one[name] for one in drawn])
            pids = frame["person"].cast(pl.UInt64).to_numpy() + np.uint64(1)
            pseudonyms = project_pseudonyms(self._key, "PERSON", pids)
            self._seen[frame["person"].to_numpy()] = True
            frame = frame.select(
                *(self._named(frame[link]) for link in links(name)),
                *variables(name),
                pl.Series(PSEUDONYM, pseudonyms, pl.UInt64),
                pl.Series(PID, pids, pl.UInt64),
            )
            self._rows[name] += frame.height
            for number, rows in enumerate(_dealt(frame, COARSE, range(COARSE))):
                place = heaps / f"{name}-{number}-{start}.parquet"
                rows.write_parquet(place, compression="lz4", statistics=False)
                self._parts.setdefault((name, number), []).append(place)

    def _named(self, others: pl.Series) -> pl.Series:
        """Pseudonyms of linked persons; nobody's where there is none."""
        pids = (others.fill_null(self._nation.persons).cast(pl.UInt64)).to_numpy() + np.uint64(1)
        words = project_pseudonyms(self._key, "PERSON", pids)
        return pl.Series(link_column(others.name), words, pl.UInt64)

    def _write(self, heap: int, count: int) -> None:
        """The buckets of a heap, or the one bucket of several heaps."""
        wide = max(1, COARSE // count)
        taken = {
            name: pl.concat(
                [
                    pl.read_parquet(place)
                    for number in range(heap * wide, (heap + 1) * wide)
                    for place in self._parts[name, number]
                ]
            )
            for name in self._datasets
        }
        narrow = max(1, count // COARSE)
        buckets = range(heap * narrow, (heap + 1) * narrow)
        dealt = {name: _dealt(frame, count, buckets) for name, frame in taken.items()}
        for place, bucket in enumerate(buckets):
            pieces = {name: pieces_of[place] for name, pieces_of in dealt.items()}
            persons = persons_of(list(pieces.values()))
            for name, frame in pieces.items():
                arranged, _ = resolved(arrange(frame, persons), links(name), self._people)
                self._store(name, bucket, arranged)
            people = pl.DataFrame({"pseudonym": persons}, schema={"pseudonym": pl.UInt64})
            self._store(PERSONS, bucket, people)

    def _store(self, dataset: str, bucket: int, frame: pl.DataFrame) -> None:
        name = f"{dataset}/bucket={bucket:02}.parquet"
        path = self._draft / name
        self._keys[name] = Secret(hashlib.sha256(self._key + name.encode()).digest())
        if self._encrypted:
            prefix = file_prefix(PROJECT, self._version, name)
            path.write_bytes(encrypt(frame, self._keys[name], prefix))
        else:
            frame.write_parquet(
                path, compression="zstd", compression_level=3, row_group_size=ROW_GROUP
            )
        size = path.stat().st_size
        part = FilePart(name=name, rows=frame.height, size=size, sha256="0" * 64)
        self._files[dataset].append(part)


def _dealt(frame: pl.DataFrame, count: int, wanted: range) -> list[pl.DataFrame]:
    """The rows of each of the wanted ones of `count` buckets."""
    bucket = bucket_of(frame[PSEUDONYM].to_numpy(), count, PID_BITS)
    order = np.argsort(bucket.astype(np.uint16), kind="stable")
    edges = np.searchsorted(bucket[order], [*wanted, wanted.stop])
    rows = frame[order]
    return [rows.slice(low, high - low) for low, high in pairwise(edges)]


def _manifest(
    version: str,
    files: dict[str, Any],
    person_files: tuple[FilePart, ...],
    persons: tuple[int, ...],
) -> ViewManifest:
    none = FilePart(name="none/bucket=00.parquet", rows=0, size=0, sha256="0" * 64)
    datasets = {}
    for name, parts in files.items():
        promised = contract(name)
        datasets[name] = DatasetPart(
            registry=promised.registry.id,
            version=promised.dataset.version,
            temporality=promised.dataset.temporality,
            label=dict(promised.dataset.label),
            rows=sum(part.rows for part in parts),
            columns={item.name: column_part(item) for item in promised.variables},
            links={
                item.name: LinkPart(label=dict(item.link or {}), unit=item.unit_type)
                for item in promised.links
            },
            files=parts or (none,),
        )
    return ViewManifest(
        project=PROJECT,
        version=version,
        persons=persons,
        person_files=person_files,
        datasets=datasets,
        keys="",
        report={},
    )


def _mark(words: Sequence[str]) -> str:
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:16]


if __name__ == "__main__":
    for sealed in (True, False):
        begun = time.perf_counter()
        made = folder_view(Path(sys.argv[1]), int(sys.argv[2]), encrypted=sealed)
        print(made.path, len(made.persons), "buckets", f"{time.perf_counter() - begun:.0f} s")
