"""Regression models: the outcome fits the model, and the ledger can tell its groups apart."""

from dataclasses import dataclass, replace

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, CheckedDimension, Cohort
from workbench.plan.check.design import CheckedDesign, checked_design
from workbench.plan.errors import Refusal
from workbench.plan.nodes.analyses.regression import Model
from workbench.plan.types import BOOLEANS

__all__ = ["GROUP_LIMIT", "CheckedRegression", "remembered"]

GROUP_LIMIT = 1000
"""Groups of persons that a model's categories make, as far as the ledger remembers them."""
BINARY: tuple[Model, ...] = ("logistic", "probit", "log_binomial")
LOG: tuple[Model, ...] = ("log_binomial", "poisson", "negative_binomial", "gamma")


@dataclass(frozen=True)
class CheckedRegression:
    """A model that may be fitted. binary: a yes/no outcome, whose events are counted.

    clusters: the categories within which persons may be alike.
    """

    design: CheckedDesign
    binary: bool
    clusters: CheckedDimension | None


@dataclass(frozen=True)
class CheckedPair:
    """A model and one with fewer terms."""

    larger: CheckedRegression
    smaller: CheckedRegression


@asked.register
def _(node: nodes.Regression, cohort: Cohort) -> Asked:
    design = checked_design(node.design, cohort)
    binary = _outcome(node, cohort)
    if node.outcome in node.design.reads:
        raise Refusal(
            "outcome_in_model",
            f"{node.outcome} stands on both sides of the formula.",
            f"Leave {node.outcome} out on the right.",
        )
    _added(node, cohort)
    _errors(node, binary=binary)
    clusters = None if node.cluster is None else cohort.dimension(node.cluster)
    outcome = [cohort.dimension(node.outcome)] if binary else []
    axes = remembered([*outcome, *design.categories.values()])
    return Asked(axes, CheckedRegression(design, binary, clusters))


@asked.register
def _(node: nodes.NestedModels, cohort: Cohort) -> Asked:
    larger, smaller = asked(node.larger_model, cohort), asked(node.smaller_model, cohort)
    terms = {frozenset(one.factors) for one in node.design.terms}
    fewer = {frozenset(one.factors) for one in node.smaller.terms}
    if not fewer < terms or node.smaller.intercept != node.design.intercept:
        raise Refusal(
            "not_nested",
            "The second model is not the first one with some terms left out.",
            'Write the same terms in both, and more in one: "died ~ age + sex", "died ~ age".',
        )
    return Asked(larger.dimensions, CheckedPair(larger.model, smaller.model))


def remembered(axes: list[CheckedDimension]) -> tuple[CheckedDimension, ...]:
    """The first axes whose cells the ledger can hold; complete cases have no missing category."""
    kept: list[CheckedDimension] = []
    cells = 1
    for axis in axes:
        if cells * len(axis.levels) <= GROUP_LIMIT:
            cells *= len(axis.levels)
            kept.append(replace(axis, missing=False))
    return tuple(kept)


def _outcome(node: nodes.Regression, cohort: Cohort) -> bool:
    found = cohort.column(node.outcome)
    binary = found.kind == "boolean" or found.levels in (BOOLEANS, ("0", "1"))
    if node.model in BINARY or (node.model == "poisson" and binary):
        if binary:
            return True
        raise Refusal(
            "type_mismatch",
            f"{node.outcome} is {found.words}; this model explains a yes/no outcome.",
            f"Make it one: event = frame.{node.outcome} == 1, or another condition.",
        )
    if not found.numeric:
        raise Refusal(
            "type_mismatch",
            f"{node.outcome} is {found.words}; this model explains a number.",
            'For a yes/no outcome ask for .logit("…") or .regress("…", family="binomial").',
        )
    if node.model in ("poisson", "negative_binomial") and found.kind != "integer":
        raise Refusal(
            "type_mismatch",
            f"{node.outcome} is {found.words}; this model explains counts.",
            'Count rows with .count(); for costs and other amounts use family="gamma".',
        )
    return False


def _added(node: nodes.Regression, cohort: Cohort) -> None:
    for name, word in ((node.exposure, "person-time"), (node.offset, "an offset")):
        if name is not None and not cohort.column(name).numeric:
            raise Refusal(
                "type_mismatch",
                f"{name} is {cohort.column(name).words}; {word} is a number.",
                "Derive it: years = wb.days_between(frame.start, frame.end) / 365.25, say.",
            )
    if node.exposure is not None and node.model not in LOG:
        raise Refusal(
            "no_exposure",
            "Person-time belongs to models of rates.",
            'Use family="poisson", or leave the exposure out.',
        )


def _errors(node: nodes.Regression, *, binary: bool) -> None:
    if node.errors in ("HC2", "HC3") and node.model != "linear":
        raise Refusal(
            "unknown_errors",
            f"{node.errors} is defined for linear models.",
            'Use errors="HC0" or errors="HC1".',
        )
    if node.cluster is not None and node.errors != "classical":
        raise Refusal(
            "unknown_errors",
            "Errors that are robust to clusters are robust to unequal variances as well.",
            "Give a cluster or errors, not both.",
        )
    if node.model == "poisson" and binary and node.errors == "classical" and not node.cluster:
        raise Refusal(
            "unknown_errors",
            "A Poisson model of a yes/no outcome overstates its errors.",
            'Use errors="HC0" (the modified Poisson model of Zou), or .risk_ratio("…").',
        )
