"""Analyses with noise: every number has public bounds, and one person changes one row."""

from dataclasses import dataclass
from math import prod

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, CheckedDimension, Cohort
from workbench.plan.check.design import CheckedDesign, checked_design
from workbench.plan.check.intervals import intervals, known_bounds
from workbench.plan.errors import Refusal
from workbench.plan.nodes.base import walk

__all__ = ["GRID_LIMIT", "Bounds", "Grid", "PrivateModel"]

GRID_LIMIT = 40_000
"""Points of the grids of all groups together."""
Bounded = nodes.DpTotals | nodes.DpDescribe | nodes.DpQuantiles


@dataclass(frozen=True)
class Bounds:
    """Between which values a number is clipped; whole: whether it takes whole values only."""

    low: float
    high: float
    whole: bool = False


@dataclass(frozen=True)
class Grid:
    """Ascending points: how many persons do not exceed each is what is asked of the data."""

    bounds: Bounds
    points: tuple[float, ...]


@dataclass(frozen=True)
class PrivateModel:
    """A linear model whose numbers, the outcome too, have bounds."""

    design: CheckedDesign
    bounds: dict[str, Bounds]


@asked.register
def _(node: nodes.DpCount, cohort: Cohort) -> Asked:
    _one_row_a_person(node)
    return Asked(cohort.dimensions(node.by))


@asked.register
def _(node: nodes.DpCrosstab, cohort: Cohort) -> Asked:
    _one_row_a_person(node)
    return Asked(cohort.dimensions(node.by))


@asked.register
def _(node: nodes.DpHistogram, cohort: Cohort) -> Asked:
    _one_row_a_person(node)
    by = cohort.dimensions(node.by)
    return Asked(cohort.table(*by, intervals(cohort, node.variable, node.edges, node.bins, "")))


@asked.register
def _(node: nodes.DpKeys, cohort: Cohort) -> Asked:
    _one_row_a_person(node)
    cohort.of_kind(
        node.variable,
        "string",
        remedy="Count the categories of others with .count(by=…, dp=…) or .histogram(…, dp=…).",
    )
    return Asked()


@asked.register(nodes.DpTotals)
@asked.register(nodes.DpDescribe)
def _(node: nodes.DpTotals | nodes.DpDescribe, cohort: Cohort) -> Asked:
    _one_row_a_person(node)
    return Asked(cohort.dimensions(node.by), _bounds(node.variable, cohort, node.low, node.high))


@asked.register
def _(node: nodes.DpQuantiles, cohort: Cohort) -> Asked:
    _one_row_a_person(node)
    axes = cohort.dimensions(node.by)
    grid = _grid(_bounds(node.variable, cohort, node.low, node.high), node.steps)
    if _groups(axes) * len(grid.points) > GRID_LIMIT:
        raise Refusal(
            "too_many_cells",
            f"The grids of all groups would have more than {GRID_LIMIT} points.",
            "Use fewer or coarser groups, or fewer steps.",
        )
    return Asked(axes, grid)


@asked.register
def _(node: nodes.DpRegression, cohort: Cohort) -> Asked:
    _one_row_a_person(node)
    design = checked_design(node.design, cohort)
    if node.outcome in node.design.reads:
        raise Refusal(
            "outcome_in_model",
            f"{node.outcome} stands on both sides of the formula.",
            f"Leave {node.outcome} out on the right.",
        )
    factors = [one for term in node.design.terms for one in term.factors]
    if not node.design.intercept or not all(
        isinstance(one, nodes.Number | nodes.Category) for one in factors
    ):
        raise Refusal(
            "not_with_noise",
            "With noise a model has a constant, numbers, categories and their interactions.",
            "Leave the curves out, or cut the number with .bins([...]).",
        )
    _margins(node)
    given = {one.variable: one for one in node.bounds}
    numbers = (node.outcome, *design.numbers)
    for name in given:
        if name not in numbers:
            raise Refusal(
                "unknown_name",
                f"Bounds are given for {name}, which is no number of the model.",
                "Give them for the outcome and for the numbers of the formula.",
            )
    bounds = {
        name: _bounds(name, cohort, given[name].low, given[name].high)
        if name in given
        else _bounds(name, cohort, None, None)
        for name in dict.fromkeys(numbers)
    }
    return Asked((), PrivateModel(design, bounds))


def _one_row_a_person(node: nodes.Private) -> None:
    """Noise is for one person's row: no row of the cohort may depend on another person's data."""
    if any(isinstance(one, nodes.Matched | nodes.Linked | nodes.Back) for one, _ in walk(node)):
        raise Refusal(
            "noise_unbounded",
            "In a cohort that was matched or linked one person's data decide about others' rows, "
            "so no noise is known to hide a person.",
            "Ask with noise about a cohort that is neither matched nor linked, or ask exactly.",
        )


def _margins(node: nodes.DpRegression) -> None:
    """A product of numbers is one of centred numbers plus what its parts say: these must be in."""
    terms = {frozenset(one.factors) for one in node.design.terms}
    for term in node.design.terms:
        for factor in term.factors:
            margin = frozenset(term.factors) - {factor}
            if isinstance(factor, nodes.Number) and margin and margin not in terms:
                raise Refusal(
                    "not_with_noise",
                    f"The interaction of {' and '.join(term.variables)} stands without its parts.",
                    "Write a*b in place of a:b.",
                )


def _bounds(name: str, cohort: Cohort, low: float | None, high: float | None) -> Bounds:
    flag = cohort.column(name).kind == "boolean"
    found = cohort.column(name) if flag else cohort.number(name)
    known = (0.0, 1.0) if flag else known_bounds(cohort, name)
    if (low is None or high is None) and known is None:
        raise Refusal(
            "no_public_range",
            f"No contract says between which values {name} lies, and noise is made for a range.",
            f'Say it from what is known of the matter, as in bounds=(0, 100) for "{name}".',
        )
    least, most = known or (0.0, 0.0)
    least, most = (least if low is None else float(low)), (most if high is None else float(high))
    if not least < most:
        raise Refusal(
            "no_public_range",
            f"The bounds of {name} leave no range.",
            "The lower bound lies below the upper one.",
        )
    whole = found.kind in ("integer", "boolean") and least.is_integer() and most.is_integer()
    return Bounds(least, most, whole)


def _grid(bounds: Bounds, steps: int) -> Grid:
    low, high = bounds.low, bounds.high
    if bounds.whole and high - low < steps:
        return Grid(bounds, tuple(low + at for at in range(int(high - low) + 1)))
    width = (high - low) / steps
    inner = dict.fromkeys(float(f"{low + width * at:.12g}") for at in range(1, steps))
    return Grid(bounds, (low, *(one for one in inner if low < one < high), high))


def _groups(axes: tuple[CheckedDimension, ...]) -> int:
    return prod(len(one.codes) for one in axes)
