"""National identity numbers, whole columns at a time: class, date part, checksum, synthetic range.

    fødselsnummer  DDMMYY IIIKK      D-number   day + 40
    H-number       month + 40        FH-number  first digit 8 or 9, no date
    synthetic      month + 80 (Skatteetaten, Tenor), month + 65 (Norsk Helsenett)

Checksums: both control sums ≡ 0 (mod 11); numbers issued from 1 January 2032 on may leave 0, 1, 2
or 3 in the first. Source: Skatteetaten, folkeregisteret-api-dokumentasjon, "Nytt fødselsnummer fra
2032". Month + 40 also marks NAV's synthetic numbers; here it is an H-number, as in production.
Neither sex nor birth date is ever derived: the date part is only tested for being a date.
"""

from collections.abc import Sequence
from typing import Final, Literal, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["CLASSES", "FLAWS", "Checksum", "Flaw", "Kind", "classify", "control_digits"]

Kind = Literal["demo", "test", "production"]
Checksum = Literal["1964", "2032"]
Flaw = Literal["missing", "length", "date", "checksum", "synthetic", "real"]
CLASSES: Final = pl.Enum(["FNR", "DNR", "HNR", "FHN", "LOCAL", "NONE"])
FLAWS: Final = pl.Enum(["missing", "length", "date", "checksum", "synthetic", "real"])

AnyInt = TypeVar("AnyInt", np.int16, np.int64)

_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_LAST_DAY = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int16)
_BLOCK = 1 << 16


def classify(ids: pl.Series, kind: Kind, checksum: Checksum = "2032") -> pl.DataFrame:
    """Class every id of a column of strings; nothing is looked up, nothing is kept.

    Returns, in the order of `ids`: class (Enum; null where none fits), synthetic (Boolean), valid
    (Boolean: well-formed, and of the range this kind of instance takes: production none but real
    numbers, demo and test none but synthetic ones) and flaw (Enum; null where valid). An
    FH-number has no synthetic range and counts as real. About 6 million ids a second and core.
    """
    shaped = (ids.str.len_bytes() == 11) & ids.str.contains("^[0-9]{11}$")
    known = shaped.fill_null(value=False).to_numpy()
    numbers = ids.filter(pl.Series(known))
    parts = [
        _examine(_digits(numbers[start : start + _BLOCK]), checksum)
        for start in range(0, max(len(numbers), 1), _BLOCK)
    ]
    classes, synthetic, flaws = (np.concatenate(part) for part in zip(*parts, strict=True))
    wanted = synthetic if kind != "production" else ~synthetic
    flaws[(flaws == -1) & ~wanted] = FLAWS.categories.to_list().index(
        "real" if kind != "production" else "synthetic"
    )
    every_class = np.full(len(ids), -1, dtype=np.int8)
    every_class[known] = classes
    every_synthetic = np.zeros(len(ids), dtype=np.bool_)
    every_synthetic[known] = synthetic
    every_flaw = np.where(ids.is_null().to_numpy(), 0, 1).astype(np.int8)
    every_flaw[known] = flaws
    return pl.DataFrame(
        {
            "class": _named(every_class, CLASSES),
            "synthetic": every_synthetic,
            "valid": every_flaw == -1,
            "flaw": _named(every_flaw, FLAWS),
        }
    )


def control_digits(stems: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Complete nine-digit stems to eleven-digit numbers under the 1964 rule (for test numbers).

    Returns the numbers and which of them exist: where a control digit would be 10, none does.
    """
    digits = [stems // 10**place % 10 for place in range(8, -1, -1)]
    first = -_sum(digits, _FIRST) % 11
    second = -_sum([*digits, first], _SECOND) % 11
    return stems * 100 + first * 10 + second, (first < 10) & (second < 10)


def _examine(
    digits: Sequence[NDArray[np.int16]], checksum: Checksum
) -> tuple[NDArray[np.int8], NDArray[np.bool_], NDArray[np.int8]]:
    """(class, synthetic, flaw) codes of eleven columns of digits; -1 is none."""
    day, month, year = (digits[place] * 10 + digits[place + 1] for place in (0, 2, 4))
    emergency = day >= 80
    d_number = (day >= 41) & (day <= 71)
    tenor = (month >= 81) & (month <= 92)
    helsenett = (month >= 66) & (month <= 77)
    h_number = (month >= 41) & (month <= 52)
    plain_day = day - 40 * d_number
    plain_month = month - 80 * tenor - 65 * helsenett - 40 * h_number
    # The individual digits no longer tell the century: only the 29th of February of a year that
    # is no leap year in any century is ruled out (00 is 2000).
    last = _LAST_DAY[np.where((plain_month >= 1) & (plain_month <= 12), plain_month, 0)]
    last = last - ((plain_month == 2) & (year % 4 != 0))
    dated = emergency | ((plain_day >= 1) & (plain_day <= last) & ~(d_number & h_number))
    remainder = _sum(digits, _FIRST) % 11
    summed = (remainder <= (0 if checksum == "1964" else 3)) & (_sum(digits, _SECOND) % 11 == 0)
    kinds = np.where(emergency, 3, np.where(h_number, 2, np.where(d_number, 1, 0)))
    classes = np.where(dated & summed, kinds, -1).astype(np.int8)
    synthetic = (tenor | helsenett) & ~emergency
    flaws = np.where(~dated, 2, np.where(~summed, 3, -1)).astype(np.int8)
    return classes, synthetic & (classes >= 0), flaws


def _digits(numbers: pl.Series) -> list[NDArray[np.int16]]:
    """Strings of eleven digits as eleven columns, first digit first."""
    text = (numbers.str.join("").item() or "").encode()
    table = np.frombuffer(text, dtype=np.uint8).reshape(-1, 11) - ord("0")
    return list(np.ascontiguousarray(table.T).astype(np.int16))


def _sum(digits: Sequence[NDArray[AnyInt]], weights: Sequence[int]) -> NDArray[AnyInt]:
    """The weighted sum of the leading columns."""
    total = digits[0] * weights[0]
    for column, weight in zip(digits[1 : len(weights)], weights[1:], strict=False):
        total = total + column * weight
    return total


def _named(codes: NDArray[np.int8], names: pl.Enum) -> pl.Series:
    """Codes into the names of an Enum; -1 becomes null."""
    series = pl.Series(codes)
    return series.set(series < 0, None).cast(pl.UInt8).cat.to(names)
