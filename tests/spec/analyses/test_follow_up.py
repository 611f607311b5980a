"""Hazards, competing causes, life tables, restricted means, tests: the rest of follow-up."""

from typing import Any

import numpy as np
import pytest

from disclosure.results import judge
from tests.lib.followed import PERSONS, block, drawn, evidence, rules
from tests.lib.plain_view import described
from workbench.plan import Plan, Refusal, Schema, check, explain, nodes

COMMON: dict[str, Any] = {"cohort": PERSONS, "time": "age", "event": "vital"}
CAUSES: dict[str, Any] = {**COMMON, "event": "cause", "censored": "none"}


def test_a_hazard_adds_the_share_of_those_followed_on_each_day() -> None:
    """day   10    20   30
    followed  5     4    3
      events  1     0    1     1/5, then + 1/3
    """
    asked = nodes.NelsonAalen(**COMMON, times=(9, 19, 29, 40))
    found = evidence(asked, drawn("F: 10 20+ 30 99 99"))
    assert found.value[0, 0].tolist() == pytest.approx([0, 0.2, 0.2, 0.2 + 1 / 3])
    assert found.spread[0, 0, -1] ** 2 == pytest.approx(1 / 25 + 1 / 9)


def test_a_cause_needs_survival_of_every_other() -> None:
    """day   10      20      30
    followed    4       3       2
       cause  first  second   first     first: 1/4, then + 1/2 · 1/2; second: 3/4 · 1/3
    """
    asked = nodes.CumulativeIncidence(**CAUSES, times=(10, 20, 30))
    found = evidence(asked, drawn("F: 10 20^2 30 30+"))
    assert found.causes == ("first", "second")
    assert found.value[0].tolist() == pytest.approx(
        np.array([[0.25, 0.25, 0.5], [0.0, 0.25, 0.25]])
    )


def test_steps_hold_enough_events_of_each_cause() -> None:
    """Until day 10 there are three of the first cause and one of the second: not yet."""
    life = "F: " + "5 5 5 5^2 15 15 15 15^2 15^2 " + "90+ " * 30
    judged = judge(
        evidence(nodes.CumulativeIncidence(**CAUSES, times=(10, 20)), drawn(life)), rules(3)
    )
    assert block(judged, "curve")["time"].to_list() == [0, 20, 0, 20]
    assert block(judged, "summary").row(0) == (39, 6, 3)


def test_a_life_table_counts_the_censored_half() -> None:
    """Cutler & Ederer 1958, kidney cancer in Connecticut, every count three times."""
    table = [(47, 19), (5, 17), (2, 15), (2, 9), (0, 6)]
    days = [f"{365 * year + 100}" for year in range(5)]
    life = "F: " + " ".join(
        [f"{day} " * (3 * died) + f"{day}+ " * (3 * lost)
         for day, (died, lost) in zip(days, table, strict=True)] + ["4000+ "] * 12
    )  # fmt: skip
    asked = nodes.LifeTable(**COMMON, times=tuple(365 * year for year in range(1, 6)))
    told = block(judge(evidence(asked, drawn(life)), rules(3)), "life_table")
    assert told["entering"].to_list() == [378, 180, 114, 63, 30]
    assert (told["exposed"] / 3).to_list() == [116.5, 51.5, 30.5, 16.5, 7.0]
    assert told["risk"].round(3).to_list() == [0.403, 0.097, 0.066, 0.121, 0.0]
    assert told["survival"].round(2).to_list() == [0.60, 0.54, 0.50, 0.44, 0.44]
    assert told["error"].round(3)[0] == round(0.0455 / 3**0.5, 3)


def test_intervals_of_a_life_table_with_few_censored_are_merged() -> None:
    life = "F: 5 5 5 6+ 15 15 15 16+ 17+ 18+ " + "90+ " * 30
    asked = nodes.LifeTable(**COMMON, times=(10, 20))
    told = block(judge(evidence(asked, drawn(life)), rules(3)), "life_table")
    assert told.rows()[0][:5] == (0, 20, 40, 6, 4)
    assert told.height == 1


def test_a_restricted_mean_is_the_area_under_the_curve() -> None:
    """Ten days at 1, ten at 0.75: of four persons one has the event on day 10."""
    found = evidence(nodes.RestrictedMean(**COMMON, until=20), drawn("F: 10 50 50+ 50"))
    assert found.mean.tolist() == pytest.approx([17.5])
    assert found.error.tolist() == pytest.approx([(7.5**2 / (4 * 3)) ** 0.5])


def test_restricted_means_are_compared_with_the_first_group() -> None:
    life = "F: " + "10 " * 20 + "50+ " * 40 + "\nM: " + "10 " * 40 + "50+ " * 20
    asked = nodes.RestrictedMean(**COMMON, until=20, by=("sex",))
    judged = judge(evidence(asked, drawn(life)), rules(3))
    assert block(judged, "means")["mean"].to_list() == [16.7, 13.3]
    assert block(judged, "differences").rows()[0][:2] == ("M", -3.3)


def test_a_mean_over_a_horizon_that_few_reach_is_refused() -> None:
    judged = judge(
        evidence(nodes.RestrictedMean(**COMMON, until=20), drawn("F: " + "10 " * 40 + "50+ 50+")),
        rules(3),
    )
    assert [one.severity for one in judged.findings] == ["blocking"]


def test_a_stratified_test_compares_within_strata() -> None:
    """In each stratum the groups are alike; over both together they look different."""
    rows = drawn("F: " + "10 " * 9 + "40+ " * 3 + "\nM: " + "10 " * 3 + "40+")
    for at, row in enumerate(rows):
        row["region"] = 1
        if at < 12:
            row |= {"sex": "F"}
    more = drawn("F: 10 40+ 40+ 40+\nM: " + "10 " * 3 + "40+ " * 9)
    for row in more:
        row |= {"person": row["person"] + len(rows), "region": 2}
    asked = nodes.LogRank(**COMMON, by=("sex",))
    bare = evidence(asked, rows + more)
    held = evidence(asked.model_copy(update={"strata": ("region",)}), rows + more)
    assert bare.test.chi2 > 1
    assert held.test.chi2 == pytest.approx(0, abs=1e-12)


def test_a_test_is_told_when_every_group_has_enough_events_and_enough_without() -> None:
    enough = drawn("F: " + "5 " * 5 + "90+ " * 9 + "\nM: " + "5 " * 3 + "90+ " * 9)
    asked = nodes.LogRank(**COMMON, by=("sex",))
    judged = judge(evidence(asked, enough), rules(3))
    assert block(judged, "groups").rows() == [("F", 14, 5, 4.3), ("M", 12, 3, 3.7)]
    for life in ("M: 5 5 " + "90+ " * 9, "M: " + "5 " * 9 + "90+ 90+"):
        few = drawn("F: " + "5 " * 5 + "90+ " * 9 + "\n" + life)
        assert judge(evidence(asked, few), rules(3)).blocks == ()


@pytest.mark.parametrize(
    ("asked", "code", "told"),
    [
        (nodes.CumulativeIncidence(**{**CAUSES, "censored": "nona"}, times=(9,)), "unknown_code",
         'Did you mean "none"?'),
        (nodes.CumulativeIncidence(**{**CAUSES, "event": "place"}, times=(9,)), "not_a_dimension",
         "as_code"),
        (nodes.LogRank(**COMMON, by=("sex",), strata=("sex",)), "same_dimension_twice", "strata="),
        (nodes.LifeTable(**{**COMMON, "event": "sex"}, times=(9,)), "type_mismatch", "happened"),
    ],
)  # fmt: skip
def test_misuse_is_refused_with_what_to_write(asked: Any, code: str, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=asked), Schema.from_view(described(3)))
    assert refused.value.code == code
    assert told in refused.value.remedy


def test_plans_in_words() -> None:
    told = explain(Plan(analysis=nodes.LogRank(**COMMON, by=("sex",), strata=("region",))))
    assert told.startswith("Test (logrank) that groups are alike within strata of region: vital,")
    told = explain(Plan(analysis=nodes.CumulativeIncidence(**CAUSES, times=(365,))))
    assert "of each cause other than “none” in cause, followed for age days, at day 365" in told
