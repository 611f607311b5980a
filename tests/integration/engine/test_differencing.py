"""Asking twice and subtracting, end to end; and two projects that know nothing of each other."""

import os
from pathlib import Path

import polars as pl
import pytest

import workbench.sdk as wb
from tests.lib.drawn import PERSON_FRAME, col, compare, val
from tests.lib.engine_world import World, attached
from tests.lib.plain_view import PlainView
from tests.lib.small_world import PERSONS, crosstab, small_view, without, younger_than
from workbench.domain.errors import Refusal
from workbench.engine.desk import Desk
from workbench.plan import nodes

BASE = younger_than(60)


@pytest.mark.parametrize("few", [1, 3, 9])
def test_a_cohort_that_leaves_out_a_few_persons_is_refused_by_name(world: World, few: int) -> None:
    first = world.ask(crosstab("sex", cohort=BASE), "alpha")
    with pytest.raises(Refusal) as refused:
        world.ask(crosstab("sex", cohort=without(few)), "alpha")

    assert refused.value.code == "not_released"
    assert first["release"] in refused.value.reason


def test_the_order_of_the_two_questions_makes_no_difference(world: World) -> None:
    world.ask(crosstab("sex", cohort=without(3)), "alpha")

    with pytest.raises(Refusal):
        world.ask(crosstab("sex", cohort=BASE), "alpha")


def test_a_difference_of_ten_persons_is_large_enough(world: World) -> None:
    world.ask(crosstab("sex", cohort=BASE), "alpha")

    assert world.ask(nodes.Count(cohort=without(10)), "alpha")["release"]


def test_a_difference_of_many_persons_is_released(world: World) -> None:
    world.ask(crosstab("sex"), "alpha")

    assert world.ask(crosstab("sex", cohort=younger_than(60)), "alpha")["release"]


def test_a_described_mean_cannot_be_subtracted_either(world: World) -> None:
    world.ask(nodes.Describe(cohort=BASE, variable="weight"), "alpha")

    with pytest.raises(Refusal) as refused:
        world.ask(nodes.Describe(cohort=without(3), variable="weight"), "alpha")
    assert refused.value.code == "not_released"


def test_a_colleague_cannot_ask_the_second_question_either(world: World) -> None:
    world.ask(crosstab("sex", cohort=BASE), "alpha")

    with pytest.raises(Refusal):
        world.ask(crosstab("sex", cohort=without(3)), "alpha", user="colleague")


def test_the_ledger_survives_a_rebuilt_view(world: World) -> None:
    world.ask(crosstab("sex", cohort=BASE), "alpha")
    world.add(small_view(version="v2"))

    with pytest.raises(Refusal) as refused:
        world.ask(crosstab("sex", cohort=without(3)), "alpha")
    assert refused.value.code == "not_released"


def test_a_person_who_left_the_data_is_not_told_by_asking_again(world: World) -> None:
    world.ask(crosstab("sex"), "alpha")
    world.add(small_view(version="v2", persons=1999))

    with pytest.raises(Refusal) as refused:
        world.ask(crosstab("sex"), "alpha")
    assert refused.value.code == "not_released"


def described(*, changed: bool = False) -> nodes.Describe:
    """The weight of everybody; changed: nothing in the place of one person's."""
    case = nodes.Case(when=compare(col("place"), "==", "p7"), then=val(0.0))
    weight = nodes.When(cases=(case,), otherwise=col("weight")) if changed else col("weight")
    derived = nodes.Derived(name="heavy", value=weight)
    return nodes.Describe(
        cohort=nodes.Derive(frame=PERSON_FRAME, columns=(derived,)), variable="heavy"
    )


def test_a_number_is_remembered_when_the_view_is_rebuilt(world: World) -> None:
    world.ask(described(), "alpha")
    world.add(small_view(version="v2"))

    with pytest.raises(Refusal) as refused:
        world.ask(described(changed=True), "alpha")
    assert refused.value.code == "not_released"
    assert "heavy" in refused.value.reason
    assert world.ask(described(), "alpha")["release"]


def test_a_value_that_the_registry_corrected_is_not_told_by_asking_again(world: World) -> None:
    world.ask(described(), "alpha")
    corrected = small_view(version="v2")
    people = corrected.frames["person"].with_columns(
        pl.when(pl.col("place") == "p7").then(110.5).otherwise(pl.col("weight")).alias("weight")
    )
    world.add(PlainView(corrected.frames | {"person": people}, PERSONS, 3, "alpha", "v2"))

    with pytest.raises(Refusal) as refused:
        world.ask(described(), "alpha")
    assert refused.value.code == "not_released"


def test_a_refusal_draws_the_releases_that_it_collides_with(world: World) -> None:
    first = world.ask(crosstab("sex", cohort=BASE), "alpha")
    with pytest.raises(Refusal) as refused:
        world.ask(crosstab("sex", cohort=without(3)), "alpha")

    drawn = [one["collision"] for one in refused.value.findings if "collision" in one]  # type: ignore[attr-defined] # a GateRefusal
    assert {"release": first["release"], "overlap": "same", "kind": "crosstab"} in drawn[0][
        "releases"
    ]


def test_nothing_exact_is_released_when_the_earlier_view_is_gone(world: World) -> None:
    world.ask(crosstab("sex"), "alpha")
    world.add(small_view(version="v2"))
    (world.folder / "views" / "alpha" / "v1").rmdir()

    with pytest.raises(Refusal) as refused:
        world.ask(crosstab("vital"), "alpha")
    assert refused.value.code == "ledger_unmappable"
    noisy = nodes.DpCount(cohort=PERSON_FRAME, by=("vital",), rho="1/10")
    assert world.ask(noisy, "alpha")["release"]


def test_a_project_never_sees_the_releases_of_another(world: World) -> None:
    world.add(small_view("beta"))
    answer = world.ask(crosstab("sex"), "alpha")
    desk = Desk(world.engine, world.keys)

    other = world.ask(crosstab("sex"), "beta")

    assert other["release"] != answer["release"]
    assert not other["replayed"]
    assert desk.rendering("beta", answer["release"]).html is None
    assert "Count the persons" in (desk.rendering("alpha", answer["release"]).html or "")
    listed = [one["release"] for one in desk.ask("beta", "researcher", "history")["releases"]]
    assert listed == [other["release"]]


def test_the_budget_of_one_project_is_not_that_of_another(world: World) -> None:
    world.add(small_view("beta"), budget_rho="0")
    noisy = nodes.DpCount(cohort=PERSON_FRAME, by=("sex",), rho="1/10")
    world.ask(noisy, "alpha")

    with pytest.raises(Refusal) as refused:
        world.ask(noisy, "beta")
    assert refused.value.code == "budget_exhausted"


def test_a_kernel_speaks_for_the_project_of_its_socket_alone(
    world: World, control: Path, tmp_path: Path
) -> None:
    world.add(small_view("beta"))
    here = os.getuid()
    with (
        attached(control, tmp_path, here, "alpha", kernel="a" * 16) as one,
        attached(control, tmp_path, here, "beta", kernel="b" * 16) as two,
    ):
        alpha, beta = wb.open(one), wb.open(two)
        alpha["person"].crosstab("sex")

        assert (alpha.name, beta.name) == ("alpha", "beta")
        assert alpha.history().height == 1
        assert beta.history().height == 0
