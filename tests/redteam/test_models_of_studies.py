"""The rules that stop attackers let the models of real studies pass: published registers."""

import polars as pl
import pytest

from disclosure.results import decide_result
from tests.lib.gate import policy
from tests.lib.one_table import TABLE, evidence_of, table_view
from tests.lib.studies import flchain, health_insurance, nafld
from workbench.plan import Schema, frame_type, nodes
from workbench.sdk.formula import formula


@pytest.mark.parametrize(
    ("data", "text", "model"),
    [
        (flchain(), "died ~ age*sex + group", "logistic"),
        (flchain(), "died ~ age + sex + creatinine + mgus", "logistic"),
        (flchain(), "creatinine ~ age + sex + kappa + lambda_chain", "linear"),
        (flchain(), "kappa ~ age + sex + group", "gamma"),
        (flchain(), "died ~ rcs(age, [55, 65, 75, 85]) + sex", "probit"),
        (nafld(), "died ~ poly(age, 2)*sex + bmi", "logistic"),
        (nafld(), "bmi ~ age + sex + nafld", "linear"),
        (health_insurance(), "visits ~ age + sex + chronic + health", "poisson"),
        (health_insurance(), "visits ~ age + sex + chronic + health", "negative_binomial"),
        (health_insurance(), "visits ~ age + sex + coinsurance", "linear"),
    ],
)
def test_a_model_of_a_real_study_is_released(data: pl.DataFrame, text: str, model: str) -> None:
    frame = frame_type(TABLE, Schema.from_view(table_view(data).describe()))
    asked = formula(text, frame)
    found = evidence_of(
        nodes.Regression, data, outcome=asked.outcome, design=asked.design, model=model
    )

    decision = decide_result(found, policy(), ())

    assert [one.text["en"] for one in decision.findings] == []
    assert [one.name for one in decision.blocks] == ["coefficients", "terms", "fit"]
