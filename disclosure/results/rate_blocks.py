"""Blocks that compare rates: ratios and differences, standardised rates, observed by expected."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Mark
from disclosure.policy import Policy
from disclosure.results.block import Block, BlockColumn, Value
from disclosure.results.groups import code_columns
from disclosure.results.rate_statistics import (
    Z,
    difference,
    exact,
    mantel_haenszel,
    ratio,
    standardised,
)
from disclosure.results.strata import YEAR, Strata
from disclosure.results.words import LABELS, TITLES
from disclosure.rules.means import capped, mean_digits

if TYPE_CHECKING:
    from disclosure.results.rates import RatesEvidence

__all__ = ["compared", "expected_ratio", "standardised_block"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
DIGITS = 6


def compared(
    evidence: "RatesEvidence", strata: Strata, years: Floats, complete: Flags
) -> list[Block]:
    """Each group against the first: over strata by Mantel–Haenszel, else ratio and difference."""
    groups = np.flatnonzero(complete & (strata.events.sum(axis=(1, 2)) > 0))
    if groups.size < 2:
        return []
    first, *others = (int(one) for one in groups)
    rows: list[tuple[Value, ...]] = []
    several = strata.events[0].size > 1
    for group in others:
        pair = [first, group]
        events, time = strata.events[pair].reshape(2, -1), years[pair].reshape(2, -1)
        if several:
            found = mantel_haenszel(events, time)
            told = (None,) * 3 if found is None else _numbers(found)
            rows.append((*evidence.codes[group], *told))
            continue
        counts, at_risk = [int(one) for one in events[:, 0]], [float(one) for one in time[:, 0]]
        apart = tuple(one * evidence.per for one in difference(counts, at_risk))
        rows.append((*evidence.codes[group], *_numbers(ratio(counts, at_risk)), *_numbers(apart)))
    columns = [*code_columns(evidence.by), *_limits("ratio")]
    if not several:
        columns += _limits("difference", "difference_")
    title = TITLES["mantel_haenszel" if several else "ratios"]
    return [Block("ratios", title, tuple(columns), tuple(rows))]


def standardised_block(
    evidence: "RatesEvidence", strata: Strata, years: Floats, weights: Floats, whole: Flags
) -> Block:
    """The rate of each group whose every band may be told; ratios to the first of these."""
    columns = (
        *code_columns(evidence.by),
        *_limits("standardised_rate"),
        *(_limits("ratio", "ratio_") if len(evidence.codes) > 1 else ()),
    )
    width = len(columns) - len(evidence.by)
    rows: list[tuple[Value, ...]] = []
    marks: dict[tuple[int, int], Mark] = {}
    first: tuple[float, float] | None = None
    for group, codes in enumerate(evidence.codes):
        if not whole[group]:
            start = len(codes)
            marks |= {(len(rows), start + at): Mark.PRIMARY for at in range(width)}
            rows.append((*codes, *[None] * width))
            continue
        found, variance = standardised(
            strata.events[group, :, 0].astype(np.float64), years[group, :, 0], weights.tolist()
        )
        row: tuple[Value, ...] = (*codes, *_numbers(tuple(one * evidence.per for one in found)))
        if len(evidence.codes) > 1:
            row += _against(first, found[0], variance)
            first = first or (found[0], variance)
        rows.append(row)
    return Block("standardised", TITLES["standardised"], columns, tuple(rows), marks)


def _against(first: tuple[float, float] | None, value: float, variance: float) -> tuple[Value, ...]:
    if first is None or first[0] <= 0 or value <= 0:
        return (None, None, None)
    reach = math.exp(Z * math.sqrt(variance / value**2 + first[1] / first[0] ** 2))
    found = value / first[0]
    return _numbers((found, found / reach, found * reach))


def expected_ratio(
    evidence: "RatesEvidence", strata: Strata, shown: Flags, policy: Policy
) -> Block:
    """Observed events by those that the reference rates would give: SIR or SMR, exact limits."""
    columns = (
        *code_columns(evidence.by),
        BlockColumn("observed", "persons", LABELS["observed"]),
        BlockColumn("expected", "number", LABELS["expected"]),
        *_limits("ratio"),
    )
    width = len(columns) - len(evidence.by)
    rows: list[tuple[Value, ...]] = []
    marks: dict[tuple[int, int], Mark] = {}
    for group, codes in enumerate(evidence.codes):
        if not shown[group]:
            start = len(codes)
            marks |= {(len(rows), start + at): Mark.PRIMARY for at in range(width)}
            rows.append((*codes, *[None] * width))
            continue
        observed = int(strata.events[group].sum())
        reference = np.array(evidence.reference) / YEAR
        largest = float((evidence.largest[group, :, 0] * reference).max())
        total = float(evidence.days[group, :, 0] @ reference)
        expected = capped(total, mean_digits(1, largest, policy))
        found = (observed, *exact(observed))
        ratios = _numbers(tuple(one / expected for one in found)) if expected > 0 else (None,) * 3
        rows.append((*codes, observed, expected, *ratios))
    return Block("expected", TITLES["expected"], columns, tuple(rows), marks)


def _limits(name: str, prefix: str = "") -> list[BlockColumn]:
    label: Mapping[str, str] = LABELS[name]
    return [
        BlockColumn(name, "number", label),
        BlockColumn(f"{prefix}lower", "number", LABELS["lower"]),
        BlockColumn(f"{prefix}upper", "number", LABELS["upper"]),
    ]


def _numbers(values: tuple[float, ...]) -> tuple[Value, ...]:
    return tuple(float(f"{one:.{DIGITS - 1}e}") for one in values)
