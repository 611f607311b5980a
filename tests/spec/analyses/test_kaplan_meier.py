"""Kaplan–Meier: the product-limit estimator, told at public times."""

from typing import Any

import numpy as np
import pytest

from disclosure.results import judge
from tests.lib.followed import PERSONS, block, drawn, evidence, rules
from tests.lib.plain_view import described
from workbench.plan import Plan, Refusal, Schema, check, explain, nodes

# Freireich et al. 1963: weeks of remission in acute leukaemia, 6-MP (F) against placebo (M).
LEUKAEMIA = """
F: 6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+
M: 1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23
"""
WEEKS = tuple(7 * week for week in range(1, 36))


def asked(times: tuple[int, ...] = WEEKS, **fields: Any) -> nodes.KaplanMeier:
    return nodes.KaplanMeier(
        cohort=PERSONS, **{"time": "age", "event": "vital", "times": times, **fields}
    )


def at(found: Any, group: int, *weeks: int) -> list[float]:
    return [round(float(found.value[group, 0, week - 1]), 3) for week in weeks]


def test_survival_of_a_published_study() -> None:
    """Kalbfleisch & Prentice; Klein & Moeschberger, table 4.1."""
    found = evidence(asked(by=("sex",)), drawn(LEUKAEMIA, days=7))
    assert found.codes == (("F",), ("M",))
    assert at(found, 0, 5, 6, 7, 10, 13, 16, 22, 23) == [
        1.0, 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448,
    ]  # fmt: skip
    assert at(found, 1, 1, 2, 8, 23) == [0.905, 0.810, 0.381, 0.0]
    assert round(found.test.chi2, 2) == 16.79
    assert np.round(found.test.expected, 2).tolist() == [19.25, 10.75]


def test_the_curve_takes_its_step_on_the_day_of_the_event_and_a_loss_makes_none() -> None:
    """day   10   20   30
    followed  5    4    3
      events  1    0    1      1 − 1/5,  then · (1 − 1/3)
    """
    found = evidence(asked((9, 19, 29, 40)), drawn("F: 10 20+ 30 99 99"))
    assert found.value[0, 0].tolist() == pytest.approx([1, 0.8, 0.8, 0.8 * 2 / 3])


def test_a_person_lost_on_the_day_of_an_event_was_still_followed() -> None:
    found = evidence(asked((10,)), drawn("F: 10 10+ 20 20"))
    assert found.value[0, 0].tolist() == [0.75]


def test_who_lacks_time_event_or_group_takes_no_part_and_a_negative_time_is_none() -> None:
    rows = drawn("F: 10 20 30+\n: 10 10")
    rows += [{"person": 5, "sex": "M", "age": None, "vital": True}]
    rows += [{"person": 6, "sex": "M", "age": -1, "vital": True}]
    rows += [{"person": 7, "sex": "M", "age": 10, "vital": None}]
    found = evidence(asked((15,), by=("sex",)), rows)
    assert found.population == 3
    assert found.value[0, 0].tolist() == pytest.approx([2 / 3])


def test_a_landmark_takes_those_still_followed_and_counts_from_there() -> None:
    found = evidence(asked((7, 14), landmark=100), drawn("F: 3 100 101 107 120 200+"))
    assert found.population == 4
    assert found.value[0, 0].tolist() == pytest.approx([0.5, 0.5])


def test_times_are_shown_where_enough_events_lie_between_and_enough_are_followed_on() -> None:
    """t = 3. Day 10: 2 events, too few. Day 20: 3 since the start. Day 30: none since, so no step.
    Day 40: 3 more. Day 50: 8 are followed on, fewer than 3 · t, so the curve has ended."""
    life = "F: 5 6 15 33 34 35 45 45 45 " + "90+ " * 8
    judged = judge(evidence(asked((10, 20, 30, 40, 50)), drawn(life)), rules(3))
    assert block(judged, "curve")["time"].to_list() == [0, 20, 30, 40]
    assert [one.rule for one in judged.findings] == ["steps"]


def test_the_last_events_are_never_a_small_remainder() -> None:
    """Ten events; with the first nine told, and all ten, the last one would be told as well."""
    life = "F: " + "5 " * 3 + "15 " * 3 + "25 " * 3 + "85 " + "90+ " * 20
    judged = judge(evidence(asked((10, 20, 30)), drawn(life)), rules(3))
    assert block(judged, "curve")["time"].to_list() == [0, 10, 20]
    assert block(judged, "summary").row(0)[:2] == (30, 10)


def test_persons_at_risk_are_told_where_enough_were_lost_too() -> None:
    """Lost until day 10: one. Until day 20: four."""
    life = "F: 5 5 5 7+ 15 15 15 17+ 17+ 17+ " + "90+ " * 20 + "90 90 90"
    judged = judge(evidence(asked((10, 20)), drawn(life)), rules(3))
    assert block(judged, "curve")["time"].to_list() == [0, 10, 20]
    assert block(judged, "at_risk").rows() == [(20, 23, 6, 4)]


def test_a_curve_has_as_many_digits_as_leave_a_tenth_of_a_person_open() -> None:
    """300 followed: 300 · 0.5 · 10⁻³ = 0.15 ≥ 0.1, and a fourth decimal would leave 0.015."""
    life = "F: " + "5 " * 40 + "90+ " * 300
    judged = judge(evidence(asked((10,)), drawn(life)), rules(3))
    assert block(judged, "curve").row(1) == (10, 0.882, 0.843, 0.912)


def test_a_median_is_a_public_time_never_the_day_of_a_person() -> None:
    life = "F: " + "11 " * 30 + "13 " * 30 + "90+ " * 50
    judged = judge(evidence(asked((7, 14, 21)), drawn(life)), rules(3))
    assert block(judged, "summary")["median"].to_list() == [14]


def test_a_group_of_few_is_not_told_apart() -> None:
    judged = judge(evidence(asked(by=("sex",)), drawn("F: " + "5 " * 40 + "\nM: 5 9+")), rules(3))
    assert [(one.rule, one.severity) for one in judged.findings] == [("threshold", "blocking")]
    assert judged.blocks == ()


def test_without_enough_events_in_each_group_there_is_no_test() -> None:
    life = "F: " + "5 " * 9 + "90+ " * 20 + "\nM: 5 5 " + "90+ " * 20
    judged = judge(evidence(asked((10,), by=("sex",)), drawn(life)), rules(3))
    assert block(judged, "test").row(0) == ("logrank", None, None, None)
    assert block(judged, "summary")["events"].to_list() == [9, None]


@pytest.mark.parametrize(
    ("fields", "code", "told"),
    [
        ({"event": "place"}, "type_mismatch", 'frame.place == "…"'),
        ({"time": "weight"}, "type_mismatch", "dt.days_since"),
        ({"time": "birth"}, "type_mismatch", "dt.days_since"),
        ({"by": ("vital",)}, "same_dimension_twice", 'by="sex"'),
        ({"by": ("age_group",)}, "outside_permit", "opens"),
        ({"by": ("weight",)}, "not_a_dimension", ".bins("),
    ],
)
def test_misuse_is_refused_with_what_to_write(fields: Any, code: str, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=asked(**fields)), Schema.from_view(described(3)))
    assert refused.value.code == code
    assert told in refused.value.remedy


@pytest.mark.parametrize("times", [(), (3, 30), (30, 33), (30, 7), (7, 200_000)])
def test_times_are_days_at_least_a_week_apart(times: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="times"):
        asked(times)


def test_the_plan_in_words() -> None:
    told = explain(Plan(analysis=asked((365, 1826), by=("sex",), landmark=90)))
    assert told.startswith(
        "Survival (Kaplan–Meier) until vital, followed for age days, from day 90 on by sex, at day "
        "365 and 1826, among person"
    )
