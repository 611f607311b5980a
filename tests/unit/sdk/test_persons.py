"""p.persons(): every person of the view, with the variables that a notebook derives."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import workbench.sdk as wb
from tests.unit.sdk.conftest import SCHEMA, Caught, catch
from workbench.plan import Plan, explain, lineage, nodes
from workbench.sdk.frames import EventFrame, PersonFrame
from workbench.sdk.twin import preview


@pytest.fixture
def everyone() -> PersonFrame:
    return PersonFrame(nodes.Persons(), SCHEMA, catch)


def sent(ask: Any) -> nodes.Analysis:
    with pytest.raises(Caught) as caught:
        ask()
    return caught.value.analysis


def test_variables_are_derived_from_events(everyone: PersonFrame, visit: EventFrame) -> None:
    cohort = everyone.with_columns(visits=visit.count().bins([1, 3, 10]))
    counted = nodes.CountRows(frame=nodes.Dataset(name="visit"))

    assert sent(lambda: cohort.crosstab("visits")) == nodes.Crosstab(
        cohort=nodes.Derive(
            frame=nodes.Persons(),
            columns=(
                nodes.Derived(name="visits", value=nodes.Bins(operand=counted, edges=(1, 3, 10))),
            ),
        ),
        by=("visits",),
    )
    assert sent(everyone.count) == nodes.Count(cohort=nodes.Persons())


def test_a_variable_of_a_person_dataset_is_taken_from_there(
    everyone: PersonFrame, person: PersonFrame
) -> None:
    analysis = sent(lambda: everyone.with_columns(sex=person.sex).count(by="sex"))

    assert isinstance(analysis.cohort, nodes.Derive)
    assert isinstance(analysis.cohort.columns[0].value, nodes.Take)


def test_it_has_no_variable_of_its_own(everyone: PersonFrame) -> None:
    with pytest.raises(wb.Refused) as refused:
        _ = everyone.age

    assert refused.value.code == "unknown_name"
    assert "derive" in refused.value.reason


def test_it_says_what_it_is(everyone: PersonFrame, visit: EventFrame) -> None:
    seen = everyone.with_columns(seen=visit.exists())

    assert everyone.explain() == "all persons of the view"
    assert ".with_columns(…)" in everyone._repr_html_()
    assert "seen" in seen._repr_html_()
    plan = Plan(analysis=sent(lambda: seen.count(by="seen")))
    assert explain(plan) == (
        "Count the persons by seen, among all persons of the view with seen = any row of visit."
    )
    assert lineage(plan).datasets == ("visit",)
    assert lineage(plan).variables == ("persons()",)


def test_a_preview_has_everybody_of_the_twin_once(
    everyone: PersonFrame, visit: EventFrame, tmp_path: Path
) -> None:
    for name, who in (("person", [0, 1]), ("visit", [1, 1, 4])):
        types = {"string": pl.String, "integer": pl.Int64, "float": pl.Float64,
                 "date": pl.Date, "boolean": pl.Boolean}  # fmt: skip
        columns = SCHEMA.datasets[name].columns.values()
        rows = pl.DataFrame({"_person": who}, schema={"_person": pl.UInt32}).with_columns(
            pl.lit(None, dtype=types[one.type]).alias(one.name) for one in columns
        )
        rows.write_parquet(tmp_path / f"{name}.parquet")

    frame = preview(everyone.with_columns(visits=visit.count())._node, SCHEMA, 10, tmp_path)
    assert frame.columns == ["visits"]
    assert sorted(frame["visits"]) == [0, 1, 2]
