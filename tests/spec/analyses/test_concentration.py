"""Concentration: Gini's coefficient and the Lorenz curve, equal to sorting everybody."""

from typing import Any

import numpy as np
import pytest

from disclosure.gate import decide
from tests.lib.asked import (
    NAFLD,
    block,
    body,
    judged,
    nafld_rows,
    people,
    the_same_whatever_the_buckets,
)
from tests.lib.drawn import PERSON_FRAME
from tests.lib.engines import run
from tests.lib.gate import policy
from tests.lib.plain_view import PlainView, described
from workbench.plan import Plan, Refusal, Schema, check, nodes

POLICY = policy()


def asked(variable: str = "weight", **more: Any) -> nodes.Concentration:
    return nodes.Concentration(cohort=PERSON_FRAME, variable=variable, **more)


def evidence(analysis: Any, view: PlainView) -> Any:
    schema = Schema.from_view(view.describe())
    return run(check(Plan(analysis=analysis), schema), view, schema).evidence


def gini(values: Any) -> float:
    x = np.sort(np.asarray(values, float))
    rank = np.arange(1, x.size + 1)
    return float((2 * rank - x.size - 1) @ x / (x.size * x.sum()))


def lorenz(values: Any) -> np.ndarray[Any, Any]:
    x = np.sort(np.asarray(values, float))
    held = np.concatenate([[0.0], x.cumsum()]) / x.sum()
    return np.interp(np.arange(1, 20) / 20 * x.size, np.arange(x.size + 1), held)


WORLDS = {
    "even": np.full(200, 7.0),
    "days": np.random.default_rng(1).poisson(3, 1000).astype(float),
    "income": np.random.default_rng(2).lognormal(10, 1, 4000),
    "heavy": np.random.default_rng(3).pareto(2.5, 4000) + 1,
    "some": np.where(np.arange(1000) % 3, 0.0, np.random.default_rng(4).gamma(2, 50, 1000)),
}


@pytest.mark.parametrize("name", WORLDS)
def test_the_curve_is_exact_and_the_coefficient_all_but(name: str) -> None:
    values = WORLDS[name]
    rule = evidence(asked(), people(weight=values.tolist())).further[0]

    assert rule.shares[0] == pytest.approx(lorenz(values), abs=1e-8)
    assert rule.gini[0] == pytest.approx(gini(values), abs=1e-6)


def test_numbers_with_few_values_have_the_exact_coefficient() -> None:
    rule = evidence(asked(), people(weight=WORLDS["days"].tolist())).further[0]

    assert rule.gini[0] == pytest.approx(gini(WORLDS["days"]), abs=1e-12)


def test_a_textbook_case() -> None:
    """Half of the persons have nothing and the others the same: Gini 1/2."""
    found = body(asked(), people(weight=[0.0] * 500 + [8.0] * 500))

    assert block(found, "concentration").row(0) == (1000, 0.5, 0.2, 0.0)


def test_the_real_study() -> None:
    found = body(nodes.Concentration(cohort=NAFLD, variable="bmi", by=("sex",)))
    summary, curve = block(found, "concentration"), block(found, "lorenz")

    for sex in ("female", "male"):
        bmi = nafld_rows().filter(sex=sex)["bmi"].drop_nulls()
        assert summary.filter(sex=sex)["gini"][0] == pytest.approx(gini(bmi), abs=5e-4)
        shares = curve.filter(sex=sex)["share"].to_list()
        assert shares[0] == 0
        assert shares[-1] == 1
        assert shares[1:-1] == pytest.approx(lorenz(bmi), abs=5e-4)


def test_less_than_nothing_counts_as_nothing() -> None:
    values = [-5.0] * 50 + [float(at) for at in range(1, 251)]
    rule = evidence(asked(), people(weight=values)).further[0]

    assert rule.gini[0] == pytest.approx(gini(np.maximum(values, 0)), abs=1e-6)


@pytest.mark.parametrize(
    ("persons", "points"), [(400, 19), (200, 19), (199, 9), (100, 9), (60, 4), (50, 4)]
)
def test_each_part_of_the_curve_has_the_threshold(persons: int, points: int) -> None:
    view = people(weight=[float(50 + at % 40) for at in range(persons + 500)],
                  sex=["F"] * persons + ["M"] * 500)  # fmt: skip
    found = block(body(asked(by=("sex",)), view), "lorenz").filter(sex="F")

    assert found.height == points + 2


def test_a_group_below_three_thresholds_has_no_coefficient() -> None:
    view = people(weight=[float(50 + at % 40) for at in range(529)], sex=["F"] * 29 + ["M"] * 500)
    found = body(asked(by=("sex",)), view)

    assert block(found, "concentration").filter(sex="F").row(0) == ("F", 29, None, None, None)
    assert found["findings"][0]["rule"] == "concentration"


def test_a_top_part_that_two_persons_make_up_is_not_told() -> None:
    """400 persons: two of the uppermost 20 hold almost all that these have."""
    values = [1.0 + at % 9 / 10 for at in range(398)] + [180.0, 190.0]
    table = evidence(asked(), people(weight=values))
    shown = decide(table, POLICY, ()).cells[0].values

    assert shown["l90"] is None
    assert shown["l95"] is None
    assert shown["l50"] is not None
    # The largest holds a fifth of the sum, and a tenth of that is left open.
    assert shown["gini"] == round(gini(values), 1)


def test_a_sum_in_one_hand_is_withheld_altogether() -> None:
    view = people(weight=[1.0 + at % 9 / 10 for at in range(399)] + [1e6])
    _, decision = judged(asked(), view)

    assert decision.verdict == "refuse"


def test_buckets_make_no_difference() -> None:
    assert the_same_whatever_the_buckets(
        nodes.Concentration(cohort=NAFLD, variable="bmi", by=("sex",))
    )


@pytest.mark.parametrize(("variable", "code"), [("sex", "type_mismatch"), ("agee", "unknown_name")])
def test_only_numbers_can_be_shared(variable: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=asked(variable)), Schema.from_view(described(3)))

    assert refused.value.code == code
