"""What is shown of a model: coefficients, terms, fit; no residual, fitted value or leverage.

Digits: an estimate to a thousandth of its standard error and no finer than the rule of means has it
(disclosure.rules.means): half of the last digit is at least p% of the largest contribution of one
person, so that a model asked twice, with one person's value changed, does not tell that value.
Statistics, p-values, limits and ratios are computed
from what is shown, so that none of them tells a digit more.
"""

import math
from typing import TYPE_CHECKING, Any

from scipy import stats

from disclosure.policy import Policy
from disclosure.results.block import Block, BlockColumn, Value
from disclosure.results.digits import significant

if TYPE_CHECKING:
    from disclosure.results.regression import Fit, RegressionEvidence

__all__ = ["blocks", "nested_blocks"]

FIGURES, FIGURES_OF_AMOUNTS = 4, 3
"""Significant figures of errors and what follows from them."""
SUMMARY = 6
"""Of the numbers that describe the fit of counts."""
CONFIDENCE = 0.95


def blocks(evidence: "RegressionEvidence", fit: "Fit", policy: Policy) -> tuple[Block, ...]:
    """The blocks of a model: "coefficients", "terms" (unless there are none) and "fit"."""
    found = [_coefficients(evidence, fit, policy)]
    if fit.tests:
        found.append(_terms(fit, policy))
    return (*found, _fit(evidence, fit))


def nested_blocks(
    evidence: "RegressionEvidence",
    larger: "Fit",
    test: tuple[str, int, float, float],
) -> tuple[Block, ...]:
    """The blocks of a test between two models: "test" and "fit", a row a model."""
    kind, df, statistic, p = test
    columns = (
        BlockColumn("test", "text", {"en": "Test", "nb": "Test"}),
        BlockColumn("df", "integer", {"en": "df", "nb": "Frihetsgrader"}),
        BlockColumn("statistic", "number", {"en": "Statistic", "nb": "Testverdi"}),
        BlockColumn("p", "number", {"en": "p", "nb": "p"}),
    )
    figures = _figures(larger)
    row = (kind, df, significant(statistic, figures), significant(p, figures))
    title = {"en": "Terms that only the larger model has", "nb": "Ledd bare i den største modellen"}
    tested = Block("test", title, columns, (row,))
    return (tested, _fit(evidence, larger))


def _coefficients(evidence: "RegressionEvidence", fit: "Fit", policy: Policy) -> Block:
    columns = [
        BlockColumn("term", "text", {"en": "Term", "nb": "Ledd"}),
        BlockColumn("level", "text", {"en": "Level", "nb": "Nivå"}),
        BlockColumn("estimate", "number", {"en": "Estimate", "nb": "Estimat"}),
        BlockColumn("se", "number", {"en": "Std. error", "nb": "Standardfeil"}),
        BlockColumn("statistic", "number", {"en": "Statistic", "nb": "Testverdi"}),
        BlockColumn("p", "number", {"en": "p", "nb": "p"}),
        BlockColumn("low", "number", {"en": "95 % from", "nb": "95 % fra"}),
        BlockColumn("high", "number", {"en": "95 % to", "nb": "95 % til"}),
    ]
    if evidence.ratio:
        word = _RATIOS.get(evidence.model, {"en": "Ratio", "nb": "Rate"})
        columns += [
            BlockColumn("ratio", "number", word),
            BlockColumn("ratio_low", "number", {"en": "95 % from", "nb": "95 % fra"}),
            BlockColumn("ratio_high", "number", {"en": "95 % to", "nb": "95 % til"}),
        ]
    rows: list[tuple[Value, ...]] = []
    named = set(zip(fit.terms, fit.levels, strict=True))
    compared: set[str] = set()
    for at, (term, level) in enumerate(zip(fit.terms, fit.levels, strict=True)):
        reference = evidence.references.get(term)
        if reference is not None and term not in compared and (term, reference) not in named:
            rows.append(_reference(term, reference, len(columns)))
        compared.add(term)
        rows.append(_row(evidence, fit, at, term, level, policy))
    title = {"en": "Coefficients", "nb": "Koeffisienter"}
    return Block("coefficients", title, tuple(columns), tuple(rows))


def _row(
    evidence: "RegressionEvidence", fit: "Fit", at: int, term: str, level: str, policy: Policy
) -> tuple[Value, ...]:
    estimate, error, step = _shown(fit, at, policy)
    if estimate is None or not error:
        return (term, level, estimate, error, *[None] * (7 if evidence.ratio else 4))
    statistic = estimate / error
    wide = _quantile(fit) * error
    ends = [_stepped(estimate - wide, step), _stepped(estimate + wide, step)]
    tail = stats.norm.sf(abs(statistic)) if fit.t_freedom is None else _t(fit).sf(abs(statistic))
    row: tuple[Value, ...] = (
        term,
        level,
        estimate,
        error,
        significant(statistic, FIGURES),
        significant(2.0 * float(tail), FIGURES),
        *ends,
    )
    if evidence.ratio:
        row += tuple(_exponential(one) for one in (estimate, *ends))
    return row


def _shown(fit: "Fit", at: int, policy: Policy) -> tuple[float | None, float | None, float]:
    """Estimate and error as they are shown, and the step of the estimate's last digit."""
    step = float(fit.error[at]) / 1000.0
    if fit.largest is not None:
        step = max(step, 2.0 * float(policy.p_percent) * float(fit.largest[at]))
    estimate = _stepped(float(fit.estimate[at]), step)
    return estimate, significant(float(fit.error[at]), _figures(fit)), step


def _figures(fit: "Fit") -> int:
    return FIGURES if fit.largest is None else FIGURES_OF_AMOUNTS


def _t(fit: "Fit") -> Any:
    return stats.t(max(fit.t_freedom or 1, 1))


def _quantile(fit: "Fit") -> float:
    at = 0.5 + CONFIDENCE / 2
    return float(stats.norm.ppf(at) if fit.t_freedom is None else _t(fit).ppf(at))


def _exponential(value: float | None) -> float | None:
    return None if value is None or abs(value) > 300 else significant(math.exp(value), FIGURES)


def _stepped(value: float, step: float) -> float | None:
    """The value rounded to the decimal place that is no finer than `step`."""
    if not math.isfinite(value):
        return None
    if step <= 0:
        return significant(value, SUMMARY)
    return round(value, math.floor(-math.log10(step))) + 0.0


def _reference(term: str, level: str, width: int) -> tuple[Value, ...]:
    return (term, f"{level} (ref.)", *[None] * (width - 2))


def _terms(fit: "Fit", policy: Policy) -> Block:
    columns = (
        BlockColumn("term", "text", {"en": "Term", "nb": "Ledd"}),
        BlockColumn("test", "text", {"en": "Test", "nb": "Test"}),
        BlockColumn("df", "integer", {"en": "df", "nb": "Frihetsgrader"}),
        BlockColumn("statistic", "number", {"en": "Wald statistic", "nb": "Wald-verdi"}),
        BlockColumn("p", "number", {"en": "p", "nb": "p"}),
    )
    rows = tuple(_tested(fit, one, policy) for one in fit.tests)
    return Block("terms", {"en": "Tests of terms", "nb": "Tester av ledd"}, columns, rows)


def _tested(
    fit: "Fit", test: tuple[str, str, int, float, float], policy: Policy
) -> tuple[Value, ...]:
    """A test of one column is the square of its statistic, as that is shown."""
    term, kind, df, value, p = test
    if df == 1:
        estimate, error, _ = _shown(fit, fit.terms.index(term), policy)
        if estimate is None or not error:
            return (term, kind, df, None, None)
        value = (estimate / error) ** 2
        tail = stats.chi2(1) if fit.t_freedom is None else stats.f(1, max(fit.t_freedom, 1))
        p = float(tail.sf(value))
    return (term, kind, df, significant(value, _figures(fit)), significant(p, _figures(fit)))


def _fit(evidence: "RegressionEvidence", fit: "Fit") -> Block:
    everybody = evidence.split[0]
    columns = [BlockColumn("n", "persons", {"en": "Persons", "nb": "Personer"})]
    row: list[Value] = [everybody.persons]
    if evidence.binary:
        columns.append(BlockColumn("events", "persons", {"en": "Events", "nb": "Hendelser"}))
        row.append(everybody.events)
    columns += [
        BlockColumn("parameters", "integer", {"en": "Coefficients", "nb": "Koeffisienter"}),
        BlockColumn("df", "integer", {"en": "Residual df", "nb": "Frihetsgrader"}),
    ]
    row += [fit.parameters, fit.freedom]
    for name, value in fit.summary.items():
        if value is not None:
            columns.append(BlockColumn(name, "number", _SUMMARY[name]))
            row.append(_described(name, value, fit))
    return Block("fit", {"en": "Fit", "nb": "Tilpasning"}, tuple(columns), (tuple(row),))


def _described(name: str, value: float, fit: "Fit") -> float | None:
    if fit.largest is None:
        return significant(value, SUMMARY)
    if name in ("loglik", "aic", "bic"):
        return round(value) + 0.0 if math.isfinite(value) else None
    return significant(value, FIGURES_OF_AMOUNTS)


_RATIOS = {
    "cox": {"en": "Hazard ratio", "nb": "Hasardratio"},
    "logistic": {"en": "Odds ratio", "nb": "Oddsratio"},
    "log_binomial": {"en": "Risk ratio", "nb": "Risikoratio"},
    "poisson": {"en": "Rate ratio", "nb": "Rateratio"},
    "negative_binomial": {"en": "Rate ratio", "nb": "Rateratio"},
    "gamma": {"en": "Ratio of means", "nb": "Forhold mellom gjennomsnitt"},
}
_SUMMARY = {
    "loglik": {"en": "Log-likelihood", "nb": "Log-likelihood"},
    "aic": {"en": "AIC", "nb": "AIC"},
    "bic": {"en": "BIC", "nb": "BIC"},
    "r2": {"en": "R²", "nb": "R²"},
    "r2_adjusted": {"en": "Adjusted R²", "nb": "Justert R²"},
    "r2_mcfadden": {"en": "McFadden R²", "nb": "McFadden R²"},
    "sigma": {"en": "Residual sd", "nb": "Residualt standardavvik"},
    "f": {"en": "F", "nb": "F"},
    "p_f": {"en": "p of F", "nb": "p for F"},
    "dispersion": {"en": "Dispersion", "nb": "Dispersjon"},
    "pearson": {"en": "Pearson χ²", "nb": "Pearsons χ²"},
    "alpha": {"en": "Overdispersion α", "nb": "Overdispersjon α"},
    "alpha_se": {"en": "Std. error of α", "nb": "Standardfeil for α"},
    "clusters": {"en": "Clusters", "nb": "Klynger"},
}
