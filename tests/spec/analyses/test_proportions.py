"""Shares: Wilson's and the exact interval, and tables in per cent, from released counts alone."""

from typing import Any

import pytest
import scipy.stats as ss

from tests.lib.asked import (
    NAFLD,
    block,
    body,
    derived,
    nafld_rows,
    people,
    the_same_whatever_the_buckets,
)
from tests.lib.drawn import PERSON_FRAME, col, compare
from tests.lib.plain_view import described
from workbench.engine.analyses.proportions import interval
from workbench.plan import Plan, Refusal, Schema, check, nodes

DEAD = derived(dead=compare(col("status"), "==", "dead"))


def asked(**more: Any) -> nodes.Proportion:
    return nodes.Proportion(cohort=DEAD, variable="dead", **more)


@pytest.mark.parametrize("method", ["wilson", "exact"])
def test_the_interval_is_that_of_scipy(method: str) -> None:
    for events, persons in ((0, 20), (3, 20), (20, 20), (674, 9348)):
        for level in (0.9, 0.95, 0.99):
            oracle = ss.binomtest(events, persons).proportion_ci(level, method)
            assert interval(events, persons, level, method) == pytest.approx(oracle, abs=1e-10)


def test_published_intervals() -> None:
    """Brown, Cai & DasGupta 2001, and Newcombe 1998, table I: 81/263 and 15/148."""
    assert interval(81, 263, 0.95, "wilson") == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert interval(15, 148, 0.95, "wilson") == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert interval(81, 263, 0.95, "exact") == pytest.approx((0.2527, 0.3676), abs=5e-5)


def test_each_group_has_its_share() -> None:
    found = block(body(asked(by=("sex",), margins=True)), "proportions")
    rows = nafld_rows()

    for row in found.iter_rows(named=True):
        group = rows if row["sex"] == "Σ" else rows.filter(sex=row["sex"])
        events = group.filter(status="dead").height
        assert (row["persons"], row["events"]) == (group.height, events)
        assert row["proportion"] == events / group.height
    assert found["sex"].to_list() == ["female", "male", "Σ"]


def test_who_has_neither_yes_nor_no_is_left_out() -> None:
    view = people(vital=[True] * 60 + [False] * 30 + [None] * 20)
    found = block(
        body(nodes.Proportion(cohort=PERSON_FRAME, variable="vital"), view), "proportions"
    )

    assert found.row(0)[:3] == (90, 60, 60 / 90)


def test_a_share_of_few_is_withheld_as_a_whole() -> None:
    view = people(
        sex=["F"] * 110 + ["M"] * 110 + [None] * 100,
        vital=[True] * 5 + [False] * 105 + [True, False] * 55 + [True] * 100,
        age=[50] * 220 + [10] * 100,
    )
    adults = nodes.Filter(frame=PERSON_FRAME, where=compare(col("age"), ">=", 18))
    shares = nodes.Proportion(cohort=adults, variable="vital", by=("sex",))
    found = block(body(shares, view), "proportions")

    assert found.filter(sex="F").row(0)[1:] == (None,) * 5
    assert found.filter(sex="M")["events"].to_list() == [55]


@pytest.mark.parametrize("of", ["rows", "columns", "all"])
def test_a_table_in_per_cent(of: Any) -> None:
    found = block(body(nodes.Shares(cohort=NAFLD, row="sex", column="status", of=of)), "shares")
    rows = nafld_rows()

    for row in found.iter_rows(named=True):
        part = rows
        for name in ("sex", "status"):
            part = part if row[name] == "Σ" else part.filter(**{name: row[name]})
        fixed = {"rows": ["sex"], "columns": ["status"], "all": []}[of]
        whole = rows
        for name in fixed:
            whole = whole if row[name] == "Σ" else whole.filter(**{name: row[name]})
        assert row["persons"] == part.height
        assert row["percent"] == pytest.approx(100 * part.height / whole.height, abs=1e-12)


def test_a_share_is_withheld_with_its_count() -> None:
    view = people(sex=["F"] * 100 + ["M"] * 100, region=[1] * 60 + [2] * 36 + [3] * 4 + [1, 2] * 50)
    found = block(
        body(nodes.Shares(cohort=PERSON_FRAME, row="sex", column="region"), view), "shares"
    )

    assert found.filter(sex="F", region="3").row(0)[2:] == (None, None)
    withheld = found.filter(found["persons"].is_null())
    assert withheld["percent"].is_null().all()


def test_buckets_make_no_difference() -> None:
    assert the_same_whatever_the_buckets(asked(by=("sex",)))
    assert the_same_whatever_the_buckets(nodes.Shares(cohort=NAFLD, row="sex", column="status"))


def test_only_a_yes_or_no_has_a_share() -> None:
    with pytest.raises(Refusal) as refused:
        check(
            Plan(analysis=nodes.Proportion(cohort=PERSON_FRAME, variable="age")),
            Schema.from_view(described(3)),
        )

    assert refused.value.code == "type_mismatch"
    assert "with_columns(" in refused.value.remedy
