"""Methods of survival and rates: words of a study become an analysis, or a refusal that helps."""

from typing import Any

import pytest

from tests.lib.plain_view import described
from workbench.plan import Plan, Schema, check, nodes
from workbench.sdk.frames import PersonFrame
from workbench.sdk.refused import Refused

SCHEMA = Schema.from_view(described(30))


class Asked(Exception):
    """Carries the analysis that was sent."""


def cohort() -> PersonFrame:
    def runs(analysis: nodes.Analysis) -> Any:
        check(Plan(analysis=analysis), SCHEMA)
        raise Asked(analysis)

    return PersonFrame(nodes.Dataset(name="person"), SCHEMA, runs)


def sent(method: str, *arguments: Any, **named: Any) -> Any:
    with pytest.raises(Asked) as found:
        getattr(cohort(), method)(*arguments, **named)
    return found.value.args[0]


def test_a_curve_is_told_every_quarter_for_ten_years_unless_said() -> None:
    asked = sent("kaplan_meier", "age", "vital", by="sex")
    assert (asked.k, asked.by, asked.landmark) == ("kaplan_meier", ("sex",), None)
    assert asked.times == tuple(range(91, 3654, 91))
    assert sent("kaplan_meier", "age", "vital", times=[365, 1826]).times == (365, 1826)
    assert sent("life_table", "age", "vital").times == tuple(range(365, 3654, 365))


@pytest.mark.parametrize(
    ("method", "arguments", "named", "kind"),
    [
        ("nelson_aalen", ("age", "vital"), {"step": 182}, nodes.NelsonAalen),
        ("cumulative_incidence", ("age", "region"), {"censored": "1"}, nodes.CumulativeIncidence),
        ("restricted_mean", ("age", "vital", "sex"), {"until": 365}, nodes.RestrictedMean),
        ("logrank", ("age", "vital", "sex"), {"strata": "region"}, nodes.LogRank),
        ("cox", ("age", "vital", "weight + sex"), {"strata": "region"}, nodes.Cox),
        ("cox", ("age", "vital", "~ rcs(weight, [50, 60, 70])"), {}, nodes.Cox),
        ("incidence_rate", ("vital", "age", "sex"), {}, nodes.Rates),
        (
            "standardised_rate",
            ("vital", "age"),
            {"age": "region", "ages": [0, 40], "standard": "nordic_2000"},
            nodes.Rates,
        ),
        (
            "standardised_ratio",
            ("vital", "age"),
            {"age": "region", "ages": [0, 40], "reference": [0.1, 1]},
            nodes.Rates,
        ),
    ],
)
def test_each_method_sends_its_analysis(
    method: str, arguments: tuple[Any, ...], named: dict[str, Any], kind: type
) -> None:
    assert type(sent(method, *arguments, **named)) is kind


def test_person_time_is_split_by_ages_and_periods_between_dates() -> None:
    frame = cohort()
    with pytest.raises(Asked) as found:
        frame.with_columns(left=frame.birth).person_time(
            "vital", "birth", "left", birth="birth", ages=[40, 60], periods=[2000, 2010]
        )
    asked = found.value.args[0]
    assert (asked.start, asked.end, asked.ages) == ("birth", "left", (40, 60))
    assert asked.periods == (2000, 2010)


@pytest.mark.parametrize(
    ("method", "arguments", "named", "code"),
    [
        ("kaplan_meier", ("age", "vital"), {"step": 1}, "malformed_plan"),
        ("kaplan_meier", ("age", "vital"), {"step": 0}, "malformed_plan"),
        ("kaplan_meier", ("age", "vital"), {"times": [30, 31]}, "malformed_plan"),
        ("cox", ("age", "vital", "weight + offset(age)"), {}, "bad_formula"),
        ("incidence_rate", ("vital",), {}, "malformed_plan"),
        ("standardised_rate", ("vital", "age"), {"ages": [0, 40]}, "malformed_plan"),
    ],
)
def test_what_is_no_question_is_refused_before_it_is_sent(
    method: str, arguments: tuple[Any, ...], named: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        getattr(cohort(), method)(*arguments, **named)
    assert refused.value.code == code
