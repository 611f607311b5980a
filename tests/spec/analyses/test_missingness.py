"""Missing values: how many lack a variable, without telling of a few."""

from typing import Any

import pytest

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
from tests.lib.plain_view import described
from workbench.plan import Plan, Refusal, Schema, check, nodes


def missing(*variables: str, by: tuple[str, ...] = ()) -> nodes.Missingness:
    return nodes.Missingness(cohort=PERSON_FRAME, variables=variables, by=by)


def test_each_variable_has_its_count_and_share() -> None:
    asked = nodes.Missingness(cohort=NAFLD, variables=("bmi", "weight", "age"), by=("sex",))
    found = block(body(asked), "missing")
    rows = nafld_rows()

    for row in found.iter_rows(named=True):
        group = rows.filter(sex=row["sex"])
        assert row["persons"] == group.height
        assert row["missing"] == group[row["variable"]].null_count()
        assert row["percent"] == pytest.approx(100 * row["missing"] / group.height, abs=1e-12)
    assert found["variable"].to_list() == ["bmi", "weight", "age"] * 2


@pytest.mark.parametrize(("lacking", "shown"), [(0, 0), (9, None), (10, 10), (191, None)])
def test_few_who_lack_or_have_it_are_withheld(lacking: int, shown: int | None) -> None:
    view = people(weight=[None] * lacking + [60.0] * (200 - lacking))
    found = block(body(missing("weight"), view), "missing")

    assert found["missing"].to_list() == [shown]
    assert found["persons"].to_list() == [200]


def test_two_variables_that_differ_by_a_few_persons_are_not_both_shown() -> None:
    view = people(
        weight=[None] * 50 + [60.0] * 150,
        age=[None] * 54 + [50] * 146,
    )
    found = block(body(missing("weight", "age"), view), "missing")

    assert found["missing"].to_list() == [50, None]


def test_counts_that_tell_of_a_few_only_together_are_refused() -> None:
    """Fifty lack the first, sixty others the second, all these and three more the third."""
    view = people(
        weight=[None] * 50 + [60.0] * 150,
        age=[50] * 50 + [None] * 60 + [50] * 90,
        vital=[None] * 113 + [True] * 87,
    )
    _, both = judged(missing("weight", "age"), view)
    _, decision = judged(missing("weight", "age", "vital"), view)

    assert both.verdict == "release"
    assert decision.verdict == "refuse"
    assert decision.findings[0].rule == "ledger"


def test_a_small_group_is_refused_without_a_number() -> None:
    view = people(sex=["F"] * 7 + ["M"] * 193, weight=[60.0] * 200)
    _, decision = judged(missing("weight", by=("sex",)), view)

    assert decision.verdict == "refuse"
    assert decision.findings[0].rule == "threshold"
    assert "7" not in decision.findings[0].text["en"]


def test_every_count_that_is_shown_is_told_to_the_ledger() -> None:
    view = people(sex=["F"] * 100 + ["M"] * 100, weight=([None] * 20 + [60.0] * 80) * 2)
    checked, decision = judged(missing("weight", by=("sex",)), view)
    codes = [one.codes for one in checked.dimensions]

    assert codes == [("F", "M", ""), ("false", "true")]
    assert set(decision.published) == {(0, 1), (2, 3), (1,), (0,), (3,), (2,)}


def test_buckets_make_no_difference() -> None:
    assert the_same_whatever_the_buckets(
        nodes.Missingness(cohort=NAFLD, variables=("bmi", "weight"), by=("sex",))
    )


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (missing("age", "age"), "same_variable_twice"),
        (missing("sex", by=("sex",)), "same_variable_twice"),
        (missing("wight"), "unknown_name"),
        (missing("age", by=("place",)), "not_a_dimension"),
    ],
)
def test_what_cannot_be_told_is_refused(asked: Any, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=asked), Schema.from_view(described(3)))

    assert refused.value.code == code
