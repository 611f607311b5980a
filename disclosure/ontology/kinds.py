"""The kinds of questions that the gate decides by itself: their statbarn and their rules."""

from collections.abc import Mapping
from dataclasses import dataclass

from disclosure.ontology.terms import RISKS, Risk, Statbarn, iri

__all__ = ["KINDS", "Kind", "described"]

_WHOLE = ("population", "ledger")
_TABLE = (*_WHOLE, "size", "threshold", "group_disclosure", "suppression")
_NUMBERS = (*_TABLE, "dominance", "means")


@dataclass(frozen=True)
class Kind:
    """statbarn: what it is checked as; rules: modules of the gate that decide, by their heading in
    docs/reference/rules.md."""

    statbarn: Statbarn
    rules: tuple[str, ...]


_S = Statbarn
KINDS: Mapping[str, Kind] = {
    "boxplot": Kind(_S.POSITION, (*_TABLE, "quantiles")),
    "chi_squared": Kind(_S.STATISTICAL_HYPOTHESIS_TESTS, (*_WHOLE, "threshold")),
    "clusters": Kind(_S.CLUSTERS, (*_WHOLE, "association")),
    "components": Kind(_S.STATISTICAL_HYPOTHESIS_TESTS, (*_WHOLE, "association")),
    "concentration": Kind(_S.GINI_COEFFICIENT, (*_NUMBERS, "concentration")),
    "correlations": Kind(_S.CORRELATION_COEFFICIENTS, (*_WHOLE, "association")),
    "count": Kind(_S.FREQUENCIES, _TABLE),
    "covariances": Kind(_S.CORRELATION_COEFFICIENTS, (*_WHOLE, "association")),
    "cox": Kind(_S.CORRELATION_COEFFICIENTS, (*_WHOLE, "threshold", "regression")),
    "crosstab": Kind(_S.FREQUENCIES, _TABLE),
    "cumulative_incidence": Kind(_S.HAZARD_SURVIVAL_TABLES, (*_WHOLE, "threshold", "steps")),
    "density": Kind(_S.FREQUENCIES, _TABLE),
    "describe": Kind(_S.LINEAR_AGGREGATIONS, _NUMBERS),
    "dp_count": Kind(_S.FREQUENCIES, ("privacy",)),
    "dp_crosstab": Kind(_S.FREQUENCIES, ("privacy",)),
    "dp_describe": Kind(_S.LINEAR_AGGREGATIONS, ("privacy",)),
    "dp_histogram": Kind(_S.FREQUENCIES, ("privacy",)),
    "dp_keys": Kind(_S.FREQUENCIES, ("privacy",)),
    "dp_quantiles": Kind(_S.POSITION, ("privacy",)),
    "dp_regression": Kind(_S.CORRELATION_COEFFICIENTS, ("privacy",)),
    "dp_totals": Kind(_S.LINEAR_AGGREGATIONS, ("privacy",)),
    "heatmap": Kind(_S.FREQUENCIES, _TABLE),
    "histogram": Kind(_S.FREQUENCIES, _TABLE),
    "kaplan_meier": Kind(_S.HAZARD_SURVIVAL_TABLES, (*_WHOLE, "threshold", "steps")),
    "life_course": Kind(_S.FREQUENCIES, _TABLE),
    "life_table": Kind(_S.HAZARD_SURVIVAL_TABLES, (*_WHOLE, "threshold", "steps")),
    "log_rank": Kind(_S.STATISTICAL_HYPOTHESIS_TESTS, (*_WHOLE, "threshold", "steps")),
    "mean_test": Kind(_S.STATISTICAL_HYPOTHESIS_TESTS, (*_WHOLE, "threshold", "dominance",
                                                        "means")),
    "missingness": Kind(_S.FREQUENCIES, (*_WHOLE, "threshold")),
    "nelson_aalen": Kind(_S.HAZARD_SURVIVAL_TABLES, (*_WHOLE, "threshold", "steps")),
    "nested_models": Kind(_S.STATISTICAL_HYPOTHESIS_TESTS, (*_WHOLE, "regression")),
    "proportion": Kind(_S.FREQUENCIES, _TABLE),
    "quantiles": Kind(_S.POSITION, (*_TABLE, "quantiles")),
    "rank_test": Kind(_S.STATISTICAL_HYPOTHESIS_TESTS, (*_WHOLE, "threshold")),
    "rates": Kind(_S.HAZARD_SURVIVAL_TABLES, (*_WHOLE, "rates")),
    "ratio": Kind(_S.CALCULATED_RATIOS, (*_NUMBERS, "ratios")),
    "regression": Kind(_S.CORRELATION_COEFFICIENTS, (*_WHOLE, "regression")),
    "restricted_mean": Kind(_S.HAZARD_SURVIVAL_TABLES, (*_WHOLE, "threshold", "steps")),
    "shares": Kind(_S.FREQUENCIES, _TABLE),
    "summary": Kind(_S.POSITION, (*_NUMBERS, "quantiles")),
    "top_codes": Kind(_S.FREQUENCIES, (*_WHOLE, "threshold")),
    "totals": Kind(_S.LINEAR_AGGREGATIONS, _NUMBERS),
    "trend": Kind(_S.FREQUENCIES, _NUMBERS),
}  # fmt: skip
"""By the name that a plan gives the kind of its analysis (`k`)."""


def described(kind: str, rules: tuple[str, ...] = ()) -> dict[str, object]:
    """What a release is in the ontology's words, as JSON: {"statbarn", "risks", "met"}.

    risks: those that its rules stand against; met: those of the rules that spoke up (rules: of its
    findings). Empty for a kind that has no place in the ontology.
    """
    found = KINDS.get(kind)
    if found is None:
        return {}
    against = {risk for rule in found.rules for risk in RISKS.get(rule, ())}
    met = {risk for rule in rules for risk in RISKS.get(rule, ())}
    return {"statbarn": iri(found.statbarn), "risks": _iris(against), "met": _iris(met)}


def _iris(risks: set[Risk]) -> list[str]:
    return sorted(iri(one) for one in risks)
