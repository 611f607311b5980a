"""Completion inside quotes: variables and codes, each with its label."""

from typing import Any

import pytest

from workbench.sdk.completion import offers
from workbench.sdk.frames import EventFrame, PersonFrame
from workbench.sdk.refused import Refused


@pytest.fixture
def names(person: PersonFrame, visit: EventFrame) -> dict[str, Any]:
    cohort = person.with_columns(old=person.age.bins([40, 60]), visits=visit.count())
    return {"person": person, "visit": visit, "cohort": cohort, "x": 3}


def texts(code: str, names: dict[str, Any]) -> list[str]:
    return [one.text for one in offers(code, names)[1]]


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ('person.sex == "', ["F", "M"]),
        ("person.sex != '", ["F", "M"]),
        ('visit.kind.is_in(["in", "', ["in", "out", "day"]),
        ('cohort.old == "4', ["40–<60"]),
    ],
)
def test_codes_stand_beside_a_comparison(
    code: str, wanted: list[str], names: dict[str, Any]
) -> None:
    assert set(wanted) <= set(texts(code, names))


@pytest.mark.parametrize(
    "code",
    [
        'cohort.crosstab("',
        'x = 1\ncohort.crosstab("sex", "',
        'cohort.describe("age", by="',
        'cohort.filter(cohort.age > 3).crosstab("'.replace(".filter(cohort.age > 3)", ""),
        'cohort.crosstab(\n    "',
        'cohort["',
    ],
)
def test_variables_stand_in_an_analysis(code: str, names: dict[str, Any]) -> None:
    assert {"sex", "age", "old", "visits"} <= set(texts(code, names))


def test_what_was_typed_is_matched_with_names_and_then_with_labels(names: dict[str, Any]) -> None:
    begun, found = offers('person.crosstab("a', names)

    assert begun == "a"
    assert found[0].text.startswith("a")


@pytest.mark.parametrize("code", ['x == "', "person.sex", 'print("hello', 'nobody.sex == "', ""])
def test_elsewhere_nothing_is_offered(code: str, names: dict[str, Any]) -> None:
    assert texts(code, names) == []


def test_a_label_is_told_of_each_code(person: PersonFrame) -> None:
    assert set(person.codes("sex")) == {"F", "M"}
    assert all(isinstance(one, str) for one in person.codes("sex").values())


def test_help_on_a_variable_tells_its_label_type_and_categories(person: PersonFrame) -> None:
    assert "Categories: F" in str(person.sex.__doc__)


def test_a_misspelt_method_is_told_the_nearest_one(person: PersonFrame) -> None:
    with pytest.raises(Refused, match=r"crosstab"):
        person.crostab("sex")
