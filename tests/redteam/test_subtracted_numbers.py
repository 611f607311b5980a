"""The same persons twice, and a number that was changed for one of them: spelt in every way."""

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from tests.lib.drawn import col, compare, val
from tests.lib.engine_world import World
from tests.lib.every_analysis import EXAMPLES, ages, everyone, example
from tests.lib.every_answer import opened, put, told
from workbench.domain.errors import Refusal
from workbench.engine import run
from workbench.plan import nodes

VICTIM = compare(col("place"), "==", "p5")
INCOME = col("income")
MAN = compare(col("sex"), "==", "M")


def when(value: Any, condition: Any = VICTIM, otherwise: Any = INCOME) -> nodes.When:
    return nodes.When(cases=(nodes.Case(when=condition, then=value),), otherwise=otherwise)


def sum_of(op: str, left: Any, right: Any) -> nodes.Arithmetic:
    return nodes.Arithmetic(op=op, left=left, right=right)


GONE = when(val(0.0))
FLAG = when(val(1.0), otherwise=val(0.0))
SPELT: dict[str, Any] = {
    "a condition": GONE,
    "arithmetic": sum_of("*", INCOME, sum_of("-", val(1.0), FLAG)),
    "added to": sum_of("+", INCOME, sum_of("*", FLAG, val(500.0))),
    "scaled and moved": sum_of("+", sum_of("*", GONE, val(-3.7)), val(1e6)),
    "moved for all men": sum_of("+", GONE, when(val(25.0), MAN, val(0.0))),
    "with a little of another number": sum_of(
        "+", GONE, sum_of("*", val(1e-3), col("age"))
    ),
    "two persons": when(val(0.0), compare(col("place"), "==", "p9"), GONE),
    "squared": sum_of("*", GONE, INCOME),
}  # fmt: skip


def over(cohort: Any, **columns: Any) -> nodes.Derive:
    derived = tuple(nodes.Derived(name=name, value=value) for name, value in columns.items())
    return nodes.Derive(frame=cohort, columns=derived)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("subtracted"))


@pytest.fixture
def project(world: World) -> str:
    return opened(world)


def people(world: World, project: str) -> pl.DataFrame:
    return pl.DataFrame(world.views[project, "v1"].frames["person"])


def describe(cohort: Any, variable: str, *by: str) -> nodes.Describe:
    return nodes.Describe(cohort=cohort, variable=variable, by=by)


def refused_by_the_ledger(world: World, analysis: Any, project: str) -> str:
    with pytest.raises(Refusal) as refused:
        world.ask(analysis, project)
    findings = getattr(refused.value, "findings", ())
    assert "ledger" in {one["rule"] for one in findings}, (refused.value.code, refused.value.reason)
    return refused.value.reason


@pytest.mark.parametrize("spelt", SPELT)
def test_a_number_changed_for_one_person_is_not_told_after_the_number(
    world: World, project: str, spelt: str
) -> None:
    first = told(world, describe(everyone(), "income"), project)
    assert first is not None

    said = refused_by_the_ledger(
        world, describe(over(everyone(), other=SPELT[spelt]), "other"), project
    )

    assert first["release"] in said
    assert "income" in said


@pytest.mark.parametrize("spelt", SPELT)
def test_nor_the_number_after_it(world: World, project: str, spelt: str) -> None:
    cohort = over(everyone(), other=SPELT[spelt])
    if told(world, describe(cohort, "other"), project) is not None:
        refused_by_the_ledger(world, describe(everyone(), "income"), project)


BANDS = {"histogram", "heatmap", "density"}
"""Tell of intervals, whose persons are compared as cells: a change within one tells nothing."""
WHETHER = {"missingness"}


def numbers_read() -> Iterator[tuple[str, str]]:
    """A number of each analysis."""
    for name in EXAMPLES.keys() - BANDS - WHETHER:
        if example(name).cost:
            continue
        reads = [one for one in example(name).reads if one in ("income", "visits", "age", "days")]
        if reads:
            yield name, "days" if name.startswith("rates, ") else reads[-1]


@pytest.mark.parametrize(("name", "read"), sorted(numbers_read()))
def test_whatever_is_told_of_a_number_is_not_told_with_one_value_changed(
    world: World, project: str, name: str, read: str
) -> None:
    assert told(world, example(name), project)
    more = sum_of("+", col(read), when(val(3), otherwise=val(0)))
    refused_by_the_ledger(
        world, put(example(name, over(everyone(), other=more)), read, "other"), project
    )


def test_cells_of_one_result_are_compared_with_a_cohort_of_another(
    world: World, project: str
) -> None:
    """Doubled for men only, the change is one of half of all persons; of the women's it is one."""
    assert told(world, describe(everyone(), "income", "sex"), project)
    other = when(sum_of("*", INCOME, val(2.0)), MAN, GONE)
    refused_by_the_ledger(world, describe(over(everyone(), other=other), "other"), project)


def test_nothing_in_the_place_of_a_cohort_is_that_cohort(world: World, project: str) -> None:
    """Zero for all women but one is the number of the men and hers."""
    assert people(world, project).filter(place="p5")["sex"][0] == "F", "the attack needs a woman"
    men = nodes.Filter(frame=everyone(), where=MAN)
    assert told(world, describe(men, "income"), project)
    woman = nodes.Logic(op="and", operands=(nodes.Not(operand=MAN), nodes.Not(operand=VICTIM)))
    other = when(val(0.0), woman)
    refused_by_the_ledger(world, describe(over(everyone(), other=other), "other"), project)


def test_two_numbers_do_not_tell_of_a_third_that_was_changed(world: World, project: str) -> None:
    """income + age, less income, less age with one person's changed, is that person's age."""
    both = over(everyone(), both=sum_of("+", INCOME, col("age")))
    assert told(world, describe(both, "both"), project)
    assert told(world, describe(everyone(), "income"), project)
    other = over(everyone(), other=when(val(0), otherwise=col("age")))
    refused_by_the_ledger(world, describe(other, "other"), project)


def test_the_parts_of_a_cohort_do_not_tell_of_the_whole(world: World, project: str) -> None:
    women = nodes.Filter(frame=everyone(), where=nodes.Not(operand=MAN))
    men = nodes.Filter(frame=everyone(), where=MAN)
    assert told(world, describe(women, "income"), project)
    assert told(world, describe(men, "income"), project)
    other = over(everyone(), other=sum_of("*", sum_of("+", GONE, col("visits")), val(2.0)))
    assert told(world, describe(everyone(), "visits"), project)
    refused_by_the_ledger(world, describe(other, "other"), project)


def test_a_product_is_told_by_a_covariance_as_well(world: World, project: str) -> None:
    asked = nodes.Covariances(cohort=everyone(), variables=("age", "income"))
    assert told(world, asked, project)
    other = over(everyone(), other=sum_of("*", GONE, col("age")))
    refused_by_the_ledger(world, describe(other, "other"), project)


def test_the_attack_is_a_real_one(
    world: World, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the comparison two means say whether the victim is dead."""
    monkeypatch.setattr(run, "subtracted", lambda *_: [])
    dead = when(val(1), col("dead"), val(0))
    cohort = over(everyone(), died=dead, other=when(val(1), otherwise=dead))
    means = []
    for variable in ("died", "other"):
        answer = told(world, describe(cohort, variable), project)
        assert answer is not None
        means.append(answer["body"]["cells"][0]["values"]["mean"])

    assert people(world, project).filter(place="p5")["dead"][0] is (means[0] == means[1])


HONEST: dict[str, Any] = {
    "capped at a high value": nodes.Clip(operand=INCOME, low=None, high=900.0),
    "its logarithm": nodes.Math(fn="log", operand=INCOME),
    "in another unit": sum_of("/", INCOME, val(12.0)),
    "of men only": when(val(0.0), nodes.Not(operand=MAN)),
    "with the visits": sum_of("+", INCOME, col("visits")),
    "another number": col("days"),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_second_number_is_told(world: World, project: str, name: str) -> None:
    assert told(world, describe(everyone(), "income", "sex"), project)
    assert told(world, describe(everyone(), "age", "group"), project)
    assert told(world, describe(over(everyone(), other=HONEST[name]), "other", "sex"), project)


def test_a_number_may_be_told_of_many_cohorts(world: World, project: str) -> None:
    for below in (70, 60, 50, 40):
        assert told(world, describe(ages(below), "income", "sex"), project)
        assert told(world, nodes.Quantiles(cohort=ages(below), variable="income"), project)
