"""Read a project's view: permitted columns only, in buckets of whole persons.

    views/<project>/<version>/manifest.json
                             /<dataset>/bucket=NN.parquet   _person, _sequence, permitted columns
                             /_persons/bucket=NN.parquet    pseudonym, for the engine alone
                             /twin/<dataset>.parquet, twin/view.json   synthetic, plain

`_person` (UInt32) counts the persons of a bucket from 0 in the order of their pseudonym and means
the same person in every dataset of the view; rows are sorted by it. `_sequence` (UInt32) numbers
a person's rows of a dataset from 0 in random order: `_sequence < 3` is a random three of each.
`_link_<name>` (UInt32), where the permit opens a link, is the person whom a row names, counted
through all buckets; see pseudonym.links.

Sealed keys (`View.sealed_keys(permitted)`, JSON) let code that has nothing but polars and the
mounted folder read what is permitted of the view:

    {"v": 1, "project": "…", "version": "…", "persons": [1, …],
     "datasets": {"<dataset>": [{"file": "<dataset>/bucket=00.parquet", "rows": 1,
                                 "footer_key": "<hex>", "aad_prefix": "view/…",
                                 "column_keys": {"<column>": "<hex>"}}]}}

    decryption = polars.ParquetDecryptionProperties(
        footer_key=bytes.fromhex(part["footer_key"]),
        column_keys={name: bytes.fromhex(key) for name, key in part["column_keys"].items()},
        aad_prefix=part["aad_prefix"].encode(),
    )
    frame = polars.scan_parquet(folder / part["file"], decryption=decryption, glob=False)
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pseudonym.card import load_card
from pseudonym.errors import Refusal
from pseudonym.keyring import Secret
from pseudonym.links import link_column
from pseudonym.store.parquet import FileKeys, collect, file_keys, scan
from pseudonym.view_manifest import (
    ColumnPart,
    DatasetPart,
    FilePart,
    ViewManifest,
    file_prefix,
    open_keys,
    read_view_manifest,
)

__all__ = ["View", "ViewColumn", "ViewDataset", "describe", "open_view"]

KEYS = ("_person", "_sequence")


@dataclass(frozen=True)
class ViewColumn:
    """type: string, integer, float, date or boolean. Date bounds are written YYYY-MM-DD.

    missing: whether the contract lets a value be missing.
    """

    name: str
    type: str
    label: Mapping[str, str]
    unit: str
    codes: tuple[tuple[str, Mapping[str, str]], ...]
    minimum: int | float | str | None
    maximum: int | float | str | None
    role: str
    missing: bool


@dataclass(frozen=True)
class ViewDataset:
    """A dataset of the view, with the columns that the permit opens."""

    name: str
    registry: str
    version: str
    temporality: str
    rows: int
    columns: tuple[ViewColumn, ...]
    links: tuple[str, ...] = ()


class View:
    """An opened view. It holds keys: it neither prints nor pickles them."""

    def __init__(self, path: Path, manifest: ViewManifest, keys: Mapping[str, Secret]) -> None:
        self.path = path
        self._manifest = manifest
        self._keys = keys
        self.datasets: Mapping[str, ViewDataset] = {
            name: _dataset(name, part) for name, part in manifest.datasets.items()
        }

    @property
    def project(self) -> str:
        """The project it was built for."""
        return self._manifest.project

    @property
    def version(self) -> str:
        """16 hex digits; the same permit, data and key give the same version."""
        return self._manifest.version

    @property
    def persons(self) -> tuple[int, ...]:
        """How many persons are in each bucket."""
        return self._manifest.persons

    @property
    def report(self) -> Mapping[str, Any]:
        """The linkage report as the researcher may see it."""
        return self._manifest.report

    def scan(self, dataset: str, bucket: int) -> pl.LazyFrame:
        """`_person`, `_sequence`, links and permitted columns of one bucket, sorted by person.

        Raises Refusal("tampered") when the footer does not open; what is found broken later,
        while polars reads, is a polars error whose text must not go on to anybody.
        """
        part = self._manifest.datasets[dataset]
        file = part.files[bucket]
        keys = self._file_keys(file, part)
        return scan(self.path / file.name, keys, self._prefix(file)).set_sorted("_person")

    def rows(self, dataset: str, bucket: int) -> int:
        """How many rows of a dataset a bucket holds."""
        return self._manifest.datasets[dataset].files[bucket].rows

    def pseudonyms(self, bucket: int) -> pl.Series:
        """The project pseudonyms of a bucket (UInt64, ascending): row i is `_person` i."""
        file = self._manifest.person_files[bucket]
        path = self.path / file.name
        keys = file_keys(self._keys[file.name], ["pseudonym"])
        return collect(scan(path, keys, self._prefix(file)), path)["pseudonym"]

    def describe(self) -> dict[str, Any]:
        """The schema as JSON, for plans and kernels: names, types, labels, codes; no data."""
        return describe(self._manifest)

    def sealed_keys(self, permitted: Mapping[str, Collection[str]]) -> dict[str, Any]:
        """What a sealed run needs to read the mounted view; see the module's docstring.

        permitted: the permit as it stands, dataset -> variables and links. A view may hold more
        than that (the permit was amended): for those columns no key is made.
        """
        return {
            "v": 1,
            "project": self.project,
            "version": self.version,
            "persons": list(self.persons),
            "datasets": {
                name: [self._sealed(file, part, permitted[name]) for file in part.files]
                for name, part in self._manifest.datasets.items()
                if name in permitted
            },
        }

    def opening(self, dataset: str, bucket: int, columns: Iterable[str]) -> dict[str, Any]:
        """As a part of `sealed_keys`, with the keys of some columns and of `_person` only."""
        part = self._manifest.datasets[dataset]
        file = part.files[bucket]
        keys = file_keys(self._keys[file.name], ["_person", *columns])
        return _opening(file.name, keys, self._prefix(file))

    def __repr__(self) -> str:
        return f"View({self.project}, {self.version})"

    def _sealed(
        self, file: FilePart, part: DatasetPart, variables: Collection[str]
    ) -> dict[str, Any]:
        links = [link_column(name) for name in part.links if name in variables]
        opened = [name for name in part.columns if name in variables]
        keys = file_keys(self._keys[file.name], [*KEYS, *links, *opened])
        return _opening(file.name, keys, self._prefix(file)) | {"rows": file.rows}

    def _file_keys(self, file: FilePart, part: DatasetPart) -> FileKeys:
        links = [link_column(name) for name in part.links]
        return file_keys(self._keys[file.name], [*KEYS, *links, *part.columns])

    def _prefix(self, file: FilePart) -> str:
        return file_prefix(self.project, self.version, file.name)


def open_view(
    path: Path, unseal: Callable[[bytes, bytes], bytes], *, signer: bytes | None = None
) -> View:
    """Open `views/<project>/<version>` with the engine's `unseal(blob, context)`.

    `signer` is the store's Ed25519 public key; by default the one on the instance's card, three
    folders up. Raises Refusal("no_view", "tampered" …).
    """
    path = path.resolve()
    if signer is None:
        signer = bytes.fromhex(load_card(path.parents[2] / "card.json").signers["store"])
    manifest = read_view_manifest(path, signer)
    keys = open_keys(manifest, unseal)
    named = {file.name for part in manifest.datasets.values() for file in part.files}
    named |= {file.name for file in manifest.person_files}
    if named != keys.keys() or not all((path / name).is_file() for name in named):
        raise Refusal(
            "tampered",
            f"Files of the view of {manifest.project} are missing.",
            "Remove its folder and build the view again.",
        )
    return View(path, manifest, keys)


def describe(manifest: ViewManifest) -> dict[str, Any]:
    """`View.describe()` of a manifest."""
    return {
        "project": manifest.project,
        "version": manifest.version,
        "persons": sum(manifest.persons),
        "datasets": {
            name: {
                "registry": part.registry,
                "version": part.version,
                "temporality": part.temporality,
                "kind": "person" if part.temporality == "FIXED" else "event",
                "label": part.label,
                "columns": {key: column.model_dump() for key, column in part.columns.items()},
                "links": {key: link.model_dump() for key, link in part.links.items()},
            }
            for name, part in manifest.datasets.items()
        },
    }


def _opening(file: str, keys: FileKeys, prefix: str) -> dict[str, Any]:
    return {
        "file": file,
        "footer_key": keys.footer.reveal().hex(),
        "aad_prefix": prefix,
        "column_keys": {name: key.reveal().hex() for name, key in keys.columns.items()},
    }


def _dataset(name: str, part: DatasetPart) -> ViewDataset:
    columns = tuple(_column(key, column) for key, column in part.columns.items())
    return ViewDataset(
        name, part.registry, part.version, part.temporality, part.rows, columns, tuple(part.links)
    )


def _column(name: str, part: ColumnPart) -> ViewColumn:
    codes = tuple((part.codes or {}).items())
    return ViewColumn(
        name,
        part.type,
        part.label,
        part.unit,
        codes,
        part.minimum,
        part.maximum,
        part.role,
        part.missing,
    )
