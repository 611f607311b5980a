"""Build a project's view: permit × dataset versions × columns × the project's own key.

Bucket by bucket, in bounded memory. The view's version is a hash of what went into it, so an
unchanged permit finds its view again; the project's key stays through amendments, so pseudonyms do.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pseudonym.contract.identifier import Identifier
from pseudonym.contract.model import Contract
from pseudonym.durable import disk_refusals, draft_folder, settle, sweep, write_file
from pseudonym.errors import Refusal
from pseudonym.keyring import Secret
from pseudonym.linkage import Linkage, for_researcher
from pseudonym.links import People, link_column, named, resolved
from pseudonym.prf import unit_numbers
from pseudonym.project_keys import project_key
from pseudonym.rebucket import Spool, arrange, bucket_count, persons_of
from pseudonym.store.buckets import Place, read_buckets, rid_columns, rids
from pseudonym.store.manifest import Manifest, bucket_name
from pseudonym.store.parquet import encrypt
from pseudonym.store.versions import Shelf
from pseudonym.synthetic import make_twin
from pseudonym.view import describe
from pseudonym.view_manifest import (
    PERSONS,
    DatasetPart,
    FilePart,
    LinkPart,
    ViewManifest,
    column_part,
    file_prefix,
    read_view_manifest,
    seal_keys,
    sign_view_manifest,
)
from pseudonym.wire import Build, DatasetOrder

__all__ = ["Built", "ViewBuilder"]


@dataclass(frozen=True)
class Built:
    """version and path of the view; report: linkage as the researcher may see it."""

    version: str
    path: Path
    report: dict[str, Any]
    reused: bool


@dataclass(frozen=True)
class _Source:
    place: Place
    manifest: Manifest
    contract: Contract
    columns: list[str]
    links: tuple[Identifier, ...] = ()

    @property
    def person(self) -> str:
        return self.contract.person.name


class ViewBuilder:
    """Builds views from the store's shelf for one engine."""

    def __init__(self, zone: Path, shelf: Shelf, views: Path, engine: bytes) -> None:
        self._zone = zone
        self._shelf = shelf
        self._views = views
        self._engine = engine

    def build(self, order: Build) -> Built:
        """Build the project's view, or find it again.

        Raises Refusal("unknown_dataset", "not_published", "unknown_variable", "not_persons",
        "tampered", "disk_full" …); nothing is left behind then.
        """
        sources = self._sources(order)
        key = project_key(self._zone, order.project, self._shelf.keyring)
        version = _version(order.project, key.id, sources)
        place = self._views / order.project / version
        signer = self._shelf.keyring.verify_key
        if place.exists():
            found = read_view_manifest(place, signer)
            return Built(version, place, found.report, reused=True)
        with disk_refusals("the view"), draft_folder(self._views / order.project) as draft:
            making = _Making(order.project, version, sources, draft)
            making.spool(self._shelf, key.key)
            making.enumerate()
            for bucket in range(making.count):
                making.write(bucket)
            full = making.linkage.full(making.rows, _classes(sources), making.linked)
            manifest = making.manifest(for_researcher(full), self._engine)
            content = sign_view_manifest(manifest, self._shelf.keyring)
            write_file(draft / "manifest.json", content)
            _write_twin(draft / "twin", manifest, sources)
            self._keep_report(order.project, version, full)
            _finish(draft)
            settle(draft, place)
        return Built(version, place, manifest.report, reused=False)

    def sweep(self) -> int:
        """Remove what a killed build left half-made."""
        return sweep(self._views)

    def _sources(self, order: Build) -> list[_Source]:
        names = [item.dataset for item in order.datasets]
        if len(set(names)) < len(names):
            raise Refusal(
                "dataset_twice",
                "The permit names a dataset twice.",
                "Write all its variables under one entry.",
            )
        return [self._source(item) for item in sorted(order.datasets, key=lambda one: one.dataset)]

    def _source(self, order: DatasetOrder) -> _Source:
        version, manifest = self._shelf.published(order.dataset, order.version)
        contract = manifest.read_contract()
        known = [item.name for item in contract.variables]
        links = tuple(item for item in contract.links if item.name in order.variables)
        unknown = sorted(set(order.variables) - {*known, *(item.name for item in links)})
        if unknown:
            raise Refusal(
                "unknown_variable",
                f"{order.dataset} {version} has no variable named {', '.join(unknown[:5])}.",
                "Correct the permit; the contract names the variables.",
            )
        if contract.person.unit_type != "PERSON":
            raise Refusal(
                "not_persons",
                f"The rows of {order.dataset} are not about persons.",
                "A view links persons; let the contract's first identifier be the person.",
            )
        wanted = [name for name in known if name in order.variables]
        place = Place(contract.registry.id, order.dataset, version)
        return _Source(place, manifest, contract, wanted, links)

    def _keep_report(self, project: str, version: str, full: dict[str, Any]) -> None:
        folder = self._zone / "linkage"
        folder.mkdir(mode=0o700, exist_ok=True)
        write_file(folder / f"{project}-{version}.json", json.dumps(full, indent=1).encode())


class _Making:
    """A view under way: its parts, its keys, its counts."""

    def __init__(self, project: str, version: str, sources: Sequence[_Source], draft: Path) -> None:
        self._project = project
        self._version = version
        self._sources = sources
        self._draft = draft
        self.count = bucket_count(max(source.manifest.rows for source in sources))
        self.linkage = Linkage([source.place.dataset for source in sources])
        self.rows = {source.place.dataset: 0 for source in sources}
        self.linked: dict[str, Counter[str]] = {
            source.place.dataset: Counter() for source in sources if source.links
        }
        self._people: People | None = None
        self._files: dict[str, list[FilePart]] = {source.place.dataset: [] for source in sources}
        self._person_files: list[FilePart] = []
        self._keys: dict[str, Secret] = {}
        self._spool: Spool | None = None
        for name in (*self._files, PERSONS):
            (draft / name).mkdir(mode=0o700)

    def spool(self, shelf: Shelf, key: Secret) -> None:
        """Pass every row once from the store's buckets to the parts of the view's."""
        self._spool = Spool(self._draft / "spool", self.count, key)
        for source in self._sources:
            keys = shelf.keys(source.place.registry)
            folder = shelf.folder(source.place.dataset, source.place.version)
            columns = [*source.columns, *rid_columns(source.person)]
            columns += [name for link in source.links for name in rid_columns(link.name)]
            secret = keys.pseudonyms.reveal()
            for frame in read_buckets(folder, source.place, source.manifest, keys, columns):
                pids = unit_numbers(secret, "PERSON", rids(frame, source.person))
                others = named(frame, source.links, secret, key.reveal())
                rows = pl.concat([others, frame.select(source.columns)], how="horizontal")
                self._spool.add(source.place.dataset, rows, pids)

    def enumerate(self) -> None:
        """Count everybody through all buckets, where a link will need to say who is meant."""
        if self._spool is None:
            raise RuntimeError("spool first")
        if self.linked:
            names = [source.place.dataset for source in self._sources]
            self._people = People(
                [
                    persons_of([self._spool.persons(name, bucket) for name in names])
                    for bucket in range(self.count)
                ]
            )

    def write(self, bucket: int) -> None:
        """Put one bucket of all datasets together and write its files."""
        if self._spool is None:
            raise RuntimeError("spool first")
        names = [source.place.dataset for source in self._sources]
        frames = [self._spool.take(name, bucket) for name in names]
        persons = persons_of(frames)
        present = np.zeros((len(persons), len(names)), np.bool_)
        for place, (name, frame) in enumerate(zip(names, frames, strict=True)):
            arranged = arrange(frame, persons)
            if self._people is not None and name in self.linked:
                links = [link.name for link in self._sources[place].links]
                arranged, counts = resolved(arranged, links, self._people)
                self.linked[name].update(counts)
            present[arranged["_person"].unique().to_numpy(), place] = True
            self.rows[name] += len(arranged)
            self._files[name].append(self._write(f"{name}/{bucket_name(bucket)}", arranged))
        self.linkage.add(present)
        people = pl.DataFrame({"pseudonym": persons}, schema={"pseudonym": pl.UInt64})
        self._person_files.append(self._write(f"{PERSONS}/{bucket_name(bucket)}", people))

    def manifest(self, report: dict[str, Any], engine: bytes) -> ViewManifest:
        """The manifest of what was written; the parts are used up by now."""
        (self._draft / "spool").rmdir()
        return ViewManifest(
            project=self._project,
            version=self._version,
            persons=tuple(file.rows for file in self._person_files),
            person_files=tuple(self._person_files),
            datasets={source.place.dataset: self._part(source) for source in self._sources},
            keys=seal_keys(self._keys, self._project, self._version, engine),
            report=report,
        )

    def _part(self, source: _Source) -> DatasetPart:
        name, contract = source.place.dataset, source.contract
        return DatasetPart(
            registry=source.place.registry,
            version=source.place.version,
            temporality=contract.dataset.temporality,
            label=dict(contract.dataset.label),
            rows=self.rows[name],
            columns={
                item.name: column_part(item)
                for item in contract.variables
                if item.name in source.columns
            },
            links={
                item.name: LinkPart(label=dict(item.link or {}), unit=item.unit_type)
                for item in source.links
            },
            files=tuple(self._files[name]),
        )

    def _write(self, name: str, frame: pl.DataFrame) -> FilePart:
        self._keys[name] = Secret.random()
        prefix = file_prefix(self._project, self._version, name)
        content = encrypt(frame, self._keys[name], prefix)
        write_file(self._draft / name, content)
        sha256 = hashlib.sha256(content).hexdigest()
        return FilePart(name=name, rows=len(frame), size=len(content), sha256=sha256)


def _version(project: str, key: str, sources: Sequence[_Source]) -> str:
    """What went in, hashed: project, its key, dataset versions by content, columns."""
    recipe: list[Any] = ["view 1", project, key]
    for source in sources:
        columns = [*source.columns, *(link_column(link.name) for link in source.links)]
        recipe.append([source.place.dataset, source.manifest.load, columns])
    return hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:16]


def _classes(sources: Sequence[_Source]) -> dict[str, dict[str, int]]:
    return {
        source.place.dataset: next(
            item.classes for item in source.manifest.identifiers if item.name == source.person
        )
        for source in sources
    }


def _write_twin(folder: Path, manifest: ViewManifest, sources: Sequence[_Source]) -> None:
    folder.mkdir()
    contracts = {source.place.dataset: source.contract for source in sources}
    columns = {source.place.dataset: source.columns for source in sources}
    links = {source.place.dataset: [item.name for item in source.links] for source in sources}
    for name, frame in make_twin(contracts, columns, manifest.version, links=links).items():
        frame.write_parquet(folder / f"{name}.parquet", compression="zstd")
    schema = json.dumps(describe(manifest), ensure_ascii=False, indent=1)
    write_file(folder / "view.json", schema.encode())


def _finish(folder: Path) -> None:
    """One time stamp and one mode for all files of all views.

    When a view was written must align no two of them. Everything in it is encrypted or synthetic,
    and a kernel of another account reads it through its mount; the zone above stays closed.
    """
    for place, _, names in os.walk(folder):
        Path(place).chmod(0o755)
        for name in names:
            (Path(place) / name).chmod(0o644)
            os.utime(Path(place) / name, (0, 0))
