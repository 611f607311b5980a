"""Contracts and extracts of a small made-up registry, and tables drawn in tests."""

import copy
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pseudonym import sealing
from pseudonym.contract.model import Contract
from pseudonym.contract.report import Finding, Report
from pseudonym.extract.checking import check_extract
from pseudonym.identifiers import control_digits

BASE: Mapping[str, Any] = {
    "registry": {"id": "clinic", "name": {"nb": "Klinikk", "en": "Clinic"}, "publisher": "Clinic"},
    "dataset": {
        "id": "visit",
        "version": "1.0.0",
        "label": {"nb": "Besøk", "en": "Visits"},
        "temporalityType": "EVENT",
        "validFrom": "2000-01-01",
        "primaryKey": ["person", "arrived"],
    },
    "file": {"format": "csv", "delimiter": ";", "decimal": ","},
    "identifier": [{"name": "person", "column": "fnr", "idType": ["FNR", "DNR"]}],
    "variable": [
        {"name": "arrived", "label": {"nb": "Inn"}, "dataType": "DATE", "role": "start"},
        {"name": "left", "label": {"nb": "Ut"}, "dataType": "DATE", "role": "stop"},
        {
            "name": "sex",
            "column": "Kjønn",
            "label": {"nb": "Kjønn"},
            "dataType": "STRING",
            "valueDomain": {
                "codeList": ["sex"],
                "codes": [
                    {"code": "K", "label": {"nb": "Kvinne"}},
                    {"code": "M", "label": {"nb": "Mann"}},
                ],
            },
            "missing": {"allowed": False},
        },
        {
            "name": "ward",
            "label": {"nb": "Avdeling"},
            "dataType": "STRING",
            "valueDomain": {
                "codeList": ["ward"],
                "validAt": "arrived",
                "codes": [
                    {"code": "med", "label": {"nb": "Medisin"}},
                    {"code": "old", "label": {"nb": "Gammel"}, "validUntil": "2009-12-31"},
                    {"code": "new", "label": {"nb": "Ny"}, "validFrom": "2010-01-01"},
                ],
            },
        },
        {
            "name": "weight",
            "label": {"nb": "Vekt"},
            "dataType": "DOUBLE",
            "unit": "kg",
            "valueDomain": {"min": 1, "max": 140},
            "missing": {"codes": ["999"]},
        },
        {
            "name": "height",
            "label": {"nb": "Høyde"},
            "dataType": "LONG",
            "rules": ["height > weight"],
        },
        {"name": "smoker", "label": {"nb": "Røyker"}, "dataType": "BOOLEAN"},
        {"name": "note", "label": {"nb": "Notat"}, "dataType": "STRING"},
    ],
    "load": {"quarantine": {"maxRate": 0.5}},
}
HEADERS = ("fnr", "arrived", "left", "Kjønn", "ward", "weight", "height", "smoker", "note")


def a_contract(**changes: Mapping[str, Any]) -> Contract:
    """The base contract; keywords dataset, file, load update a table, others replace it."""
    raw: dict[str, Any] = copy.deepcopy(dict(BASE))
    for name, change in changes.items():
        raw[name] = {**raw[name], **change} if isinstance(raw.get(name), dict) else change
    return Contract.from_json(raw)


def numbers(count: int, *, month: int = 80, day: int = 0, seed: int = 3) -> list[str]:
    """Distinct identity numbers; month 80 is synthetic, 0 real; day 40 makes D-numbers."""
    dice = np.random.default_rng(seed)
    stems = (
        (dice.integers(1, 29, 4 * count + 50) + day) * 10**7
        + (dice.integers(1, 13, 4 * count + 50) + month) * 10**5
        + dice.integers(0, 10**5, 4 * count + 50)
    )
    made, exist = control_digits(np.unique(stems))
    good = dice.permutation(made[exist])[:count]
    return [f"{number:011d}" for number in good]


def clean(count: int = 100, *, ids: list[str] | None = None, seed: int = 5) -> pl.DataFrame:
    """Rows that keep the base contract, as texts by header."""
    dice = np.random.default_rng(seed)
    ids = ids or numbers(count, seed=seed)
    arrived = [f"20{year:02d}-{month:02d}-{day:02d}" for year, month, day in zip(
        dice.integers(10, 20, count), dice.integers(1, 13, count), dice.integers(1, 29, count),
        strict=True)]  # fmt: skip
    return pl.DataFrame(
        {
            "fnr": ids,
            "arrived": arrived,
            "left": [day if place % 3 else "" for place, day in enumerate(arrived)],
            "Kjønn": dice.choice(["K", "M"], count),
            "ward": dice.choice(["med", "new", ""], count),
            "weight": [f"{value:.1f}".replace(".", ",") for value in dice.normal(70, 5, count)],
            "height": dice.integers(150, 200, count).astype(str),
            "smoker": dice.choice(["true", "false", "1", "0", ""], count),
            "note": [f"tekst nummer {place}" for place in range(count)],
        }
    )


def put(frame: pl.DataFrame, row: int, header: str, value: str) -> pl.DataFrame:
    """The frame with one cell changed; row counts from 1."""
    values = frame[header].to_list()
    values[row - 1] = value
    return frame.with_columns(pl.Series(header, values, dtype=pl.String))


def text(frame: pl.DataFrame, delimiter: str = ";") -> bytes:
    """CSV bytes in UTF-8."""
    buffer = io.BytesIO()
    frame.write_csv(buffer, separator=delimiter)
    return buffer.getvalue()


def checked(
    folder: Path, content: pl.DataFrame | bytes, contract: Contract | None = None, **options: Any
) -> Report:
    """The report on a frame or on raw bytes, through a real file."""
    file = folder / "extract"
    file.write_bytes(text(content) if isinstance(content, pl.DataFrame) else content)
    return check_extract(file, contract or a_contract(), options.pop("kind", "demo"), **options)


def found(report: Report, rule: str) -> Finding:
    """The one finding of a rule."""
    (finding,) = (item for item in report.findings if item.rule == rule)
    return finding


def drawn(table: str) -> pl.DataFrame:
    """A table drawn with | between columns; . is an empty cell."""
    lines = [line.strip() for line in table.strip().splitlines()]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    cells = [["" if cell == "." else cell for cell in row] for row in rows[1:]]
    return pl.DataFrame(cells, schema=dict.fromkeys(rows[0], pl.String), orient="row")


class Platform:
    """The keys of an instance: the public card, and what vault and store unseal with."""

    def __init__(self, instance: str = "0123456789abcdef", kind: str = "demo") -> None:
        self.vault, vault_public = sealing.generate()
        self.store, store_public = sealing.generate()
        self.card: dict[str, Any] = {
            "instance": instance,
            "kind": kind,
            "vault": vault_public.hex(),
            "store": store_public.hex(),
            "engine": store_public.hex(),
        }

    def as_vault(self, blob: bytes, context: bytes) -> bytes:
        """Unseal with the vault's key."""
        return sealing.unseal(self.vault, blob, context)

    def as_store(self, blob: bytes, context: bytes) -> bytes:
        """Unseal with the store's key."""
        return sealing.unseal(self.store, blob, context)
