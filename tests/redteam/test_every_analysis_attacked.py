"""Whatever is asked, few persons stay untold: small cohorts, differences, flags, huge values."""

import re

import pytest

from tests.lib.engine_world import World
from tests.lib.every_analysis import (
    EXAMPLES,
    FEW,
    PERSONS,
    ages,
    everyone,
    example,
    singled_out,
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
NAMES = [name for name, (kind, _) in EXAMPLES.items() if kind is not nodes.DpCount]


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
