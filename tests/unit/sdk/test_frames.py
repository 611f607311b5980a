"""What a frame shows of itself, and the analyses it asks for."""

from typing import Any

import pytest

import workbench.sdk as wb
from tests.unit.sdk.conftest import Caught
from workbench.plan import nodes
from workbench.sdk.frames import EventFrame, PersonFrame

PERSON = nodes.Dataset(name="person")


def sent(ask: Any) -> nodes.Analysis:
    with pytest.raises(Caught) as caught:
        ask()
    return caught.value.analysis


def test_completion_knows_the_variables(person: PersonFrame) -> None:
    assert {"age", "sex", "region"} <= set(dir(person))
    assert {"filter", "crosstab"} <= set(dir(person))


def test_a_frame_shows_labels_units_and_codes(person: PersonFrame) -> None:
    page = person.with_columns(group=person.age.bins([40]))._repr_html_()

    for text in ("Weight", "kg", "F Female", "&lt;40", "one row a person", 'scope="col"'):
        assert text in page
    assert "<script" not in page


def test_labels_cannot_smuggle_markup(person: PersonFrame) -> None:
    worded = person.with_columns(x=wb.when(person.vital).then("<script>alert(1)</script>"))

    assert "<script" not in worded._repr_html_()


def test_a_frame_explains_itself(visit: EventFrame) -> None:
    frame = visit.filter(visit.kind == "in").sort("day")

    assert frame.explain() == "visit where (kind == “in”) sorted by day"


def test_analyses_are_what_was_asked(person: PersonFrame) -> None:
    assert sent(lambda: person.crosstab("sex", "region", margins=False)) == nodes.Crosstab(
        cohort=PERSON, by=("sex", "region"), margins=False
    )
    assert sent(person.count) == nodes.Count(cohort=PERSON)
    assert sent(lambda: person.count(by="sex")) == nodes.Count(cohort=PERSON, by=("sex",))
    assert sent(lambda: person.describe("age", by=["sex", "region"])) == nodes.Describe(
        cohort=PERSON, variable="age", by=("sex", "region")
    )
    assert sent(lambda: person.count(by="sex", dp=wb.dp(rho="2/20"))) == nodes.DpCount(
        cohort=PERSON, by=("sex",), rho="1/10"
    )


def test_an_event_frame_counts_rows_and_not_persons(visit: EventFrame) -> None:
    assert isinstance(visit.count(), wb.Expr)


def test_a_refusal_is_short_in_a_notebook() -> None:
    refused = wb.Refused("code", "Why.", "Do this.", [{"text": {"en": "A finding."}}])

    assert refused._render_traceback_() == [
        "Refused — code: Why.\nWhat to do: Do this.\n- A finding."
    ]
    assert "Do this." in refused._repr_html_()
