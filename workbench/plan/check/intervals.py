"""Axes of intervals: a number between public edges, given or chosen from its contract's range."""

import math
from typing import Literal

from workbench.plan.check.cohort import CheckedDimension, Cohort
from workbench.plan.errors import Refusal
from workbench.plan.nodes import Column, Expression
from workbench.plan.schema import Labels
from workbench.plan.words import bin_labels

__all__ = ["bounds", "interval_axis", "intervals", "known_bounds", "nice_edges"]

Merge = Literal["", "tails", "all"]


def intervals(
    cohort: Cohort, name: str, edges: tuple[float, ...], bins: int, merge: Merge
) -> CheckedDimension:
    """The axis of a numeric variable; Refusal when it is no number or has no public range."""
    found = cohort.number(name)
    if not edges:
        edges = nice_edges(*bounds(cohort, name), bins)
    source = cohort.source(found)
    label: Labels = {"en": name, "nb": name}
    if source is not None and source.name == name:
        label = source.label
    return interval_axis(name, label, Column(name=name), edges, missing=found.nullable, merge=merge)


def interval_axis(
    name: str,
    label: Labels,
    value: Expression,
    edges: tuple[float, ...],
    *,
    missing: bool,
    merge: Merge,
) -> CheckedDimension:
    """The axis of a checked number."""
    return CheckedDimension(
        name,
        bin_labels(edges),
        missing,
        label,
        {},
        value,
        tuple(float(one) for one in edges),
        merge,
    )


def bounds(cohort: Cohort, name: str) -> tuple[float, float]:
    """The least and greatest value that the contract allows; never from data."""
    found = known_bounds(cohort, name)
    if found is None:
        raise Refusal(
            "no_public_range",
            f"No contract says between which values {name} lies, so its intervals cannot be "
            "chosen without looking at the data.",
            f'Give the edges, as in edges=[40, 50, 60, 70] for "{name}".',
        )
    return found


def known_bounds(cohort: Cohort, name: str) -> tuple[float, float] | None:
    """The same, None where the contract says nothing."""
    source = cohort.source(cohort.number(name))
    if source is None or source.minimum is None or source.maximum is None:
        return None
    return source.minimum, source.maximum


def nice_edges(least: float, most: float, bins: int) -> tuple[float, ...]:
    """Edges at round numbers strictly within a range, about `bins` intervals and never more."""
    exact = (most - least) / bins
    if not exact > 0:
        raise Refusal(
            "no_public_range",
            "The contract allows one value only; there is nothing to divide.",
            "Count the persons with .count().",
        )
    size = 10.0 ** math.floor(math.log10(exact))
    step = next(size * one for one in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0) if size * one >= exact)
    first, last = math.floor(least / step) + 1, math.ceil(most / step) - 1
    found = tuple(float(f"{at * step:.12g}") for at in range(first, last + 1))
    return found or (float(f"{(least + most) / 2:.12g}"),)
