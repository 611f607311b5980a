"""Tests whether groups are alike: χ², t and F, ranks; against scipy, and what the gate refuses."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from disclosure.results import judge
from tests.lib.followed import block, evidence, rules
from tests.lib.plain_view import described
from workbench.plan import Plan, Refusal, Schema, check, explain, nodes

PERSON = nodes.Dataset(name="person")
CHI = nodes.ChiSquared(cohort=PERSON, rows="sex", columns="region")


def people(*lines: str) -> list[dict[str, Any]]:
    """F1: 3 4 5 — a line a group (sex and region), a number a person (the weight)."""
    rows: list[dict[str, Any]] = []
    for line in lines:
        group, _, values = line.partition(":")
        group = group.strip()
        region = int(group[1:]) if len(group) > 1 else 1
        rows += [
            {"person": len(rows) + at, "sex": group[:1] or None, "region": region,
             "weight": float(value)}
            for at, value in enumerate(values.split())
        ]  # fmt: skip
    return rows


def table(*counts: tuple[str, int]) -> list[dict[str, Any]]:
    return people(*(f"{group}: {'1 ' * count}" for group, count in counts))


def told(analysis: nodes.Analysis, rows: list[dict[str, Any]], t: int = 3) -> Any:
    judged = judge(evidence(analysis, rows), rules(t))
    assert not judged.findings, [one.text["en"] for one in judged.findings]
    return judged


def refused(analysis: nodes.Analysis, rows: list[dict[str, Any]], t: int = 3) -> str:
    judged = judge(evidence(analysis, rows), rules(t))
    assert not judged.blocks
    (finding,) = judged.findings
    assert finding.text["nb"]
    assert finding.remedy["nb"]
    return finding.rule


def row(judged: Any, name: str = "test") -> dict[str, Any]:
    return dict(block(judged, name).row(0, named=True))


def test_pearsons_test_of_a_table_of_four() -> None:
    """region    1    2
    F        20   30
    M        10   40    χ² = 4.762, one degree of freedom
    """
    counts = [("F1", 20), ("F2", 30), ("M1", 10), ("M2", 40)]
    found = row(told(CHI, table(*counts)))
    expected = stats.chi2_contingency([[20, 30], [10, 40]], correction=False)

    assert found["statistic"] == pytest.approx(expected.statistic, rel=1e-3)
    assert found["df"] == 1
    assert found["p"] == pytest.approx(expected.pvalue, rel=1e-2)
    assert found["effect_size"] == pytest.approx((expected.statistic / 100) ** 0.5, rel=1e-3)


def test_who_lacks_a_category_takes_no_part() -> None:
    counts = [("F1", 20), ("F2", 30), ("M1", 10), ("M2", 40)]
    judged = told(CHI, [*table(*counts), *({"person": 100 + at, "sex": "F"} for at in range(7))])

    assert row(judged, "persons")["persons"] == 100


def test_a_table_with_a_small_cell_is_refused_and_says_no_count() -> None:
    counts = [("F1", 20), ("F2", 30), ("M1", 4), ("M2", 40)]

    assert refused(CHI, table(*counts), t=5) == "threshold"
    told(CHI, table(*counts), t=4)


def test_one_row_alone_is_nothing_to_compare() -> None:
    assert refused(CHI, table(("F1", 20), ("F2", 30))) == "groups"


TWO = ("F: 5 6 7 8 9 9 12 14", "M: 3 4 4 5 6 6 7 2 8")


def asked(equal: bool, by: str = "sex") -> nodes.MeanTest:
    return nodes.MeanTest(cohort=PERSON, variable="weight", by=by, equal_variances=equal)


def numbers(*lines: str) -> list[np.ndarray[Any, Any]]:
    return [np.array([float(one) for one in line.split(":")[1].split()]) for line in lines]


HALF = 0.501
"""Half of the last digit that a mean of so few has, and a little."""


@pytest.mark.parametrize("equal", [True, False])
def test_two_means_differ_by_t(equal: bool) -> None:
    found = row(told(asked(equal), people(*TWO)))
    expected = stats.ttest_ind(*numbers(*TWO), equal_var=equal)
    interval = expected.confidence_interval()

    assert found["statistic"] == pytest.approx(expected.statistic, rel=1e-3)
    assert found["df"] == pytest.approx(expected.df, rel=1e-4)
    assert found["p"] == pytest.approx(expected.pvalue, rel=1e-2)
    assert (found["low"], found["high"]) == pytest.approx(tuple(interval), abs=HALF)


THREE = ("F1: 5 6 7 8 9 9 12 14", "F2: 3 4 4 5 6 6 7 2 8", "F3: 9 9 10 12 15 19 11")


def test_three_means_differ_by_fishers_f() -> None:
    found = row(told(asked(True, "region"), people(*THREE)))
    expected = stats.f_oneway(*numbers(*THREE))

    assert found["statistic"] == pytest.approx(expected.statistic, rel=1e-3)
    assert (found["df"], found["df2"]) == (2, 21)
    assert found["p"] == pytest.approx(expected.pvalue, rel=1e-2)


def test_three_means_differ_by_welchs_f() -> None:
    found = row(told(asked(False, "region"), people(*THREE)))
    expected = stats.f_oneway(*numbers(*THREE), equal_var=False)

    assert found["statistic"] == pytest.approx(expected.statistic, rel=1e-3)
    assert found["p"] == pytest.approx(expected.pvalue, rel=1e-2)


def test_of_each_group_persons_mean_and_spread_are_told() -> None:
    judged = told(asked(False), people(*TWO))
    female, male = numbers(*TWO)

    assert block(judged, "groups")["persons"].to_list() == [8, 9]
    means = block(judged, "groups")["mean"].to_list()
    assert means == pytest.approx([female.mean(), male.mean()], abs=0.51)


def test_a_mean_that_one_person_makes_up_is_refused() -> None:
    assert refused(asked(False), people("F: 1 2 3 2 1 900", "M: 3 4 4 5 6 6 7")) == "dominance"


def test_a_yes_no_number_with_few_yes_is_refused() -> None:
    assert refused(asked(False), people("F: 0 0 0 0 0 0 1 1", "M: 1 1 1 1 0 0 0 0")) == "dominance"


def test_a_small_group_is_refused() -> None:
    assert refused(asked(False), people("F: 5 6 7 8", "M: 7 9")) == "threshold"


def test_what_does_not_vary_cannot_be_tested() -> None:
    same = people("F: " + "5 " * 40, "M: " + "5 " * 40)

    assert refused(asked(False), same) == "variation"


def ranked(by: str = "sex") -> nodes.RankTest:
    return nodes.RankTest(cohort=PERSON, variable="weight", by=by)


def test_two_groups_of_ranks_by_mann_and_whitney_with_ties() -> None:
    found = row(told(ranked(), people(*TWO)))
    expected = stats.mannwhitneyu(*numbers(*TWO), method="asymptotic")

    assert found["statistic"] == expected.statistic
    assert found["p"] == pytest.approx(expected.pvalue, rel=1e-2)
    assert found["effect_size"] == pytest.approx(expected.statistic / 72, rel=1e-3)


def test_three_groups_of_ranks_by_kruskal_and_wallis_with_ties() -> None:
    found = row(told(ranked("region"), people(*THREE)))
    expected = stats.kruskal(*numbers(*THREE))

    assert found["statistic"] == pytest.approx(expected.statistic, rel=1e-3)
    assert found["p"] == pytest.approx(expected.pvalue, rel=1e-2)


@pytest.mark.parametrize(
    ("analysis", "code"),
    [
        (nodes.RankTest(cohort=PERSON, variable="sex", by="region"), "type_mismatch"),
        (nodes.MeanTest(cohort=PERSON, variable="weight", by="age"), "not_a_dimension"),
        (nodes.MeanTest(cohort=PERSON, variable="wieght", by="sex"), "unknown_name"),
        (nodes.ChiSquared(cohort=PERSON, rows="sex", columns="sex"), "same_dimension_twice"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_it_is_run(
    analysis: nodes.Analysis, code: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        check(Plan(analysis=analysis), Schema.from_view(described(10)))
    assert refusal.value.code == code


def test_the_plan_says_what_is_compared() -> None:
    assert explain(Plan(analysis=CHI)).startswith("Test whether sex and region are independent")
    assert "Welch" in explain(Plan(analysis=asked(False)))
    assert "ranks" in explain(Plan(analysis=ranked()))
