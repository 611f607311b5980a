"""Models by sums over buckets are the models of statsmodels, on published data."""

from typing import Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from disclosure.results.regression import Fit, RegressionEvidence
from tests.lib.one_table import evidence_of, table_view
from tests.lib.studies import flchain, health_insurance, nafld
from workbench.engine.analyses.design import Coding, ModelColumn, Piece
from workbench.engine.analyses.regression.look import Scaling
from workbench.engine.analyses.rows import Rows
from workbench.plan import Schema, frame_type, nodes
from workbench.sdk.formula import formula

CLOSE = 1e-8


def evidence(data: pl.DataFrame, text: str, buckets: int = 3, **fields: Any) -> RegressionEvidence:
    schema = Schema.from_view(table_view(data).describe())
    found = formula(text, frame_type(nodes.Dataset(name="person"), schema))
    made = {"outcome": found.outcome, "design": found.design}
    made |= {"exposure": found.exposure, "offset": found.offset}
    result: RegressionEvidence = evidence_of(nodes.Regression, data, buckets, **made, **fields)
    return result


def fitted(data: pl.DataFrame, text: str, **fields: Any) -> Fit:
    found = evidence(data, text, **fields)
    assert found.trouble is None
    assert found.fit is not None
    return found.fit


def same(found: Fit, other: Any, errors: Any = None) -> None:
    """Coefficients and errors equal those of a fitted model of statsmodels, whatever its order."""
    params, bse = np.asarray(other.params), np.asarray(other.bse if errors is None else errors)
    params, bse = params[: found.estimate.size], bse[: found.estimate.size]
    order, theirs = np.argsort(found.estimate), np.argsort(params)
    np.testing.assert_allclose(found.estimate[order], params[theirs], rtol=CLOSE)
    np.testing.assert_allclose(found.error[order], bse[theirs], rtol=CLOSE)


def pandas(data: pl.DataFrame) -> Any:
    bools = [name for name, kind in data.schema.items() if kind == pl.Boolean]
    return data.with_columns(pl.col(bools).cast(pl.Int64)).to_pandas()


@pytest.mark.parametrize("buckets", [1, 3, 8])
def test_logistic_regression_is_that_of_statsmodels_in_any_number_of_buckets(buckets: int) -> None:
    data = flchain()
    found = fitted(data, "died ~ age*sex + kappa + group", model="logistic", buckets=buckets)
    other = smf.logit("died ~ age*sex + kappa + group", pandas(data)).fit(disp=0, tol=1e-14)

    same(found, other)
    assert found.summary["loglik"] == pytest.approx(other.llf, rel=1e-10)
    assert found.summary["aic"] == pytest.approx(other.aic, rel=1e-10)
    assert found.summary["r2_mcfadden"] == pytest.approx(other.prsquared, rel=1e-8)


LINEAR = "creatinine ~ age + sex + kappa + lambda_chain"


@pytest.mark.parametrize("errors", ["classical", "HC0", "HC1", "HC2", "HC3"])
def test_linear_regression_has_classical_and_robust_errors(errors: str) -> None:
    data = flchain()
    found = fitted(data, LINEAR, model="linear", errors=errors)
    plain = smf.ols(LINEAR, data.to_pandas()).fit()
    kind = "nonrobust" if errors == "classical" else errors
    other = smf.ols(LINEAR, data.to_pandas()).fit(cov_type=kind, use_t=True)

    same(found, other)
    assert found.t_freedom == other.df_resid
    assert found.summary["r2"] == pytest.approx(plain.rsquared, rel=CLOSE)
    assert found.summary["r2_adjusted"] == pytest.approx(plain.rsquared_adj, rel=CLOSE)
    assert found.summary["loglik"] == pytest.approx(plain.llf, rel=CLOSE)
    assert found.summary["sigma"] == pytest.approx(np.sqrt(plain.scale), rel=CLOSE)
    assert found.leverage == pytest.approx(plain.get_influence().hat_matrix_diag.max(), rel=1e-6)


def test_errors_can_be_robust_to_clusters() -> None:
    data = flchain().drop_nulls("creatinine")
    found = fitted(data, "creatinine ~ age + sex", model="linear", cluster="group")
    frame = data.to_pandas()
    codes = frame["group"].astype("category").cat.codes
    other = smf.ols("creatinine ~ age + sex", frame).fit(
        cov_type="cluster", cov_kwds={"groups": codes}
    )

    same(found, other)
    assert found.clusters == 10


@pytest.mark.parametrize(
    ("model", "text", "family"),
    [
        ("probit", "died ~ age + sex + kappa",
         sm.families.Binomial(sm.families.links.Probit())),
        ("log_binomial", "mgus ~ age + sex",
         sm.families.Binomial(sm.families.links.Log())),
        ("gamma", "kappa ~ age + sex + creatinine",
         sm.families.Gamma(sm.families.links.Log())),
    ],
)  # fmt: skip
def test_generalised_models_are_those_of_statsmodels(model: str, text: str, family: Any) -> None:
    data = flchain().filter(pl.col("kappa") > 0)
    found = fitted(data, text, model=model)
    other = smf.glm(text, pandas(data), family=family).fit(tol=1e-14, maxiter=200)

    same(found, other)
    assert found.summary["loglik"] == pytest.approx(other.llf, rel=1e-8)


def test_poisson_regression_counts_person_time() -> None:
    data = flchain().filter(pl.col("years") > 0).with_columns(deaths=pl.col("died").cast(pl.Int64))
    text = "deaths ~ age + sex"
    found = fitted(data, f"{text} + offset(log(years))", model="poisson", errors="HC0")
    other = smf.glm(
        text, pandas(data), family=sm.families.Poisson(), exposure=data["years"].to_numpy()
    ).fit(tol=1e-14, cov_type="HC0")

    same(found, other)


def test_an_offset_is_added_with_coefficient_one() -> None:
    data = flchain().with_columns(added=pl.col("age") / 50)
    linear = fitted(data, "kappa ~ sex + offset(added)", model="linear")
    logistic = fitted(data, "died ~ sex + offset(added)", model="logistic")
    known = pandas(data.with_columns(rest=pl.col("kappa") - pl.col("added")))
    other = smf.glm("died ~ sex", known, family=sm.families.Binomial(), offset=known["added"])

    same(linear, smf.ols("rest ~ sex", known).fit())
    same(logistic, other.fit(tol=1e-14))


def test_counts_and_their_overdispersion_are_those_of_statsmodels() -> None:
    data = health_insurance()
    text = "visits ~ coinsurance + chronic + age + sex"
    poisson = fitted(data, text, model="poisson")
    negative = fitted(data, text, model="negative_binomial")
    plain = smf.glm(text, data.to_pandas(), family=sm.families.Poisson()).fit(tol=1e-14)
    other = smf.negativebinomial(text, data.to_pandas()).fit(
        disp=0,
        maxiter=400,
        method="newton",
        tol=1e-13,
        start_params=[*negative.estimate[[0, 4]], 0, 0, 0, 1.0],
    )

    same(poisson, plain)
    assert poisson.summary["dispersion"] == pytest.approx(
        plain.pearson_chi2 / plain.df_resid, rel=CLOSE
    )
    same(negative, other)
    assert negative.summary["alpha"] == pytest.approx(other.params["alpha"], rel=CLOSE)
    assert negative.summary["alpha_se"] == pytest.approx(other.bse["alpha"], rel=CLOSE)
    assert negative.summary["loglik"] == pytest.approx(other.llf, rel=1e-9)


def test_risk_ratios_are_those_of_the_modified_poisson_model() -> None:
    data = flchain()
    found = fitted(data, "died ~ age + sex", model="poisson", errors="HC0")
    other = smf.glm("died ~ age + sex", pandas(data), family=sm.families.Poisson()).fit(
        tol=1e-14, cov_type="HC0"
    )

    same(found, other)
    assert "loglik" not in found.summary


def test_incomplete_persons_take_no_part() -> None:
    data = nafld()
    found = evidence(data, "died ~ age + sex + bmi", model="logistic")

    assert found.population == data.drop_nulls("bmi").height < data.height


def test_terms_are_tested_as_by_wald() -> None:
    data = flchain()
    found = fitted(data, "died ~ age + sex + group", model="logistic")
    other = smf.logit("died ~ age + sex + group", pandas(data)).fit(disp=0, tol=1e-14)
    tests = other.wald_test_terms(scalar=True).table

    for term, kind, df, statistic, p in found.tests:
        assert kind == "χ²"
        assert df == tests.loc[term, "df_constraint"]
        assert statistic == pytest.approx(tests.loc[term, "statistic"], rel=1e-6)
        assert p == pytest.approx(tests.loc[term, "pvalue"], rel=1e-5)


def test_many_persons_are_first_fitted_in_part_and_come_out_the_same() -> None:
    chance = np.random.default_rng(3)
    n = 210_000
    age, sex = chance.normal(60, 10, n), chance.choice(["F", "M"], n)
    eta = -9 + 0.1 * age + 0.4 * (sex == "M")
    data = pl.DataFrame({"age": age, "sex": sex, "died": chance.random(n) < 1 / (1 + np.exp(-eta))})
    found = fitted(data, "died ~ age + sex", model="logistic")
    other = smf.logit("died ~ age + sex", pandas(data)).fit(disp=0, tol=1e-14)

    same(found, other)


def test_a_start_that_leads_astray_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.engine.analyses.regression import computation

    starts = []

    def astray(_merged: Any, state: Any) -> Any:
        starts.append(state["beta"])
        return {**state, "phase": "fit", "beta": [900.0 for _ in state["beta"]], "guessed": False}

    monkeypatch.setattr(computation, "STRIDE_FROM", 1000)
    monkeypatch.setattr(computation, "averaged", astray)
    found = fitted(flchain(), "died ~ age + sex", model="logistic")
    other = smf.logit("died ~ age + sex", pandas(flchain())).fit(disp=0, tol=1e-14)

    same(found, other)
    assert len(starts) == 1


def test_a_part_without_an_answer_has_no_weight_in_the_start() -> None:
    from workbench.engine.analyses.regression.start import averaged, begun, weighed

    same_for_all = Rows({"y": np.ones(100), "n:x": np.linspace(-1, 1, 100)})
    columns = (ModelColumn("", "", ()), ModelColumn("x", "", (Piece("power", "x", 1),)))
    scaling = Scaling(Coding(columns, (0, 1), {}), np.zeros(2), np.ones(2))
    first = {"beta": [0.5, 0.0], "extra": None, "loglik": None, "step": None}
    state = {**first, "phase": "start", "halved": 0, "rounds": 0, "guessed": True}

    nothing = begun(same_for_all, "logistic", scaling, state)
    assert not nothing["sum:bend"].any()
    assert averaged(nothing, state) == {**state, "phase": "fit"}
    something = weighed(np.diag([2.0, 3.0]), np.array([-1.0, 4.0]))
    both = {name: nothing[name] + something[name] for name in something}
    assert averaged(both, state)["beta"] == pytest.approx([-1.0, 4.0])


def test_large_and_far_numbers_do_not_disturb_a_model() -> None:
    data = flchain().with_columns(born=2000.0 - pl.col("age") + 1e6, size=pl.col("kappa") * 1e9)
    near = fitted(flchain(), "died ~ age + sex + kappa", model="logistic")
    far = fitted(data, "died ~ born + sex + size", model="logistic")

    assert far.estimate[1] == pytest.approx(-near.estimate[1], rel=1e-9)
    assert far.estimate[3] == pytest.approx(near.estimate[3] / 1e9, rel=1e-9)
    assert far.error[1] == pytest.approx(near.error[1], rel=1e-8)


@pytest.mark.parametrize(
    ("data", "text", "fields", "code", "about"),
    [
        (flchain().with_columns(twice=pl.col("age") * 2), "died ~ age + twice", {}, "dependent",
         "twice"),
        (flchain().with_columns(one=pl.lit(1.0)), "died ~ age + one", {}, "constant_term", "one"),
        (flchain().filter(pl.col("sex") == "F").with_columns(never=pl.lit(value=False)),
         "died ~ age + never", {}, "constant_term", "never"),
        (flchain().with_columns(older=pl.col("age") > 70, age2=pl.col("age") - 70.5),
         "older ~ age2", {}, "separated", ""),
        (flchain().with_columns(less=-pl.col("age")), "less ~ sex", {"model": "poisson"},
         "negative_outcome", ""),
        (flchain().with_columns(less=pl.col("kappa") - 1), "less ~ age", {"model": "gamma"},
         "negative_outcome", ""),
    ],
)  # fmt: skip
def test_models_without_an_answer_say_which_term_is_to_blame(
    data: pl.DataFrame, text: str, fields: dict[str, Any], code: str, about: str
) -> None:
    found = evidence(data, text, **({"model": "logistic"} | fields))

    assert found.trouble == (code, about)
    assert found.fit is None
