"""Rates: an event, a time at risk, age bands that fit the standard population."""

from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import CELL_LIMIT, Asked, CheckedDimension, Cohort
from workbench.plan.check.standards import weights
from workbench.plan.errors import Refusal

__all__ = ["CheckedRates"]


@dataclass(frozen=True)
class CheckedRates:
    """bands, periods: their names, one each where there are none; weights: of the bands in the
    standard population, () without."""

    bands: tuple[str, ...]
    periods: tuple[str, ...]
    weights: tuple[float, ...]


@asked.register
def _(node: nodes.Rates, cohort: Cohort) -> Asked:
    if node.event in node.by:
        raise Refusal(
            "same_dimension_twice",
            "The event of a rate cannot be a group too.",
            f'Group by something that is known at the start: by="sex", not by="{node.event}".',
        )
    cohort.of_kind(
        node.event,
        "boolean",
        remedy=f"Say which value is the event: "
        f'frame.with_columns(happened=frame.{node.event} == "…"), then event="happened".',
    )
    for name in (node.days, node.age):
        if name is not None:
            remedy = "Count whole days or years: frame.last.dt.days_since(frame.first)."
            cohort.of_kind(name, "integer", remedy=remedy)
    for name in (node.start, node.end, node.birth):
        if name is not None:
            cohort.of_kind(name, "date", remedy=f'Give a date; a number of days as days="{name}".')
    groups = tuple(replace(one, missing=False) for one in cohort.dimensions(node.by))
    bands = _names(node.ages, "–", open_end=True) or ("",)
    periods = _names(node.periods, "–", open_end=False) or ("",)
    weighed = weights(node.standard, node.ages) if node.standard else ()
    if prod(len(one.codes) for one in groups) * (len(bands) * len(periods) + 1) > CELL_LIMIT:
        raise Refusal(
            "too_many_cells",
            f"Groups, ages and periods make more than {CELL_LIMIT} cells.",
            "Use fewer groups, or broader age bands and periods.",
        )
    fell = CheckedDimension(
        "fell",
        ("", *(f"{band} {period}".strip() or "event" for band in bands for period in periods)),
        missing=False,
        label={"en": "Event", "nb": "Hendelse"},
        labels={},
    )
    return Asked((*groups, fell), CheckedRates(bands, periods, weighed))


def _names(edges: tuple[int, ...], dash: str, *, open_end: bool) -> tuple[str, ...]:
    """40–59, 60+ of the edges 40 and 60; 2000–2004 of the years 2000 and 2005."""
    closed = tuple(
        f"{low}" if high == low + 1 else f"{low}{dash}{high - 1}" for low, high in pairwise(edges)
    )
    return (*closed, f"{edges[-1]}+") if edges and open_end else closed
