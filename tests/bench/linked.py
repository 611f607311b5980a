"""Three linked registries of any size: a view of encrypted files, and the same in the clear."""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pseudonym.keyring import Secret
from pseudonym.store.parquet import encrypt, file_keys, scan
from tests.bench.million import HOME

COUNTIES = tuple(
    f"{code:02}" for code in (3, 11, 15, 18, 31, 32, 33, 34, 39, 40, 42, 46, 50, 55, 56)
)
DATASETS = ("population", "episode", "dispensing")
PLAIN = "plain"
TEXTS = {
    "main_dx": [
        f"{letter}{number:02}" for letter in "ABCDEFGHIJKLMNOPQRST" for number in range(100)
    ],
    "atc": [
        f"{letter}{number:02}{last}"
        for letter in "ABCDGHJLMNPRSV"
        for number in range(1, 20)
        for last in ("AA", "AB", "BA", "CA")
    ],
}
KEY = Secret(bytes(range(32)))
"""The files are made up: their key may be read here."""


def _column(
    kind: str, codes: Iterable[str] | None = None, *, missing: bool = False
) -> dict[str, Any]:
    return {
        "type": kind,
        "label": {"en": kind},
        "unit": "",
        "codes": None if codes is None else {code: {"en": code} for code in codes},
        "minimum": None,
        "maximum": None,
        "role": "attribute",
        "missing": missing,
    }


COLUMNS: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "population": {
        "birth_year": _column("integer"),
        "sex": _column("string", ("F", "M")),
        "county": _column("string", COUNTIES),
        "income": _column("float", missing=True),
    },
    "episode": {
        "in_date": _column("date"),
        "main_dx": _column("string"),
        "days": _column("integer"),
        "urgent": _column("boolean"),
    },
    "dispensing": {
        "date": _column("date"),
        "atc": _column("string"),
        "ddd": _column("float"),
        "packages": _column("integer"),
    },
}


@dataclass(frozen=True)
class Size:
    """Persons, episodes, dispensings; buckets as a view of that size has them."""

    persons: int
    episodes: int
    dispensings: int
    buckets: int

    @property
    def rows(self) -> int:
        return self.persons + self.episodes + self.dispensings

    @property
    def name(self) -> str:
        return f"{self.persons}-{self.episodes}-{self.dispensings}-{self.buckets}"


SMALL = Size(1_000_000, 5_000_000, 10_000_000, 8)
LARGE = Size(5_000_000, 25_000_000, 50_000_000, 32)


class LinkedView:
    """See workbench.engine.views.ProjectView; its files are made the first time it is opened."""

    project = "benchmark"

    def __init__(self, size: Size, home: Path = HOME) -> None:
        self.size = size
        self.version = f"linked-{size.name}"
        self.views = home / "linked"
        self.path = self.views / self.project / self.version
        if not (self.path / "rows.json").exists():
            shutil.rmtree(self.path, ignore_errors=True)
            _write(self)
        self._rows: dict[str, list[int]] = json.loads((self.path / "rows.json").read_text())

    @property
    def persons(self) -> tuple[int, ...]:
        return tuple(self._rows["population"])

    def rows(self, dataset: str, bucket: int) -> int:
        return self._rows[dataset][bucket]

    def name(self, dataset: str, bucket: int) -> str:
        return f"{dataset}/bucket={bucket:03}.parquet"

    def scan(self, dataset: str, bucket: int) -> pl.LazyFrame:
        name = self.name(dataset, bucket)
        keys = file_keys(KEY.child(name), ["_person", "_sequence", *COLUMNS[dataset]])
        return scan(self.path / name, keys, name).set_sorted("_person")

    def decryption(self, dataset: str, bucket: int) -> tuple[Path, Any]:
        """A file, and how polars alone opens it."""
        name = self.name(dataset, bucket)
        keys = file_keys(KEY.child(name), ["_person", *COLUMNS[dataset]])
        return self.path / name, keys.decryption(name)

    def opening(self, dataset: str, bucket: int, columns: Iterable[str]) -> dict[str, Any]:
        name = self.name(dataset, bucket)
        keys = file_keys(KEY.child(name), ["_person", *columns])
        return {
            "file": name,
            "footer_key": keys.footer.reveal().hex(),
            "aad_prefix": name,
            "column_keys": {one: key.reveal().hex() for one, key in keys.columns.items()},
        }

    def pseudonyms(self, bucket: int) -> pl.Series:
        start = sum(self.persons[:bucket])
        return pl.Series(np.arange(start, start + self.persons[bucket], dtype=np.uint64))

    def describe(self) -> dict[str, Any]:
        return {
            "project": self.project,
            "version": self.version,
            "persons": sum(self.persons),
            "datasets": {
                name: {
                    "registry": "bench",
                    "version": "1.0.0",
                    "temporality": "FIXED" if name == "population" else "EVENT",
                    "kind": "person" if name == "population" else "event",
                    "label": {"en": name},
                    "columns": {key: dict(one) for key, one in columns.items()},
                }
                for name, columns in COLUMNS.items()
            },
        }

    def sealed_keys(self, *_arguments: Any) -> dict[str, Any]:
        return {}

    def plain(self, dataset: str) -> str:
        """A glob of the same rows unencrypted, `person` unique over all buckets."""
        return str(self.path / PLAIN / dataset / "*.parquet")


def _write(view: LinkedView) -> None:
    size, rows = view.size, {name: [] for name in DATASETS}
    for name in DATASETS:
        (view.path / name).mkdir(parents=True)
        (view.path / PLAIN / name).mkdir(parents=True)
    for bucket in range(size.buckets):
        frames = _bucket(size, bucket)
        before = sum(rows["population"])
        for name, frame in frames.items():
            file = view.name(name, bucket)
            (view.path / file).write_bytes(encrypt(frame, KEY.child(file), file))
            whole = frame.with_columns(person=pl.col("_person") + before).drop(
                "_person", "_sequence"
            )
            whole.write_parquet(view.path / PLAIN / file, compression="zstd", compression_level=3)
            rows[name].append(frame.height)
    (view.path / "rows.json").write_text(json.dumps(rows))


def _bucket(size: Size, bucket: int) -> dict[str, pl.DataFrame]:
    dice = np.random.default_rng([size.persons, bucket])
    persons = size.persons // size.buckets
    day = (date(2009, 1, 1) - date(1970, 1, 1)).days

    def events(count: int) -> dict[str, Any]:
        # Few persons have most of the rows, as in a registry of health.
        weight = dice.gamma(0.6, size=persons)
        owner = np.sort(dice.choice(persons, count, p=weight / weight.sum())).astype(np.uint32)
        first = np.r_[0, np.flatnonzero(np.diff(owner)) + 1]
        sequence = np.arange(count) - np.repeat(first, np.diff(np.r_[first, count]))
        return {"_person": owner, "_sequence": sequence.astype(np.uint32)}

    def drawn(name: str, count: int) -> pl.Series:
        codes = TEXTS[name]
        weight = 0.997 ** np.arange(len(codes))
        order = np.random.default_rng(7).permutation(len(codes))
        return pl.Series(codes)[order[dice.choice(len(codes), count, p=weight / weight.sum())]]

    episodes, dispensings = size.episodes // size.buckets, size.dispensings // size.buckets
    income = pl.Series(dice.lognormal(13, 0.5, persons).round(0))
    return {
        "population": pl.DataFrame(
            {
                "_person": np.arange(persons, dtype=np.uint32),
                "_sequence": np.zeros(persons, dtype=np.uint32),
                "birth_year": dice.integers(1920, 2009, persons),
                "sex": pl.Series(("F", "M"))[dice.integers(0, 2, persons)],
                "county": pl.Series(COUNTIES)[dice.integers(0, len(COUNTIES), persons)],
                "income": income.set(pl.Series(dice.random(persons) < 0.05), None),
            }
        ),
        "episode": pl.DataFrame(
            events(episodes)
            | {
                "in_date": pl.Series(day + dice.integers(0, 5000, episodes))
                .cast(pl.Int32)
                .cast(pl.Date),
                "main_dx": drawn("main_dx", episodes),
                "days": dice.poisson(3, episodes),
                "urgent": dice.random(episodes) < 0.4,
            }
        ),
        "dispensing": pl.DataFrame(
            events(dispensings)
            | {
                "date": pl.Series(day + dice.integers(0, 5000, dispensings))
                .cast(pl.Int32)
                .cast(pl.Date),
                "atc": drawn("atc", dispensings),
                "ddd": dice.integers(1, 400, dispensings) / 2,
                "packages": dice.integers(1, 4, dispensings),
            }
        ),
    }
