"""Periods by another engine and another way: islands in SQL over a registry of many rows."""

from datetime import date, timedelta

import duckdb
import numpy as np
import polars as pl
import pytest

from tests.lib.drawn import PERSON_FRAME, VISITS, col, val
from tests.lib.plain_view import PlainView, frame
from workbench.engine.settle import scan_of
from workbench.plan import Schema, nodes
from workbench.sdk.compile import PERSON, rows

PERSONS, VISITED = 300, 6000
GAP = 20
BEGIN, END = date(2001, 3, 1), date(2004, 9, 1)
LASTING = nodes.Derive(
    frame=VISITS,
    columns=(
        nodes.Derived(
            name="out", value=nodes.Shift(unit="days", operand=col("date"), by=col("day"))
        ),
    ),
)
EPISODES = nodes.Episodes(frame=LASTING, start="date", end="out", gap=GAP)
ISLANDS = f"""
    WITH held AS (
        SELECT person, date AS start, date + day::INTEGER AS finish FROM visit
        WHERE date IS NOT NULL AND day >= 0
    ), marked AS (
        SELECT *, start > max(finish) OVER (
            PARTITION BY person ORDER BY start, finish
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) + {GAP} AS parted FROM held
    ), numbered AS (
        SELECT *, sum(coalesce(parted, true)::INTEGER) OVER (
            PARTITION BY person ORDER BY start, finish ROWS UNBOUNDED PRECEDING
        ) AS island FROM marked
    )
    SELECT person, min(start) AS start, max(finish) AS finish, count(*) AS n
    FROM numbered GROUP BY person, island
"""


@pytest.fixture(scope="module")
def view() -> PlainView:
    chance = np.random.default_rng(12)
    visits = [
        {
            "person": int(chance.integers(PERSONS)),
            "date": date(2000, 1, 1) + timedelta(int(chance.integers(2500)))
            if chance.random() < 0.95
            else None,
            "day": int(chance.integers(-3, 40)),
        }
        for _ in range(VISITED)
    ]
    people = [{"person": person} for person in range(PERSONS)]
    data = {"person": frame("person", people), "visit": frame("visit", visits)}
    return PlainView(data, PERSONS)


def told(view: PlainView, wanted: nodes.Frame) -> pl.DataFrame:
    return rows(wanted, scan_of(view, Schema.from_view(view.describe()), 0)).collect()


def test_episodes_are_the_islands_of_sql(view: PlainView) -> None:
    visit = view.frames["visit"]  # noqa: F841 - DuckDB finds it by its name
    expected = duckdb.sql(ISLANDS).fetchall()
    found = told(view, EPISODES).select(PERSON, "start", "end", "rows").rows()

    assert len(expected) > 1000
    assert sorted(found) == sorted(expected)


def test_exposed_days_are_the_overlaps_of_sql(view: PlainView) -> None:
    visit = view.frames["visit"]  # noqa: F841 - DuckDB finds it by its name
    overlap = f"least(finish, DATE '{END}') - greatest(start, DATE '{BEGIN}')"
    expected = duckdb.sql(
        f"SELECT person, sum(greatest({overlap}, 0)) FROM ({ISLANDS}) GROUP BY person ORDER BY ALL"
    ).fetchall()
    dates = tuple(nodes.Derived(name=n, value=val(at)) for n, at in (("a", BEGIN), ("b", END)))
    spans = nodes.Spans(frame=nodes.Derive(frame=PERSON_FRAME, columns=dates), start="a", end="b")
    time = told(view, nodes.Exposed(frame=spans, name="on", by=EPISODES))
    days = time.group_by(PERSON).agg(pl.col("days").filter("on").sum()).sort(PERSON)

    assert days.rows() == [(person, int(total)) for person, total in expected]
    assert time.group_by(PERSON).agg(pl.col("days").sum())["days"].unique().to_list() == [
        (END - BEGIN).days
    ]
