"""Quantiles: the k-th smallest value, found exactly whatever the buckets, rounded until enough
persons share what is shown."""

from typing import Any

import numpy as np
import pytest

from disclosure.rules.quantiles import Quantiles
from disclosure.statistics import judge as judge_cells
from disclosure.tables import Dimension, TableEvidence
from tests.lib.asked import (
    NAFLD,
    block,
    body,
    derived,
    judged,
    nafld,
    nafld_rows,
    people,
    the_same_whatever_the_buckets,
)
from tests.lib.drawn import PERSON_FRAME, col
from tests.lib.engines import run
from tests.lib.gate import lenient, policy
from tests.lib.plain_view import PlainView, described
from workbench.plan import Plan, Refusal, Schema, check, nodes
from workbench.plan.check.quantiles import PROBABILITIES

ALL = tuple(PROBABILITIES)
POLICY = policy()


def evidence(asked: Any, view: PlainView) -> Quantiles:
    schema = Schema.from_view(view.describe())
    found: Any = run(check(Plan(analysis=asked), schema), view, schema).evidence
    return found.further[0]


def quantiles_of(variable: str, *at: float) -> nodes.Quantiles:
    return nodes.Quantiles(cohort=PERSON_FRAME, variable=variable, at=at)


def numpys(values: Any, at: tuple[float, ...]) -> list[float]:
    ranks = np.ceil(np.round(np.array(at) * len(values), 9)).astype(int)
    return np.sort(np.asarray(values, float))[ranks - 1].tolist()


@pytest.mark.parametrize("buckets", [1, 5])
def test_the_exact_quantiles_are_those_of_sorting(buckets: int) -> None:
    asked = nodes.Quantiles(cohort=NAFLD, variable="bmi", at=ALL, by=("sex",))
    found = evidence(asked, nafld(buckets))

    rows = nafld_rows().drop_nulls("bmi")
    for at, sex in enumerate(("female", "male")):
        assert found.value[at].tolist() == numpys(rows.filter(sex=sex)["bmi"], ALL)


@pytest.mark.parametrize("seed", range(4))
def test_any_numbers_are_found(seed: int) -> None:
    """Negative, tiny, huge, tied, two zeros: searched by their bits, not between bounds."""
    chance = np.random.default_rng(seed)
    values = np.concatenate([
        chance.normal(0, 10.0 ** chance.integers(-9, 9), 200),
        chance.integers(-3, 3, 100), [-0.0, 0.0, 5e-324, -1e300, 1e300],
    ])  # fmt: skip
    view = people(weight=values.tolist())
    found = evidence(nodes.Quantiles(cohort=PERSON_FRAME, variable="weight", at=ALL), view)

    assert found.value[0].tolist() == numpys(values, ALL)
    assert np.quantile(values, 0.5, method="inverted_cdf") in found.value[0]


def test_those_near_a_quantile_are_counted() -> None:
    found = evidence(nodes.Quantiles(cohort=NAFLD, variable="bmi", at=(0.25, 0.5)), nafld(3))
    bmi = nafld_rows()["bmi"].drop_nulls().to_numpy()

    for at in range(2):
        for place, step in enumerate(found.steps[0]):
            middle = np.rint(found.value[0, at] / step) * step
            near = (bmi >= middle - step / 2) & (bmi < middle + step / 2)
            assert found.within[0, at, place] == near.sum()
            assert found.under[0, at, place] == (bmi < middle - step / 2).sum()


def test_released_quantiles_are_within_half_a_step() -> None:
    released = body(nodes.Quantiles(cohort=NAFLD, variable="bmi", at=(0.05, 0.5, 0.95)))
    bmi = nafld_rows()["bmi"].drop_nulls()
    values = released["cells"][0]["values"]

    assert released["statistics"] == ["n", "p5", "p50", "p95"]
    for name, true in zip(("p5", "p50", "p95"), numpys(bmi, (0.05, 0.5, 0.95)), strict=True):
        assert values[name] == pytest.approx(true, abs=0.25)
    assert values["n"] == bmi.len()


def test_a_number_that_many_share_is_shown_as_it_is() -> None:
    ages = nafld_rows()["age"]
    found = body(nodes.Quantiles(cohort=NAFLD, variable="age"))["cells"][0]["values"]

    assert [found["p25"], found["p50"], found["p75"]] == numpys(ages, (0.25, 0.5, 0.75))


def test_a_number_of_ones_own_is_rounded_until_ten_on_either_side_share_it() -> None:
    view = people(weight=[100 + at / 1000 for at in range(400)])
    found = body(nodes.Quantiles(cohort=PERSON_FRAME, variable="weight"), view)["cells"][0]

    assert found["values"]["p50"] == pytest.approx(100.2, abs=1e-9)
    assert found["values"]["p25"] == pytest.approx(100.1, abs=1e-9)


def quantiles(n: int, near: list[tuple[int, int]], at: float) -> dict[str, Any]:
    """near: by step, the persons that round to less, and to the same."""
    under, within = (np.array([[[pair[place] for pair in near]]]) for place in (0, 1))
    rule = Quantiles((at,), np.array([n]), np.array([[51.3]]),
                     np.array([[0.1, 1.0, 10.0]]), within, under)  # fmt: skip
    table = TableEvidence((Dimension("g", ("a",)),), np.array([n]), n, 10**6, margins=False)
    return dict(rule.judged((judge_cells(table, None, lenient()),), lenient()).values[0])


@pytest.mark.parametrize(
    ("n", "near", "at", "shown"),
    [
        (40, [(18, 3), (10, 20), (0, 40)], 0.5, 51.0),
        (40, [(10, 19), (9, 21), (0, 40)], 0.5, 51.3),
        (40, [(10, 18), (11, 29), (0, 40)], 0.5, 50.0),  # nine on one side
        (40, [(11, 29), (11, 29), (11, 29)], 0.5, None),
        (40, [(0, 28), (0, 28), (0, 29)], 0.5, 50.0),
        (39, [(0, 39), (0, 39), (0, 39)], 0.5, None),
        (199, [(0, 199), (0, 199), (0, 199)], 0.05, None),
        (200, [(0, 19), (0, 30), (0, 60)], 0.05, 51.3),
        (999, [(0, 999), (0, 999), (0, 999)], 0.99, None),
        (1000, [(980, 19), (980, 20), (900, 100)], 0.99, 51.3),
    ],
)
def test_the_rule(n: int, near: list[tuple[int, int]], at: float, shown: float | None) -> None:
    assert list(quantiles(n, near, at).values()) == [shown]


def test_who_is_alone_in_the_middle_is_not_found_by_moving_the_others() -> None:
    """While they are below that person the middle is one value, above another: a comparison."""
    told = set()
    for low in (30.0, 50.0, 51.0, 52.0, 70.0):
        view = people(weight=[low] * 199 + [51.3] + [200.0] * 200)
        asked = nodes.Quantiles(cohort=PERSON_FRAME, variable="weight", at=(0.5,))
        decision = judged(asked, view)[1]
        told |= {cell.values["p50"] for cell in decision.cells}
    assert told == {0.0}


def test_the_quantiles_of_a_hidden_group_are_hidden() -> None:
    view = people(
        sex=["F"] * 8 + ["M"] * 300 + [None] * 100,
        weight=[float(at % 20) for at in range(408)],
    )
    known = nodes.Filter(
        frame=PERSON_FRAME, where=nodes.Not(operand=nodes.IsNull(operand=col("sex")))
    )
    released = body(nodes.Quantiles(cohort=known, variable="weight", by=("sex",)), view)
    cells = {one["codes"][0]: one["values"] for one in released["cells"]}

    assert set(cells["F"].values()) == {None}
    assert cells["M"]["p50"] is not None


def test_the_quantiles_of_a_group_that_is_hidden_for_another_are_hidden() -> None:
    view = people(
        region=[1] * 8 + [2] * 60 + [3] * 300, weight=[float(at % 20) for at in range(368)]
    )
    asked = nodes.Quantiles(cohort=PERSON_FRAME, variable="weight", by=("region",))
    cells = {one["codes"][0]: one for one in body(asked, view)["cells"]}

    assert cells["2"]["mark"] == "complementary"
    assert set(cells["2"]["values"].values()) == {None}
    assert cells["3"]["values"]["p50"] == 10.0


def test_a_box_plot_has_whiskers_at_p5_and_p95() -> None:
    found = block(body(nodes.Boxplot(cohort=NAFLD, variable="age", by=("sex",))), "boxes")

    for row in found.iter_rows(named=True):
        ages = nafld_rows().filter(sex=row["sex"])["age"]
        expected = numpys(ages, (0.05, 0.25, 0.5, 0.75, 0.95))
        shown = [row[one] for one in ("p5", "p25", "p50", "p75", "p95")]
        assert shown == pytest.approx(expected, abs=3)  # years that end within ten


def test_small_groups_have_a_box_without_whiskers() -> None:
    view = people(weight=[float(at % 10) for at in range(150)])
    found = block(body(nodes.Boxplot(cohort=PERSON_FRAME, variable="weight"), view), "boxes")

    assert found.select("p5", "p95").row(0) == (None, None)
    assert found.select("p25", "p50", "p75").row(0) == (0.0, 5.0, 10.0)


def test_the_finding_says_how_many_are_withheld_and_never_how_many_persons() -> None:
    view = people(weight=[float(at % 10) for at in range(150)])
    found = body(nodes.Boxplot(cohort=PERSON_FRAME, variable="weight"), view)["findings"]

    assert found[0]["rule"] == "quantiles"
    assert found[0]["cells"] == 2
    assert "150" not in found[0]["text"]["en"]


def test_buckets_make_no_difference() -> None:
    assert the_same_whatever_the_buckets(
        nodes.Quantiles(cohort=NAFLD, variable="bmi", at=(0.01, 0.5, 0.99), by=("sex",))
    )
    assert the_same_whatever_the_buckets(
        nodes.Boxplot(cohort=derived(heavy=col("weight")), variable="heavy", by=("status",))
    )


@pytest.mark.parametrize(
    ("asked", "code", "remedy"),
    [
        (quantiles_of("age", 0.33), "unknown_quantile", "0.35"),
        (quantiles_of("age", 0.5, 0.5), "unknown_quantile", "at="),
        (quantiles_of("sex", 0.5), "type_mismatch", ".count("),
        (
            nodes.Quantiles(
                cohort=derived(
                    PERSON_FRAME,
                    one=nodes.Bins(operand=col("age"), edges=tuple(range(1, 100))),
                    two=nodes.Bins(operand=col("age"), edges=tuple(range(1, 40))),
                ),
                variable="age", by=("one", "two"),
            ),
            "too_many_cells", "median",
        ),
        (nodes.Boxplot(cohort=PERSON_FRAME, variable="ag"), "unknown_name", "age"),
    ],
)  # fmt: skip
def test_other_quantiles_are_refused_with_the_nearest(asked: Any, code: str, remedy: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=asked), Schema.from_view(described(3)))

    assert refused.value.code == code
    assert remedy in refused.value.remedy


def test_nobody_has_no_quantile() -> None:
    view = people(weight=[None] * 150)
    found = evidence(nodes.Quantiles(cohort=PERSON_FRAME, variable="weight"), view)

    assert found.n.tolist() == [0]
