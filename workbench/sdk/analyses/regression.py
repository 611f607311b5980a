"""Regression models, asked for by formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbench.plan import nodes
from workbench.plan.names import listed, nearest
from workbench.plan.nodes.analyses.regression import Errors, Model
from workbench.sdk.analyses.asking import Asking
from workbench.sdk.analyses.noise import Bounds, Dp, bounded, limits
from workbench.sdk.formula import formula
from workbench.sdk.refused import Refused

if TYPE_CHECKING:
    from workbench.plan.types import FrameType
    from workbench.sdk.release import Release

__all__ = ["Regressions"]

_MODELS: dict[str, dict[str, Model]] = {
    "gaussian": {"identity": "linear"},
    "binomial": {"logit": "logistic", "probit": "probit", "log": "log_binomial"},
    "poisson": {"log": "poisson"},
    "negative_binomial": {"log": "negative_binomial"},
    "gamma": {"log": "gamma"},
}
"""Family and link (the first is the default) -> the plan's word for it."""


class Regressions(Asking):
    """Analyses that give coefficients."""

    _type: FrameType

    def regress(
        self,
        model: str,
        family: str = "gaussian",
        *,
        link: str | None = None,
        errors: Errors = "classical",
        cluster: str | None = None,
        exposure: str | None = None,
        offset: str | None = None,
    ) -> Release:
        """A regression model of the persons that have every variable in it.

        model: a formula, "outcome ~ terms". Numbers enter as they are, categories with treatment
            contrasts. age:sex is an interaction, age*sex both and it; - 1 drops the intercept.
            C(x, ref="b") chooses a reference, poly(x, 2) powers, rcs(x, [40, 60, 80]) a restricted
            cubic spline, hinge(x, [2010]) a broken line, offset(log(years)) person-time.
        family: "gaussian", "binomial", "poisson", "negative_binomial" or "gamma".
        link: "logit", "probit" or "log" for "binomial"; the others have one each.
        errors: "classical", or robust "HC0", "HC1" (and "HC2", "HC3" for "gaussian").
        cluster: a category within which persons may be alike; errors are then robust to it.
        exposure: a number whose logarithm is added (person-time); offset: one added as it is.

        The release has blocks "coefficients", "terms" (Wald tests) and "fit":

            release = cohort.regress("died ~ age + sex + n_statin", family="binomial")
            release.to_polars("coefficients")

        It is refused as a whole when it rests on too few persons: see docs/reference/rules.md.
        """
        return self._model(_named(family, link), model, errors, cluster, exposure, offset)

    def ols(
        self,
        model: str,
        *,
        errors: Errors = "classical",
        cluster: str | None = None,
        dp: Dp | None = None,
        bounds: Mapping[str, Bounds] | None = None,
    ) -> Release:
        """Linear regression of a number: cohort.ols("bmi ~ age + sex", errors="HC3").

        dp: with noise, of numbers clipped to bounds (the contract's for those without); standard
        errors and limits hold the noise as well:

            cohort.ols("bmi ~ age + sex", dp=wb.dp(rho="1/10"), bounds={"bmi": (15, 60)})
        """
        if dp is None:
            bounded(bounds, exact=True)
            return self._model("linear", model, errors, cluster)
        found = formula(model, self._type)
        if errors != "classical" or cluster or found.exposure or found.offset:
            raise Refused(
                "not_with_noise",
                "With noise there are classical errors, and neither clusters nor offsets.",
                "Leave them out, or ask exactly.",
            )
        return self._run(
            nodes.DpRegression,
            outcome=found.outcome,
            design=found.design,
            rho=dp.rho,
            bounds=limits(bounds),
        )

    def logit(
        self, model: str, *, errors: Errors = "classical", cluster: str | None = None
    ) -> Release:
        """Logistic regression of a yes/no outcome: cohort.logit("died ~ age + sex")."""
        return self._model("logistic", model, errors, cluster)

    def probit(self, model: str, *, errors: Errors = "classical") -> Release:
        """Probit regression of a yes/no outcome."""
        return self._model("probit", model, errors)

    def poisson(
        self,
        model: str,
        *,
        exposure: str | None = None,
        errors: Errors = "classical",
        cluster: str | None = None,
    ) -> Release:
        """Poisson regression of a count; rate ratios with person-time as exposure:

        cohort.poisson("visits ~ age + sex", exposure="years"). If the fit's dispersion is far
        above 1, ask for errors="HC1" or .negative_binomial(…).
        """
        return self._model("poisson", model, errors, cluster, exposure)

    def negative_binomial(self, model: str, *, exposure: str | None = None) -> Release:
        """Negative binomial regression (NB2) of a count that varies more than Poisson's."""
        return self._model("negative_binomial", model, exposure=exposure)

    def risk_ratio(self, model: str, *, cluster: str | None = None) -> Release:
        """Risk ratios of a yes/no outcome: the modified Poisson model (Zou 2004), robust errors.

        Unlike a log-binomial model it always has an answer: cohort.risk_ratio("died ~ age + sex").
        """
        return self._model("poisson", model, "classical" if cluster else "HC0", cluster)

    def compare_models(
        self,
        larger: str,
        smaller: str,
        family: str = "gaussian",
        *,
        link: str | None = None,
        exposure: str | None = None,
    ) -> Release:
        """Whether a model says more than one with fewer terms, over the same persons.

        cohort.compare_models("died ~ age*sex", "died ~ age + sex", family="binomial"): a likelihood
        ratio test, of linear models the F test. Persons without a value of a variable that only the
        larger model has are left out of both.
        """
        more, fewer = formula(larger, self._type), formula(smaller, self._type)
        if (more.outcome, more.exposure, more.offset) != (
            fewer.outcome,
            fewer.exposure,
            fewer.offset,
        ):
            raise Refused(
                "not_nested",
                "The two models explain different outcomes.",
                "Write the same outcome and offset in both.",
            )
        return self._run(
            nodes.NestedModels,
            outcome=more.outcome,
            design=more.design,
            smaller=fewer.design,
            model=_named(family, link),
            exposure=_one("exposure", exposure, more.exposure),
            offset=more.offset,
        )

    def _model(
        self,
        kind: Model,
        text: str,
        errors: Errors = "classical",
        cluster: str | None = None,
        exposure: str | None = None,
        offset: str | None = None,
    ) -> Release:
        found = formula(text, self._type)
        return self._run(
            nodes.Regression,
            outcome=found.outcome,
            design=found.design,
            model=kind,
            errors=errors,
            cluster=cluster,
            exposure=_one("exposure", exposure, found.exposure),
            offset=_one("offset", offset, found.offset),
        )


def _named(family: str, link: str | None) -> Model:
    links = _MODELS.get(family)
    if links is None:
        near = nearest(family, _MODELS)
        raise Refused(
            "unknown_name",
            f"There is no family {family[:32]}.",
            f'Did you mean family="{near}"?' if near else f"There are {listed(_MODELS)}.",
        )
    wanted = next(iter(links)) if link is None else link
    if wanted not in links:
        raise Refused(
            "unknown_name",
            f"The {family} family has no link {wanted[:32]} here.",
            f"It has {listed(links)}.",
        )
    return links[wanted]


def _one(word: str, given: str | None, written: str | None) -> str | None:
    if given is not None and written is not None:
        raise Refused(
            "bad_formula",
            f"The {word} is given twice.",
            "Write it in the formula or as an argument, not both.",
        )
    return given if written is None else written
