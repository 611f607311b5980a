"""Whatever is wrong with a plan or its permit: a refusal that says so, nothing charged or released.

Every bad plan asks for noise, which would be charged: an unspent account means something.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from tests.lib.drawn import PERSON_FRAME, VISITS, col, compare
from tests.lib.engine_world import EVENT, World, columns
from workbench.domain.audit import What
from workbench.domain.errors import Refusal
from workbench.domain.permit import PermitState
from workbench.plan import Plan, canonical, nodes
from workbench.plan.parse import DEPTH_LIMIT, SIZE_LIMIT

GOOD = nodes.DpCount(cohort=PERSON_FRAME, by=("sex",), rho="1/10")


def dp(cohort: nodes.Frame = PERSON_FRAME, *by: str) -> nodes.DpCount:
    return nodes.DpCount(cohort=cohort, by=by, rho="1/10")


def where(condition: Any) -> nodes.Filter:
    return nodes.Filter(frame=PERSON_FRAME, where=condition)


def text(**changes: Any) -> str:
    tree = json.loads(canonical(Plan(analysis=GOOD)))
    tree["analysis"].update(changes)
    return json.dumps(tree)


def deep() -> nodes.Frame:
    condition: Any = compare(col("age"), ">=", 18)
    for _ in range(DEPTH_LIMIT):
        condition = nodes.Not(operand=condition)
    return where(condition)


def wide() -> nodes.DpCount:
    edges = tuple(range(1, 100))
    cut = nodes.Bins(operand=col("age"), edges=edges)
    return dp(nodes.Derive(frame=PERSON_FRAME, columns=columns(("one", cut), ("two", cut))),
              "one", "two")  # fmt: skip


BAD: list[tuple[str, nodes.Analysis | str, str]] = [
    ("no JSON", "not json", "malformed_plan"),
    ("unknown analysis", text(k="python"), "malformed_plan"),
    ("unknown frame", text(cohort={"k": "file", "name": "person"}), "malformed_plan"),
    ("unknown expression",
     text(cohort={"k": "filter", "frame": {"k": "dataset", "name": "person"},
                  "where": {"k": "call", "name": "open"}}), "malformed_plan"),
    ("unknown field", text(seed=1), "malformed_plan"),
    ("unknown version", json.dumps({"v": 99} | {"analysis": json.loads(text())["analysis"]}),
     "plan_version"),
    ("no cost", text(rho="0"), "malformed_plan"),
    ("misspelt variable", dp(PERSON_FRAME, "regoin"), "unknown_name"),
    ("misspelt dataset", dp(nodes.Dataset(name="persons")), "unknown_name"),
    ("variable nowhere", dp(PERSON_FRAME, "income"), "outside_permit"),
    ("dataset nowhere", dp(nodes.Dataset(name="tax_return")), "outside_permit"),
    ("variable of all persons", dp(nodes.Persons(), "sex"), "unknown_name"),
    ("unknown code", dp(where(compare(col("sex"), "==", "X"))), "unknown_code"),
    ("wrong type", dp(where(compare(col("sex"), ">", 1))), "type_mismatch"),
    ("free text", dp(PERSON_FRAME, "place"), "not_a_dimension"),
    ("many rows a person", dp(VISITS), "wrong_frame"),
    ("oversized", "[" * (SIZE_LIMIT + 1), "plan_too_large"),
    ("too deep", dp(deep()), "plan_too_deep"),
    ("too many cells", wide(), "too_many_cells"),
]  # fmt: skip


@contextmanager
def refused(world: World, code: str) -> Iterator[None]:
    """Refused with the code, a reason and a remedy; the books hold the refusal and nothing else."""
    with pytest.raises(Refusal) as found:
        yield
    assert found.value.code == code
    assert found.value.reason
    assert found.value.remedy
    books = world.records.releases
    assert books.account("alpha").spent == 0
    assert books.of_project("alpha") == ()
    assert books.memberships("alpha") == ()
    assert world.audited(What.PLAN_RELEASE) == []
    assert [one.details["code"] for one in world.audited(What.PLAN_REFUSE)] == [code]


def test_the_good_plan_is_charged(world: World) -> None:
    world.ask(GOOD, "alpha")

    assert world.records.releases.account("alpha").spent == Fraction(1, 10)


@pytest.mark.parametrize(
    ("analysis", "code"), [one[1:] for one in BAD], ids=[one[0] for one in BAD]
)
def test_a_bad_plan_is_refused(world: World, analysis: Any, code: str) -> None:
    with refused(world, code):
        world.ask(analysis, "alpha")


def narrowed(world: World, **datasets: tuple[str, ...] | None) -> None:
    """The permit amended, its view as it was: a dataset's variables, or None for none of it."""
    held = world.records.permits.find("alpha")
    assert held is not None
    kept = tuple(
        one.model_copy(update={"variables": datasets.get(one.dataset, one.variables)})
        for one in held.permit.datasets
        if datasets.get(one.dataset, ()) is not None
    )
    world.records.permits.grant(held.permit.model_copy(update={"datasets": kept}), EVENT)


def test_a_variable_that_the_view_has_and_the_permit_has_not_is_refused(world: World) -> None:
    narrowed(world, person=("age", "region"))

    with refused(world, "outside_permit"):
        world.ask(GOOD, "alpha")


@pytest.mark.parametrize(
    "cohort",
    [where(nodes.Exists(frame=VISITS)), nodes.Persons()],
    ids=["its rows", "all persons"],
)
def test_a_dataset_that_the_permit_lost_tells_not_even_who_is_in_it(
    world: World, cohort: nodes.Frame
) -> None:
    narrowed(world, visit=None)

    with refused(world, "outside_permit"):
        world.ask(dp(cohort), "alpha")


@pytest.mark.parametrize("year", [2025, 2028], ids=["not yet valid", "expired"])
def test_a_permit_on_another_day_is_refused(world: World, year: int) -> None:
    world.clock.at = datetime(year, 6, 1, tzinfo=UTC)

    with refused(world, "not_permitted"):
        world.ask(GOOD, "alpha")


def test_a_revoked_or_suspended_permit_is_refused(world: World) -> None:
    world.records.permits.set_state("alpha", PermitState.SUSPENDED, EVENT)

    with refused(world, "not_permitted"):
        world.ask(GOOD, "alpha")


def test_a_stranger_is_refused(world: World) -> None:
    with refused(world, "not_permitted"):
        world.ask(GOOD, "alpha", user="stranger")


def test_a_plan_that_was_stopped_is_refused(world: World) -> None:
    stopped = threading.Event()
    stopped.set()

    with refused(world, "cancelled"):
        world.engine.run(
            "alpha", "researcher", text(), cancelled=stopped, progress=lambda done, total: None
        )


def test_an_engine_that_breaks_in_the_middle_has_charged_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workbench.engine.run.release_certificate", broken)
    with pytest.raises(OSError, match="No space"):
        world.ask(GOOD, "alpha")

    assert world.records.releases.account("alpha").spent == 0
    assert world.records.releases.of_project("alpha") == ()
    assert world.audited(What.PLAN_RELEASE) == []
