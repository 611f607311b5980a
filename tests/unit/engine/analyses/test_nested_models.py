"""A test between nested models is that of statsmodels, over the persons of the larger one."""

import numpy as np
import pytest
import statsmodels.formula.api as smf
from scipy.stats import chi2

from disclosure.findings import Verdict
from disclosure.results import decide_result
from tests.lib.gate import policy
from tests.lib.one_table import TABLE, evidence_of, table_view
from tests.lib.studies import flchain
from tests.unit.engine.analyses.test_regression import pandas
from workbench.plan import Plan, Refusal, Schema, check, explain, frame_type, nodes
from workbench.sdk.formula import formula

DATA = flchain()
SCHEMA = Schema.from_view(table_view(DATA).describe())


def pair(larger: str, smaller: str, model: str) -> dict[str, object]:
    frame = frame_type(TABLE, SCHEMA)
    more, fewer = formula(larger, frame), formula(smaller, frame)
    return {
        "outcome": more.outcome,
        "design": more.design,
        "smaller": fewer.design,
        "model": model,
    }


@pytest.mark.parametrize("buckets", [1, 4])
def test_the_likelihood_ratio_of_logistic_models(buckets: int) -> None:
    asked = pair("died ~ age*sex + group", "died ~ age + sex", "logistic")
    found = evidence_of(nodes.NestedModels, DATA, buckets, **asked)
    larger = smf.logit("died ~ age*sex + group", pandas(DATA)).fit(disp=0, tol=1e-14)
    smaller = smf.logit("died ~ age + sex", pandas(DATA)).fit(disp=0, tol=1e-14)

    kind, df, statistic, p = found.test

    assert (kind, df) == ("χ²", 10)
    assert statistic == pytest.approx(2 * (larger.llf - smaller.llf), rel=1e-8)
    assert p == pytest.approx(chi2.sf(statistic, 10), rel=1e-8)


def test_the_f_test_of_linear_models_leaves_out_whom_the_larger_one_leaves_out() -> None:
    asked = pair("kappa ~ age + sex + creatinine", "kappa ~ age + sex", "linear")
    found = evidence_of(nodes.NestedModels, DATA, **asked)
    known = pandas(DATA.drop_nulls("creatinine"))
    larger = smf.ols("kappa ~ age + sex + creatinine", known).fit()
    f, p, df = larger.compare_f_test(smf.ols("kappa ~ age + sex", known).fit())

    assert found.population == len(known) < DATA.height
    assert found.test[:2] == ("F", int(df))
    assert found.test[2] == pytest.approx(f, rel=1e-8)
    assert found.test[3] == pytest.approx(p, rel=1e-6)


def test_both_models_must_meet_the_rules() -> None:
    victim = DATA.with_columns(one=np.arange(DATA.height) == 7)
    asked = pair("died ~ age + sex", "died ~ age", "logistic")
    harmless = decide_result(evidence_of(nodes.NestedModels, DATA, **asked), policy(), ())
    frame = frame_type(TABLE, Schema.from_view(table_view(victim).describe()))
    pointed = asked | {"design": formula("died ~ age + one", frame).design}
    refused = decide_result(evidence_of(nodes.NestedModels, victim, **pointed), policy(), ())

    assert harmless.verdict is Verdict.RELEASE
    assert [one.name for one in harmless.blocks] == ["test", "fit"]
    assert refused.verdict is Verdict.REFUSE
    assert "one [true]" in refused.findings[0].text["en"]


@pytest.mark.parametrize(
    ("larger", "smaller"),
    [
        ("died ~ age", "died ~ age"),
        ("died ~ age", "died ~ sex"),
        ("died ~ age + sex", "died ~ poly(age, 2)"),
        ("died ~ age + sex", "died ~ age - 1"),
    ],
)
def test_models_that_are_not_nested_are_refused_with_an_example(larger: str, smaller: str) -> None:
    plan = Plan(analysis=nodes.NestedModels(cohort=TABLE, **pair(larger, smaller, "logistic")))

    with pytest.raises(Refusal) as refused:
        check(plan, SCHEMA)

    assert refused.value.code == "not_nested"
    assert "~" in refused.value.remedy


def test_it_is_said_in_plain_words() -> None:
    plan = Plan(
        analysis=nodes.NestedModels(
            cohort=TABLE, **pair("died ~ age + sex", "died ~ age", "logistic")
        )
    )

    assert explain(plan) == (
        "Logistic regression of died: whether age and sex say more than age, among person."
    )
