"""What an answer with noise is paid from: every registry that is read, in one transaction."""

import os
from fractions import Fraction
from typing import Any

import pytest

import workbench.sdk as wb
from tests.lib.drawn import PERSON_FRAME
from tests.lib.engine_world import World, attached
from tests.lib.small_world import small_view, younger_than
from workbench.domain.errors import Refusal
from workbench.plan import Plan, canonical, nodes
from workbench.services.extend_budget import extend_budget

VISITED = nodes.Derive(
    frame=PERSON_FRAME,
    columns=(nodes.Derived(name="visited", value=nodes.Exists(frame=nodes.Dataset(name="visit"))),),
)
MOST = Fraction(2)
"""rho_per_registry of the default policy."""


@pytest.fixture
def linked(world: World) -> World:
    """Two datasets of two registries, "base" and "clinic"."""
    world.add(small_view("linked"), budget_rho="100")
    return world


def paid(world: World) -> dict[str, Fraction]:
    return {one.registry: one.spent for one in world.records.releases.registry_accounts("linked")}


def count(cohort: Any, *by: str, rho: str = "1/2") -> nodes.DpCount:
    return nodes.DpCount(cohort=cohort, by=by, rho=rho)


def test_every_registry_that_is_read_pays_and_no_other(linked: World) -> None:
    linked.ask(count(PERSON_FRAME, "sex"), "linked")
    assert paid(linked) == {"base": Fraction(1, 2)}
    linked.ask(count(VISITED, "visited", rho="1/10"), "linked")
    assert paid(linked) == {"base": Fraction(6, 10), "clinic": Fraction(1, 10)}
    linked.ask(count(nodes.Persons(), rho="1/100"), "linked")
    assert paid(linked) == {"base": Fraction(61, 100), "clinic": Fraction(11, 100)}
    linked.ask(count(nodes.Persons(), rho="1/100"), "linked")
    assert linked.records.releases.account("linked").spent == Fraction(61, 100)


def test_a_registry_holds_what_its_policy_grants_and_an_extension_adds(linked: World) -> None:
    for by in (("sex",), ("region",), ("sex", "region"), ("vital",)):
        linked.ask(count(PERSON_FRAME, *by), "linked")
    assert paid(linked)["base"] == MOST
    with pytest.raises(Refusal) as refused:
        linked.ask(count(PERSON_FRAME, rho="1/1000"), "linked")
    assert refused.value.code == "registry_budget_exhausted"
    extend_budget(
        linked.records, linked.clock, "linked", "1/10", registry="base", who="os:o", why="asked"
    )
    assert linked.ask(count(PERSON_FRAME, rho="1/10"), "linked")["release"]
    assert paid(linked)["base"] == MOST + Fraction(1, 10)


def test_noise_is_offered_in_place_of_a_refusal_only_where_every_account_holds_it(
    linked: World,
) -> None:
    """A registry that was spent empty says so before it is asked."""
    text = canonical(Plan(analysis=nodes.Count(cohort=younger_than(20)))).decode()

    def offered() -> str:
        return linked.engine._noise(linked.engine._question("linked", "researcher", text))

    assert Fraction(offered()) > 0
    for by in (("sex",), ("region",), ("sex", "region"), ("vital",)):
        linked.ask(count(PERSON_FRAME, *by), "linked")
    assert linked.records.releases.account("linked").granted > 3
    assert offered() == ""


def test_a_notebook_sees_its_accounts_and_what_can_still_be_asked(
    linked: World, tmp_path: Any
) -> None:
    with linked.served() as control, attached(control, tmp_path, os.getuid(), "linked") as path:
        p = wb.open(path)
        before = p.budget()
        assert before.left == MOST, "the registries hold less than the permit"
        assert before.answers("1/2") == 4
        p["person"].count(by="sex", dp=wb.dp(rho="1/2"))
        after = p.budget()
    assert after.registries == {"base": (MOST, Fraction(1, 2)), "clinic": (MOST, Fraction(0))}
    assert after.left == Fraction(3, 2)
    told = {row["rho"]: row for row in after.forecast.to_dicts()}
    assert told["1/2"]["answers"] == 3
    assert told["1/100"] == {"rho": "1/100", "answers": 150, "count_within": 14}
    assert 0 < after.epsilon["epsilon"][0] < after.epsilon["simple"][0]
    assert "150 more at ρ = 1/100 (a count within ± 14)" in repr(after)
    assert "<li>" in after._repr_html_()
