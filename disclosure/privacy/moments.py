"""Sums, means, variances of a clipped number with noise, each with its limits."""

import math
from fractions import Fraction
from typing import Any

from disclosure.policy import Policy
from disclosure.privacy.answer import Part, Private, decided, note, private
from disclosure.privacy.evidence import MomentsEvidence
from disclosure.privacy.intervals import Z975, quotient
from disclosure.privacy.mechanisms import Z95, Noisy, gaussian, noisy_counts
from disclosure.results.block import Block, BlockColumn
from disclosure.results.digits import significant
from disclosure.results.groups import code_columns

__all__: list[str] = []

FIGURES = 6


@private.register
def _(evidence: MomentsEvidence, rho: Fraction, policy: Policy) -> Private:
    each = rho / (2 if evidence.second is None else 3)
    n = noisy_counts(evidence.n, each)
    first = gaussian(evidence.first, float(evidence.unit), each)
    parts = [Part("persons", n), Part("sum", first)]
    if evidence.second is None:
        blocks = (_totals(evidence, n, first),)
    else:
        second = gaussian(evidence.second, evidence.unit / 2, each)
        parts.append(Part("sum of squares", second))
        blocks = (_described(evidence, n, first, second),)
    low, high = evidence.centre - evidence.half, evidence.centre + evidence.half
    found = note(
        f"Values were clipped to {low:g} – {high:g}, and the numbers carry calibrated noise at a "
        f"cost of ρ = {rho}: the limits hold the number without noise with 95 %.",
        f"Verdiene er avgrenset til {low:g} – {high:g}, og tallene har kalibrert støy til en "
        f"kostnad av ρ = {rho}: grensene inneholder tallet uten støy med 95 %.",
        len(evidence.groups),
    )
    return Private(decided(parts, rho, policy, [found], blocks), rho, tuple(parts))


def _number(name: str, english: str, norwegian: str, unit: str = "") -> BlockColumn:
    return BlockColumn(name, "number", {"en": english, "nb": norwegian}, unit)


def _limits(name: str, unit: str) -> tuple[BlockColumn, BlockColumn]:
    return (
        _number(f"{name}_low", "95 % from", "95 % fra", unit),
        _number(f"{name}_high", "95 % to", "95 % til", unit),
    )


def _heads(evidence: MomentsEvidence) -> tuple[BlockColumn, ...]:
    return (
        *code_columns(evidence.by),
        BlockColumn("persons", "persons", {"en": "Persons", "nb": "Personer"}),
        _number("persons_within", "± with 95 %", "± med 95 %"),
    )


def _totals(evidence: MomentsEvidence, n: Noisy, first: Noisy) -> Block:
    unit = evidence.measure
    columns = (
        *_heads(evidence),
        _number("sum", "Sum", "Sum", unit),
        _number("sum_within", "± with 95 %", "± med 95 %", unit),
        _number("mean", "Mean", "Gjennomsnitt", unit),
        *_limits("mean", unit),
    )
    step = evidence.half / evidence.unit
    spread = math.hypot(evidence.centre * n.scale, step * first.scale)
    rows: list[tuple[Any, ...]] = []
    for at, codes in enumerate(evidence.groups):
        persons, moved = int(n.values[at]), int(first.values[at])
        total = evidence.centre * persons + step * moved
        rows.append(
            (
                *codes,
                persons,
                n.accuracy_95,
                significant(total, FIGURES + 2),
                significant(Z95 * spread, 3),
                *_mean(evidence, persons, moved, n, first, Z95),
            )
        )
    title = {"en": "Sums and means", "nb": "Summer og gjennomsnitt"}
    return Block("totals", title, columns, tuple(rows))


def _described(evidence: MomentsEvidence, n: Noisy, first: Noisy, second: Noisy) -> Block:
    unit = evidence.measure
    squared = f"{unit}²" if unit else ""
    columns = (
        *_heads(evidence),
        _number("mean", "Mean", "Gjennomsnitt", unit),
        *_limits("mean", unit),
        _number("variance", "Variance", "Varians", squared),
        *_limits("variance", squared),
        _number("sd", "Std. deviation", "Standardavvik", unit),
        *_limits("sd", unit),
    )
    rows: list[tuple[Any, ...]] = []
    for at, codes in enumerate(evidence.groups):
        persons, moved = int(n.values[at]), int(first.values[at])
        spread = _variance(evidence, persons, moved, int(second.values[at]), (n, first, second))
        rows.append(
            (
                *codes,
                persons,
                n.accuracy_95,
                *_mean(evidence, persons, moved, n, first, Z95),
                *(None if one is None else significant(one, FIGURES) for one in spread),
                *(None if one is None else significant(math.sqrt(one), FIGURES) for one in spread),
            )
        )
    title = {"en": "Numbers described", "nb": "Beskrevne tall"}
    return Block("described", title, columns, tuple(rows))


def _mean(
    evidence: MomentsEvidence, persons: int, moved: int, n: Noisy, first: Noisy, z: float
) -> tuple[float | None, float | None, float | None]:
    """The mean and its limits in the number's own unit; no mean where nobody may be."""
    most = float(evidence.unit)
    step = evidence.half / most
    low, high = quotient(moved, first.scale, persons, n.scale, z, most)
    mean = None if persons <= 0 else min(max(moved / persons, -most), most)
    told = (mean, low, high)
    mid, least, greatest = (
        None if one is None else significant(evidence.centre + step * one, FIGURES) for one in told
    )
    return mid, least, greatest


def _variance(
    evidence: MomentsEvidence, persons: int, moved: int, squares: int,
    noisy: tuple[Noisy, Noisy, Noisy],
) -> tuple[float | None, float, float]:  # fmt: skip
    """The variance (divided by n) and its limits: of mean and mean square, each with 97.5 %."""
    n, first, second = noisy
    unit = float(evidence.unit)
    scale = evidence.half**2
    lows = quotient(moved, first.scale, persons, n.scale, Z975, unit)
    square_low, square_high = (
        (unit / 2 + one) / unit
        for one in quotient(squares, second.scale, persons, n.scale, Z975, unit / 2)
    )
    low, high = lows[0] / unit, lows[1] / unit
    least = 0.0 if low <= 0 <= high else min(low * low, high * high)
    floor = max(square_low - max(low * low, high * high), 0.0)
    ceiling = max(min(square_high - least, 1.0), 0.0)
    if persons <= 0:
        return None, floor * scale, ceiling * scale
    mean = moved / persons / unit
    found = (unit / 2 + squares / persons) / unit - mean * mean
    return min(max(found, 0.0), 1.0) * scale, floor * scale, ceiling * scale
