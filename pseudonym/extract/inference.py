"""Guess what a column is: type, date format, codes, range; only codes ever quote the column.

Ranges are widened to one significant digit and dates to whole decades, so that no bound in a
drafted contract tells the oldest person or the highest income.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal

import polars as pl

from pseudonym.contract.variable import DataType
from pseudonym.identifiers import classify

__all__ = [
    "FALSE",
    "MISSING_WORDS",
    "TRUE",
    "Guess",
    "decimal_sign",
    "guess",
    "national_share",
    "national_types",
]

MISSING_WORDS = ("NA", "N/A", "NaN", "nan", "NULL", "null", "None", ".")
TRUE, FALSE = ("true", "yes", "ja"), ("false", "no", "nei")
DATE_FORMATS = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%d-%m-%Y",
    "%Y%m%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
)
MOST_CODES, MOST_NUMBERS, OFTEN, LONGEST_CODE = 50, 8, 3, 60


@dataclass(frozen=True, repr=False)
class Guess:
    """kind: None when no data type of a contract can hold the column. distinct: distinct values.
    form: format of dates. words: missing words seen. low, high: widened, never values.
    ahead: some dates lie in the future."""

    kind: DataType | None
    rows: int
    missing: int
    distinct: int
    form: str = ""
    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    ahead: bool = False
    low: int | float | date | None = None
    high: int | float | date | None = None


def guess(column: pl.Series, *, decimal: str = ".", words: Sequence[str] = MISSING_WORDS) -> Guess:
    """What a column is most likely to be; `decimal` and missing `words` say how texts are read."""
    dtype = column.dtype
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return _text(column.cast(pl.String), decimal, words)
    bare = Guess(None, len(column), column.null_count(), column.n_unique())
    if dtype == pl.Null:
        return replace(bare, kind="STRING")
    if dtype == pl.Boolean:
        return replace(bare, kind="BOOLEAN")
    if dtype.is_integer():
        return _numbers(replace(bare, kind="LONG"), column)
    if dtype.is_float() or dtype.is_decimal():
        values = column.cast(pl.Float64).fill_nan(None)
        bare = replace(bare, missing=values.null_count(), kind="DOUBLE")
        whole = values.drop_nulls()
        if len(whole) and (whole == whole.round()).all() and (whole.abs() < 2**53).all():
            return _numbers(replace(bare, kind="LONG"), values)
        return _numbers(bare, values)
    if dtype in (pl.Date, pl.Datetime):
        return _dates(replace(bare, kind="DATE"), column.cast(pl.Date))
    return bare


def national_share(column: pl.Series) -> float:
    """The share of values that are national identity numbers, real or synthetic."""
    texts = _as_ids(column)
    if texts is None or not len(texts):
        return 0.0
    return float(classify(texts, "production")["class"].is_not_null().mean() or 0.0)  # type: ignore[arg-type]  # a Boolean column's mean is a float


def national_types(column: pl.Series) -> tuple[str, ...]:
    """Which classes of national identity number the column holds, FNR first."""
    texts = _as_ids(column)
    if texts is None:
        return ()
    seen = classify(texts, "production")["class"].drop_nulls().cast(pl.String).unique().to_list()
    return tuple(name for name in ("FNR", "DNR", "HNR", "FHN") if name in seen)


def _as_ids(column: pl.Series) -> pl.Series | None:
    if column.dtype.is_integer():
        return column.drop_nulls().cast(pl.String).str.zfill(11)
    if column.dtype != pl.String:
        return None
    texts = column.str.strip_chars()
    return texts.filter(texts.is_not_null() & (texts != ""))


def decimal_sign(columns: Sequence[pl.Series]) -> Literal[".", ","]:
    """The sign that more columns of numbers in text are written with; "." when undecided."""
    votes = {".": 0, ",": 0}
    for column in columns:
        texts = column.str.strip_chars()
        values = texts.filter(~texts.is_in(["", *MISSING_WORDS])).drop_nulls()
        for sign in votes:
            number = rf"^[+-]?[0-9]*([{sign}][0-9]+)?$"
            if values.str.contains(number).all() and values.str.contains(sign, literal=True).any():
                votes[sign] += 1
    return "," if votes[","] > votes["."] else "."


def _text(column: pl.Series, decimal: str, words: Sequence[str]) -> Guess:
    texts = column.str.strip_chars()
    texts = texts.set(texts == "", None)
    seen = texts.is_in(list(words))
    said = tuple(texts.filter(seen).unique().sort().to_list())
    values = texts.filter(~seen).drop_nulls()
    bare = Guess("STRING", len(column), len(column) - len(values), values.n_unique(), words=said)
    if not len(values):
        return bare
    if values.str.to_lowercase().unique().is_in([*TRUE, *FALSE]).all():
        return replace(bare, kind="BOOLEAN")
    for form in DATE_FORMATS:
        # Eight digits are a date only where all of them look like one.
        if form != "%Y%m%d" or values.str.contains("^(19|20)[0-9]{6}$").all():
            dates = values.str.to_date(form, strict=False, exact=True)
            if not dates.null_count():
                return _dates(replace(bare, kind="DATE", form=form), dates)
    # 0301 is a municipality and 007 a code: a leading zero is never thrown away.
    if not values.str.contains("^[+-]?0[0-9]").any():
        if values.str.contains(rf"^[+-]?[0-9]{{1,18}}([{decimal}]0*)?$").all():
            whole = values.str.replace("[.,]0*$", "").cast(pl.Int64)
            return _numbers(replace(bare, kind="LONG"), whole)
        real = rf"^[+-]?([0-9]+([{decimal}][0-9]*)?|[{decimal}][0-9]+)([eE][+-]?[0-9]{{1,2}})?$"
        if values.str.contains(real).all():
            numbers = values.str.replace(",", ".", literal=True).cast(pl.Float64)
            return _numbers(replace(bare, kind="DOUBLE"), numbers)
    return _codes(bare, values)


def _codes(bare: Guess, values: pl.Series) -> Guess:
    few = bare.distinct <= MOST_CODES and bare.distinct * OFTEN <= len(values)
    short = (values.str.len_chars().max() or 0) <= LONGEST_CODE  # type: ignore[operator]  # a count
    if not few or not short or values.str.contains("[0-9]{6}[ .-]?[0-9]{5}").any():
        return bare
    return replace(bare, codes=tuple(values.unique().sort().to_list()))


def _numbers(bare: Guess, numbers: pl.Series) -> Guess:
    values = numbers.drop_nulls()
    if not len(values):
        return bare
    low, high = float(values.min()), float(values.max())  # type: ignore[arg-type]  # numbers
    distinct = values.n_unique()
    few = distinct <= MOST_NUMBERS and distinct * OFTEN <= len(values)
    if bare.kind == "LONG" and few and low >= 0 and high < 100:
        codes = values.cast(pl.Int64).unique().sort().cast(pl.String)
        return replace(bare, codes=tuple(codes.to_list()))
    step = 10.0 ** math.floor(math.log10(max(abs(low), abs(high), 1e-300)))
    if bare.kind == "LONG":
        step = max(step, 1.0)
    lower, upper = math.floor(low / step) * step, math.ceil(high / step) * step
    if lower == upper:
        upper += step
    if bare.kind == "LONG":
        return replace(bare, low=int(lower), high=int(upper))
    return replace(bare, low=_tidy(lower), high=_tidy(upper))


def _dates(bare: Guess, dates: pl.Series) -> Guess:
    years = dates.drop_nulls().dt.year()
    if not len(years):
        return bare
    first, last = (
        int(year) // 10 * 10 for year in (years.to_numpy().min(), years.to_numpy().max())
    )
    ahead = bool((dates > datetime.now(UTC).date()).any())
    low, high = date(max(first, 1), 1, 1), date(min(last + 9, 9999), 12, 31)
    return replace(bare, low=low, high=high, ahead=ahead)


def _tidy(value: float) -> float:
    """Without the dust of binary fractions: 0.30000000000000004 → 0.3."""
    return float(f"{value:.6g}")
