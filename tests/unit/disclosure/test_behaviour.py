"""Patterns of probing are seen and said in words; a study's own questions are not."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from disclosure.behaviour import Asked, Pattern, patterns, shape_of

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
Plan = dict[str, Any]


def column(name: str) -> Plan:
    return {"k": "column", "name": name}


def compare(name: str, op: str, value: Any) -> Plan:
    kind = "date" if isinstance(value, str) and value[:4].isdigit() else "value"
    right = {"k": kind, "value": value}
    return {"k": "compare", "op": op, "left": column(name), "right": right}


def among(name: str, values: Sequence[str]) -> Plan:
    return {"k": "is_in", "operand": column(name), "values": list(values)}


def count(*wheres: Plan, by: Sequence[str] = ("sex",)) -> str:
    cohort: Plan = {"k": "dataset", "name": "person"}
    for where in wheres:
        cohort = {"k": "filter", "frame": cohort, "where": where}
    return json.dumps({"v": 1, "analysis": {"k": "count", "cohort": cohort, "by": list(by)}})


class Project:
    """Asks one question after another, a minute apart, and keeps what it was told."""

    def __init__(self) -> None:
        self.now = NOON
        self.past: list[Asked] = []

    def ask(self, plan: str, outcome: str = "released", user: str = "kari") -> list[Pattern]:
        self.now += timedelta(seconds=20)
        shape, constants = shape_of(plan)
        asked = Asked(self.now, user, shape, constants)
        found = patterns(asked, self.past)
        if not found:
            self.past.append(Asked(self.now, user, shape, constants, outcome))
        return found

    def until_seen(self, plans: Sequence[str], outcome: str = "released") -> tuple[int, str]:
        """After how many questions a pattern is seen, and which one."""
        for number, plan in enumerate(plans):
            found = self.ask(plan, outcome)
            if found:
                return number, found[0].rule
        return len(plans), ""


def halves(low: float, high: float, secret: float) -> list[str]:
    plans = []
    for _ in range(20):
        middle = (low + high) / 2
        plans.append(count(compare("income", "<", middle)))
        low, high = (low, middle) if secret < middle else (middle, high)
    return plans


def thirds(low: float, high: float, secret: float) -> list[str]:
    plans = []
    for _ in range(30):
        middle = low + (high - low) * 0.4
        plans.append(count(compare("income", "<", middle)))
        low, high = (low, middle) if secret < middle else (middle, high)
    return plans


PROBES: dict[str, tuple[Callable[[], list[str]], str, int]] = {
    "a binary search": (lambda: halves(0, 1000, 317.3), "search", 8),
    "a search that takes other parts than halves": (lambda: thirds(0, 1000, 317.3), "", 30),
    "a limit moved by one": (
        lambda: [count(compare("age", "<", age)) for age in range(20, 90)],
        "neighbours",
        26,
    ),
    "a day moved by one": (
        lambda: [
            count(compare("birth", "!=", f"1950-{month:02}-{day:02}"))
            for month in (1, 2, 3)
            for day in range(1, 28)
        ],
        "neighbours",
        26,
    ),
    "one category changed": (
        lambda: [count(among("icd", ["I21", "I22", f"C{n:02}"])) for n in range(60)],
        "neighbours",
        26,
    ),
    "one edge of a table changed": (
        lambda: [
            json.dumps({"analysis": {"k": "histogram", "edges": [0, 40, 60 + n / 10, 90]}})
            for n in range(60)
        ],
        "neighbours",
        26,
    ),
}


@pytest.mark.parametrize("probe", PROBES)
def test_probing_is_seen(probe: str) -> None:
    plans, rule, most = PROBES[probe]
    after, seen = Project().until_seen(plans())

    assert after <= most
    assert rule in ("", seen)
    assert seen


def test_refusals_in_a_row_are_seen_and_an_answer_ends_them() -> None:
    plans = [count(compare("age", "<", 1), by=[f"a{n}"]) for n in range(60)]
    assert Project().until_seen(plans, "not_released") == (15, "refusals")

    project = Project()
    for number, plan in enumerate(plans):
        assert project.ask(plan, "released" if number % 14 == 0 else "not_released") == []


def test_words_that_were_misspelt_are_no_refusals_of_the_gate() -> None:
    plans = [count(by=[f"misspelt{n}"]) for n in range(60)]

    assert Project().until_seen(plans, "unknown_variable") == (60, "")


def test_refusals_are_of_a_person_and_neighbours_of_a_project() -> None:
    plans = [count(compare("age", "<", 1), by=[f"a{n}"]) for n in range(40)]
    project = Project()
    told = [project.ask(one, "not_released", f"person{n % 4}") for n, one in enumerate(plans)]
    assert told == [[]] * 40

    project = Project()
    asked = [project.ask(count(compare("age", "<", n)), user=f"person{n % 4}") for n in range(40)]
    assert any(one and one[0].rule == "neighbours" for one in asked)


def test_a_pause_grows_ends_by_itself_and_turns_into_an_officer() -> None:
    project = Project()
    waited = []
    for number in range(120):
        plan = count(compare("age", "<", number))
        found = project.ask(plan)
        if found and found[0].until is None:
            break
        if found:
            assert found[0].until is not None
            waited.append((found[0].until - project.now).total_seconds())
            project.now = found[0].until
            assert project.ask(plan) == []
    else:
        pytest.fail("an officer was never asked")
    assert waited == sorted(waited)
    assert waited[0] <= 60 < waited[3]
    assert len(project.past) == 40


def test_the_same_question_again_is_no_probing() -> None:
    project = Project()
    plans = [count(compare("age", "<", number)) for number in range(25)]
    assert project.until_seen(plans) == (25, "")
    assert project.ask(count(compare("age", "<", 99)))
    for _ in range(50):
        assert project.ask(plans[3]) == []


def test_yesterday_is_forgotten() -> None:
    project = Project()
    assert project.until_seen([count(compare("age", "<", n)) for n in range(40)])[1]
    project.now += timedelta(days=1)

    assert project.ask(count(compare("age", "<", 77))) == []


BENIGN: dict[str, Callable[[], list[str]]] = {
    "a table for every municipality": lambda: [
        count(compare("municipality", "==", f"{n:04}")) for n in range(356)
    ],
    "every year": lambda: [count(compare("year", "==", n)) for n in range(1950, 2025)],
    "every diagnosis by itself": lambda: [count(among("icd", [f"I{n}"])) for n in range(99)],
    "another age group each": lambda: [
        count(compare("age", ">=", a), compare("age", "<", a + 10)) for a in range(0, 100, 10)
    ],
    "one variable after the other": lambda: [count(by=[f"v{n}"]) for n in range(200)],
    "five limits": lambda: [count(compare("bmi", ">=", b)) for b in (18.5, 25, 30, 35, 40)],
    "rounder limits": lambda: [count(compare("income", "<", n)) for n in (100, 150, 200, 250, 300)],
}


@pytest.mark.parametrize("study", BENIGN)
def test_a_study_is_left_alone(study: str) -> None:
    plans = BENIGN[study]()

    assert Project().until_seen(plans) == (len(plans), "")


@pytest.mark.parametrize(
    "text", ["", "[]", "7", "{", "[" * 100_000, '{"k": 1}', '{"values": [[]]}']
)
def test_what_is_no_plan_has_no_shape_that_matters(text: str) -> None:
    shape, constants = shape_of(text)

    assert isinstance(shape, str)
    assert constants == ()


def test_every_pattern_is_told_in_both_languages_and_holds_no_value() -> None:
    project = Project()
    project.until_seen(halves(0, 1000, 317.3))
    (found,) = project.ask(halves(0, 1000, 317.3)[len(project.past)])

    assert set(found.text) == set(found.remedy) == {"en", "nb"}
    assert "3" not in "".join(found.text.values()).replace(str(found.count + 1), "")
    assert "officer" in found.remedy["en"]
