"""The synthetic twin: rows made up from what a contract says, and from nothing else.

Same columns, types, codes and keys as the view; persons join across datasets, and as in any linkage
a few are missing from each; rows keep the contract's rules, primary key and the validity of codes.
The same seed gives the same twin. Its distributions are invented: it is for writing code that will
run on the view, not for learning anything.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pseudonym.contract.model import Contract
from pseudonym.contract.rules import parse_rule
from pseudonym.contract.variable import Variable
from pseudonym.links import link_column

__all__ = ["PERSONS", "make_twin"]

PERSONS: Final = 1000
TYPES: Final[Mapping[str, pl.DataType]] = {
    "STRING": pl.String(),
    "LONG": pl.Int64(),
    "DOUBLE": pl.Float64(),
    "DATE": pl.Date(),
    "BOOLEAN": pl.Boolean(),
}
_ABSENT = 0.15  # of all persons, in a dataset of events
_MISSING = 0.08  # of all values, where the contract allows it
_EVENTS = 4.0  # a person's, on average
_UNLINKED = 0.02  # of all persons, in a dataset of persons, where there is another dataset
_WORDS = (
    *(f"text {number}" for number in range(1, 15)),
    'Text with, a comma; and "quotes"',
    "blåbærsyltetøy",
    "two\nlines",
    "  spaces  ",
    "12,5",
    "UPPER lower",
)
"""Free text holds more than plain words, and so does this."""


def make_twin(
    contracts: Mapping[str, Contract],
    columns: Mapping[str, list[str]],
    seed: str,
    persons: int = PERSONS,
    links: Mapping[str, list[str]] | None = None,
) -> dict[str, pl.DataFrame]:
    """One frame a dataset: `_person`, `_sequence`, links and the named columns, sorted by person.

    A link names anybody else of the twin, as pseudonym.links says; some rows name nobody.
    Every value is drawn from the variable's value domain by a generator seeded with `seed`, the
    dataset and the column; no data are read.
    """
    return {
        name: _dataset(
            contract, columns[name], f"{seed}/{name}", persons, alone=len(contracts) == 1
        ).pipe(_tied, (links or {}).get(name, []), f"{seed}/{name}", persons)
        for name, contract in contracts.items()
    }


def _dataset(
    contract: Contract, columns: list[str], seed: str, persons: int, *, alone: bool
) -> pl.DataFrame:
    dice = _dice(seed)
    if contract.dataset.temporality == "FIXED":
        counts = (alone | (dice.random(persons) >= _UNLINKED)).astype(np.int64)
    else:
        counts = dice.geometric(1 / _EVENTS, persons) * (dice.random(persons) >= _ABSENT)
    who = np.repeat(np.arange(persons), counts)
    frame = pl.DataFrame({"_person": who}, schema={"_person": pl.UInt32})
    # all variables, so that a permit's columns are the same in every twin, then those of the permit
    frame = frame.with_columns(
        _column(item, contract, len(who), f"{seed}/{item.name}") for item in contract.variables
    )
    frame = _kept(_in_order(frame, contract), contract)
    numbered = pl.int_range(pl.len(), dtype=pl.UInt32).over("_person").alias("_sequence")
    wanted = [item.name for item in contract.variables if item.name in columns]
    return frame.with_columns(numbered).select("_person", "_sequence", *wanted)


def _tied(frame: pl.DataFrame, links: list[str], seed: str, persons: int) -> pl.DataFrame:
    """With a column a link: another person each time, nobody in a few rows."""
    for name in links:
        dice = _dice(f"{seed}/link {name}")
        other = (frame["_person"].to_numpy() + dice.integers(1, persons, len(frame))) % persons
        column = pl.Series(link_column(name), other, pl.UInt32)
        absent = pl.Series(dice.random(len(frame)) < _UNLINKED)
        frame = frame.insert_column(2, column.set(absent, None))
    return frame


def _kept(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Without the rows that the contract's own validation would have left out."""
    for item in contract.variables:
        for text in item.rules:
            frame = _where(frame, ~parse_rule(text).broken())
        at = item.value_domain.valid_at
        if at is not None and item.value_domain.codes:
            frame = _where(frame, _valid(item, at))
    person = contract.person.name
    key = ["_person" if name == person else name for name in contract.dataset.primary_key]
    if key and set(key) <= set(frame.columns):
        frame = frame.unique(["_person", *key], keep="first", maintain_order=True)
    return frame


def _where(frame: pl.DataFrame, holds: pl.Expr) -> pl.DataFrame:
    """The rows for which it holds; all, where chance would leave too few of them."""
    kept = frame.filter(holds)
    return kept if 2 * len(kept) >= len(frame) else frame


def _valid(item: Variable, at: str) -> pl.Expr:
    """Whether the row's code is valid on the row's day; true where one of both is missing."""
    day, code = pl.col(at), pl.col(item.name).cast(pl.String)
    held = [
        (code == one.code)
        & ((day >= one.valid_from) if one.valid_from else pl.lit(value=True))
        & ((day <= one.valid_until) if one.valid_until else pl.lit(value=True))
        for one in item.value_domain.codes
    ]
    return pl.any_horizontal(*held).fill_null(value=True)


def _column(item: Variable, contract: Contract, rows: int, seed: str) -> pl.Series:
    dice = _dice(seed)
    values = pl.Series(item.name, _values(item, contract, rows, dice), TYPES[item.data_type])
    if item.missing.allowed:
        present = pl.Series(dice.random(rows) >= _MISSING)
        values = pl.select(pl.when(present).then(values).alias(item.name)).to_series()
    return values


def _values(item: Variable, contract: Contract, rows: int, dice: np.random.Generator) -> Any:
    domain = item.value_domain
    if domain.codes:
        codes = list(dict.fromkeys(code.code for code in domain.codes))
        drawn = pl.Series(codes)[_skewed(dice, len(codes), rows)]
        return drawn if item.data_type == "STRING" else drawn.cast(pl.Int64, strict=False)
    if item.data_type == "BOOLEAN":
        return dice.random(rows) < 0.4
    if item.data_type == "STRING":
        return pl.Series(_WORDS)[_skewed(dice, len(_WORDS), rows)]
    low, high = _bounds(item, contract)
    place = low + (high - low) * dice.beta(2, 3, rows)
    if item.data_type == "DOUBLE":
        return np.clip(np.round(place, 2), low, high)
    return np.floor(place).astype(np.int64 if item.data_type == "LONG" else np.int32)


def _bounds(item: Variable, contract: Contract) -> tuple[float, float]:
    """The range to draw from; days since 1970 for dates."""
    low, high = item.value_domain.min, item.value_domain.max
    if item.data_type == "DATE":
        low = low or contract.dataset.valid_from or date(2000, 1, 1)
        high = high or contract.dataset.valid_until or date(2020, 12, 31)
        return _days(low), max(_days(high), _days(low))
    floor = float(low) if isinstance(low, int | float) else None
    top = float(high) if isinstance(high, int | float) else None
    if floor is None:
        floor = 0.0 if top is None or top > 0 else top - 100
    return floor, (floor + 100 if top is None else top)


def _days(day: object) -> float:
    return float((day - date(1970, 1, 1)).days) if isinstance(day, date) else 0.0


def _in_order(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Where a row has a start and a stop, it starts first."""
    start, stop = contract.with_role("start"), contract.with_role("stop")
    names = [item.name for item in (start, stop) if item is not None]
    if len(names) < 2 or not set(names) <= set(frame.columns):
        return frame
    begin, end = (pl.col(name) for name in names)
    turned = (begin > end).fill_null(value=False)
    return frame.with_columns(
        pl.when(turned).then(end).otherwise(begin).alias(names[0]),
        pl.when(turned).then(begin).otherwise(end).alias(names[1]),
    )


def _skewed(dice: np.random.Generator, choices: int, rows: int) -> NDArray[np.int64]:
    """Few choices often, most seldom, as codes are: weights 1, 1/2, 1/3 … in random places."""
    weights = dice.permutation(1 / np.arange(1, choices + 1))
    return dice.choice(choices, rows, p=weights / weights.sum())


def _dice(seed: str) -> np.random.Generator:
    key = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:16], "big")
    return np.random.Generator(np.random.Philox(key=key))
