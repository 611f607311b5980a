"""Cox regression: the rules of regressions, with events in the place of persons."""

from dataclasses import dataclass, replace

from disclosure.findings import Finding, Severity
from disclosure.policy import Policy
from disclosure.results.block import Block, BlockColumn
from disclosure.results.digits import significant
from disclosure.results.judgement import Judgement, judge
from disclosure.results.regression import RegressionEvidence
from disclosure.results.words import LABELS, TITLES

__all__ = ["CoxEvidence"]

EVENTS_A_COLUMN = 10
"""Events for each coefficient, at least."""


@dataclass(frozen=True, kw_only=True)
class CoxEvidence(RegressionEvidence):
    """A Cox model. trends: of each term (Σ: all) degrees of freedom, χ² and p of an effect that
    changes with time."""

    trends: tuple[tuple[str, int, float, float], ...]


@judge.register
def _(evidence: CoxEvidence, policy: Policy) -> Judgement:
    fit = evidence.fit
    if fit is not None and fit.parameters * EVENTS_A_COLUMN > evidence.split[0].events:
        return Judgement((_few_events(),))
    found = judge.dispatch(RegressionEvidence)(evidence, policy)
    if not found.blocks:
        return found
    return replace(
        found,
        blocks=(*found.blocks, _trends(evidence)),
        proof={**found.proof, "family": "cox", "events_a_coefficient": EVENTS_A_COLUMN},
    )


def _trends(evidence: CoxEvidence) -> Block:
    columns = (
        BlockColumn("term", "text", LABELS["term"]),
        BlockColumn("dof", "integer", LABELS["dof"]),
        BlockColumn("chi2", "number", LABELS["chi2"]),
        BlockColumn("p", "number", LABELS["p"]),
    )
    rows = tuple(
        (term, dof, significant(value), significant(p)) for term, dof, value, p in evidence.trends
    )
    return Block("proportional", TITLES["proportional"], columns, rows)


def _few_events() -> Finding:
    return Finding(
        "regression",
        Severity.BLOCKING,
        {
            "en": f"The model has too many terms: {EVENTS_A_COLUMN} events a coefficient are "
            "needed.",
            "nb": f"Modellen har for mange ledd: det trengs {EVENTS_A_COLUMN} hendelser per "
            "koeffisient.",
        },
        {
            "en": "Use fewer terms or coarser categories, or widen the cohort.",
            "nb": "Bruk færre ledd eller grovere kategorier, eller gjør kohorten videre.",
        },
    )
