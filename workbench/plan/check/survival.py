"""Survival: a time in whole days, an event, groups that everybody is in."""

from dataclasses import replace
from itertools import pairwise
from math import prod

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import CELL_LIMIT, Asked, CheckedDimension, Cohort
from workbench.plan.errors import Refusal
from workbench.plan.names import listed, nearest
from workbench.plan.nodes.analyses.survival import Curve, FollowUp

__all__ = ["INTERVAL"]

INTERVAL = "interval"
"""The axis of the public intervals of time; last, and no variable of the cohort."""


@asked.register(nodes.KaplanMeier)
@asked.register(nodes.NelsonAalen)
@asked.register(nodes.LifeTable)
@asked.register(nodes.RestrictedMean)
def _(node: Curve | nodes.RestrictedMean, cohort: Cohort) -> Asked:
    return Asked(
        _bounded((*_groups(node, cohort), _happened(node, cohort), _intervals(node.times)))
    )


@asked.register
def _(node: nodes.CumulativeIncidence, cohort: Cohort) -> Asked:
    groups = _groups(node, cohort)
    return Asked(_bounded((*groups, _causes(node, cohort), _intervals(node.times))))


@asked.register
def _(node: nodes.LogRank, cohort: Cohort) -> Asked:
    if set(node.strata) & {*node.by, node.event, node.time}:
        raise Refusal(
            "same_dimension_twice",
            "A stratum is a group too, or the outcome.",
            'Compare by one and hold the other still: by="treatment", strata="sex".',
        )
    strata = tuple(replace(one, missing=False) for one in cohort.dimensions(node.strata))
    return Asked(_bounded((*strata, *_groups(node, cohort), _happened(node, cohort))))


def _groups(node: FollowUp, cohort: Cohort) -> tuple[CheckedDimension, ...]:
    """The groups; whoever is in none takes no part, so there is no group of the missing."""
    if {node.event, node.time} & set(node.by):
        raise Refusal(
            "same_dimension_twice",
            "The time or the event of a follow-up cannot be a group too.",
            f'Group by something that is known at the start: by="sex", not by="{node.event}".',
        )
    cohort.of_kind(
        node.time,
        "integer",
        remedy="Count whole days: frame.with_columns(days=frame.last.dt.days_since(frame.first)).",
    )
    return tuple(replace(one, missing=False) for one in cohort.dimensions(node.by))


def _happened(node: FollowUp, cohort: Cohort) -> CheckedDimension:
    found = cohort.column(node.event)
    if found.kind != "boolean":
        raise Refusal(
            "type_mismatch",
            f"{node.event} is {found.words}; an event is a yes/no value.",
            f"Say which value is the event: "
            f'frame.with_columns(happened=frame.{node.event} == "…"), then event="happened".',
        )
    return replace(cohort.dimension(node.event), missing=False)


def _causes(node: nodes.CumulativeIncidence, cohort: Cohort) -> CheckedDimension:
    """The causes, the end without any first."""
    found = cohort.dimension(node.event)
    if node.censored not in found.levels:
        near = nearest(node.censored, found.levels)
        raise Refusal(
            "unknown_code",
            f"{node.event} has no category of the name given as censored.",
            f'Did you mean "{near}"?' if near else f"It has {listed(found.levels)}.",
        )
    causes = tuple(one for one in found.levels if one != node.censored)
    return replace(found, levels=(node.censored, *causes), missing=False)


def _intervals(times: tuple[int, ...]) -> CheckedDimension:
    edges = (0, *times)
    levels = (*(f"{low}–{high}" for low, high in pairwise(edges)), f">{edges[-1]}")
    label = {"en": "Days", "nb": "Dager"}
    return CheckedDimension(INTERVAL, levels, missing=False, label=label, labels={})


def _bounded(dimensions: tuple[CheckedDimension, ...]) -> tuple[CheckedDimension, ...]:
    cells = prod(len(one.codes) for one in dimensions)
    if cells > CELL_LIMIT:
        raise Refusal(
            "too_many_cells",
            f"Groups, events and times make {cells} cells; the most is {CELL_LIMIT}.",
            "Use fewer groups, or fewer times: step=182 in place of step=91.",
        )
    return dimensions
