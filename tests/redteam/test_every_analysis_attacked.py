"""Whatever is asked, few persons stay untold: small cohorts, differences, flags, huge values."""

import re
from typing import Any

import pytest

from tests.lib.engine_world import World
from tests.lib.every_analysis import (
    EXAMPLES,
    FEW,
    PERSONS,
    ages,
    everyone,
    example,
    marked,
    singled_out,
    swapped,
)
from tests.lib.every_answer import (
    counts,
    groups,
    numbers_of_people,
    opened,
    put,
    told,
    told_numbers,
)
from workbench.domain.errors import Refusal
from workbench.plan import nodes

THRESHOLD = 10
NAMES = [name for name, (kind, _) in EXAMPLES.items() if not issubclass(kind, nodes.Private)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("every"))


@pytest.fixture
def project(world: World) -> str:
    return opened(world)


@pytest.mark.parametrize("name", NAMES)
def test_a_small_an_empty_and_a_nearly_whole_cohort_are_refused_without_a_number(
    world: World, project: str, name: str
) -> None:
    landmark = getattr(example(name), "landmark", None)  # leaves out many more than a few
    for cohort in (ages(19), ages(0), *(() if landmark else (singled_out(FEW, 200),))):
        with pytest.raises(Refusal) as refused:
            world.ask(example(name, cohort), project)
        assert refused.value.code == "not_released", (refused.value.code, refused.value.reason)
        said = refused.value.reason + refused.value.remedy
        assert set(re.findall(r"\d+", said)) <= {"100", "10"}, said


@pytest.mark.parametrize("name", NAMES)
def test_a_cohort_a_few_persons_smaller_is_refused(world: World, project: str, name: str) -> None:
    assert told(world, example(name, ages(60)), project)
    for few in (1, 3):
        assert told(world, example(name, singled_out(few, 60)), project) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_count_first_and_then_a_few_persons_fewer(world: World, project: str, name: str) -> None:
    assert told(world, nodes.Count(cohort=ages(60)), project)
    if getattr(example(name), "landmark", None):
        return  # those who are still followed then are many fewer
    assert told(world, example(name, singled_out(3, 60)), project) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_few_persons_fewer_are_not_counted_afterwards(
    world: World, project: str, name: str
) -> None:
    assert told(world, example(name, ages(60)), project)
    assert told(world, nodes.Count(cohort=singled_out(3, 60)), project) is None


PLACES = [(name, read) for name in NAMES for read in example(name).reads]


@pytest.mark.parametrize("new", ["region", "town", "alone"])
@pytest.mark.parametrize(("name", "old"), PLACES)
def test_few_persons_stay_untold_wherever_they_are_named(
    world: World, project: str, name: str, old: str, new: str
) -> None:
    answer = told(world, put(example(name), old, new), project)
    if answer is None:
        return
    for number in numbers_of_people(answer["body"]):
        assert not 0 < number < THRESHOLD
        assert not 0 < PERSONS - number < THRESHOLD
    for codes, values in groups(answer["body"], new):
        if codes in ("3", "true"):
            assert not any(values), (codes, values)


@pytest.mark.parametrize(
    ("name", "old"), [(name, old) for name, old in PLACES if old in ("income", "visits", "age")]
)
def test_one_persons_huge_value_moves_nothing_that_is_told(
    world: World, name: str, old: str
) -> None:
    found = []
    for most in (1e7, 1.05e7):
        answer = told(world, put(example(name, everyone(most)), old, "huge"), opened(world))
        found.append(answer and [list(counts(answer["body"])), told_numbers(answer["body"])])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("name", "old"), [(name, old) for name, old in PLACES if old in ("sex", "dead")]
)
def test_the_same_with_one_person_in_another_group_is_refused_or_withheld(
    world: World, project: str, name: str, old: str
) -> None:
    """Subtracted, the two would tell of that one person whatever the analysis is about."""
    first = told(world, example(name, swapped()), project)
    assert first is not None
    second = told(world, put(example(name, swapped()), old, f"{old}2"), project)
    if second is not None:
        assert first["certificate"]["statement"]["kind"] == "table"
        before, after = (cells_of(one["body"]) for one in (first, second))
        both = [(before[at], after[at]) for at in before.keys() & after.keys()]
        assert not [pair for pair in both if 0 < abs(pair[0] - pair[1]) < THRESHOLD]


def cells_of(body: dict[str, Any]) -> dict[tuple[str, ...], int]:
    """Shown counts by codes."""
    shown = {tuple(one["codes"]): one["values"].get("n") for one in body["cells"]}
    return {codes: n for codes, n in shown.items() if n is not None}


LIMITED = (nodes.MeanTest, nodes.Cox, nodes.Regression)
"""Tests and models, whose figures tell more: docs/explanation/limitations.md says so."""


@pytest.mark.parametrize("most", [3000.0, 8000.0, 3e5])
@pytest.mark.parametrize(
    ("name", "old"),
    [
        (name, old)
        for name, old in PLACES
        if old in ("income", "visits", "age") and not issubclass(EXAMPLES[name][0], LIMITED)
    ],
)
def test_a_value_that_the_asker_made_large_is_not_told_to_a_thousandth(
    world: World, name: str, old: str, most: float
) -> None:
    """A person's value times a thousand is most of a sum, and its digits are those of the sum."""
    found = []
    for value in (most, most * 1.001):
        answer = told(world, put(example(name, everyone(value)), old, "huge"), opened(world))
        found.append(answer and told_numbers(answer["body"]))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("name", "old"),
    [place for place in PLACES if place[1] == "income" and "sex" in example(place[0]).reads],
)
def test_a_mark_on_one_person_does_not_tell_that_persons_group(
    world: World, name: str, old: str
) -> None:
    """The group where the mark is must not look otherwise than the one where it is not."""
    answer = told(world, put(example(name, marked()), old, "mark"), opened(world))
    if answer is not None and answer["certificate"]["statement"]["kind"] == "table":
        looks = [(code, bool(values)) for code, values in groups(answer["body"], "sex")]
        women, men = ([seen for code, seen in looks if code == sex] for sex in ("F", "M"))
        assert women == men
