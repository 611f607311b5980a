"""From columns of identifiers to base pseudonyms: who links by what, and who never links."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pseudonym.contract.identifier import Identifier
from pseudonym.contract.model import Contract
from pseudonym.contract.phases import identity
from pseudonym.contract.phases.rows import ROW
from pseudonym.contract.report import Flag
from pseudonym.identifiers import Kind
from pseudonym.vault.persons import Persons
from pseudonym.wire import HELD

__all__ = ["Numbered", "number"]

INVALID: Final = "INVALID"


@dataclass(frozen=True, repr=False)
class Numbered:
    """frame: `_row` (UInt32), one UInt64 column an identifier, `_held` (Boolean: quarantine).

    classes: rows kept, by class of each identifier. flags: what the validation found.
    """

    frame: pl.DataFrame
    classes: dict[str, dict[str, int]]
    flags: list[Flag]


def number(ids: pl.DataFrame, contract: Contract, kind: Kind, persons: Persons) -> Numbered:
    """Number the identity part of a pack (`_row` and the identifiers' columns, String).

    When a finding stops the load, nobody is added to the book and every number is 0.
    """
    checked = [
        identity.check(_column(ids, identifier), identifier, kind, ids[ROW])
        for identifier in contract.identifiers
    ]
    flags = [item for found, _ in checked for item in found]
    rows = [item.rows for item in flags if item.finding.severity == "quarantine"]
    held = ids[ROW].is_in(pl.concat(rows).implode()) if rows else _all(len(ids), value=False)
    stopped = any(item.finding.severity == "stop" for item in flags)
    columns = [ids[ROW]]
    classes = {}
    for identifier, (_, found) in zip(contract.identifiers, checked, strict=True):
        if stopped:
            pids = np.zeros(len(ids), np.uint64)
        else:
            places = _places(found, identifier, contract).set(held | ~found["valid"], None)
            pids = _numbers(_column(ids, identifier), places, persons)
        columns.append(pl.Series(identifier.name, pids, pl.UInt64))
        classes[identifier.name] = _count(found.filter(~held))
    return Numbered(pl.DataFrame([*columns, held.alias(HELD)]), classes, flags)


def _column(ids: pl.DataFrame, identifier: Identifier) -> pl.Series:
    """The identifier's column; all null where each row is a person of its own."""
    if identifier.column is None:
        return pl.repeat(None, len(ids), dtype=pl.String, eager=True)
    return ids[identifier.name]


def _places(found: pl.DataFrame, identifier: Identifier, contract: Contract) -> pl.Series:
    """In which series of numbers each id is one person's; null where ids do not link at all."""
    unit = identifier.unit_type
    kind = pl.col("class").cast(pl.String)
    place = (
        pl.when(kind.is_in(["FNR", "DNR", "FHN"]))
        .then(pl.lit(f"{unit}/national"))  # one series: the three never share a number
        .when(kind == "HNR")
        .then(pl.lit(f"{unit}/HNR/{contract.registry.id}"))  # an H-number is its issuer's own
        .when(kind == "LOCAL")
        .then(pl.lit(f"{unit}/LOCAL/{contract.namespace(identifier)}"))
    )
    return found.select(place.alias("place")).to_series()


def _numbers(ids: pl.Series, places: pl.Series, persons: Persons) -> NDArray[np.uint64]:
    """Linking ids get their person's number, all others one that is never found again."""
    pids = np.empty(len(ids), np.uint64)
    pids[places.is_null().to_numpy()] = persons.once(places.null_count())
    for place in places.drop_nulls().unique(maintain_order=True):
        rows = (places == place).fill_null(value=False)
        pids[rows.to_numpy()] = persons.of(place, ids.filter(rows))
    return pids


def _count(kept: pl.DataFrame) -> dict[str, int]:
    named = pl.when("valid").then(pl.col("class").cast(pl.String)).otherwise(pl.lit(INVALID))
    counts = kept.select(named.alias("class")).group_by("class").len().sort("class")
    return {str(name): int(count) for name, count in counts.rows()}


def _all(rows: int, *, value: bool) -> pl.Series:
    return pl.repeat(value, rows, dtype=pl.Boolean, eager=True)
