"""An instance's history: exported by the operator, checked by a stranger with the key alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from disclosure.errors import Refusal as Flaw
from tests.lib import samples
from tests.lib.drawn import PERSON_FRAME
from tests.lib.engine_world import EVENT, World
from tests.lib.every_analysis import EXAMPLES, example, rich_view
from tests.lib.small_world import crosstab, younger_than
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputState
from workbench.engine.desk import Desk
from workbench.plan import nodes
from workbench.services.export_history import export_history
from workbench.services.release_output import release_output
from workbench.services.verify_history import end_of, verify_history

INSTANCE = "0123456789abcdef"


class Line:
    """The engine's control socket without the socket."""

    def __init__(self, world: World) -> None:
        self._desk = Desk(world.engine, world.keys)

    def sign_end(self, instance: str, project: str) -> Any:
        return self._desk.sign_end(instance, project).certificate

    def certify_output(self, request: str) -> Any:
        return self._desk.certify_output(request).certificate


class Blobs:
    def get(self, sha256: str) -> bytes:
        return b""

    def put(self, content: bytes) -> str:
        return ""


@pytest.fixture
def told(world: World) -> World:
    """Tables, a described number, noise, a refusal and a file that an officer approved."""
    world.ask(crosstab("sex", "region"), "alpha")
    world.ask(crosstab("sex"), "alpha")
    world.ask(nodes.Describe(cohort=PERSON_FRAME, variable="age", by=("sex",)), "alpha")
    world.ask(nodes.DpCount(cohort=PERSON_FRAME, by=("sex",), rho="1/10"), "alpha")
    with pytest.raises(Refusal):
        world.ask(nodes.Crosstab(cohort=younger_than(20), by=("sex",)), "alpha")
    request = samples.request(project="alpha")
    world.records.outputs.submit(request, EVENT)
    review = samples.review(request, OutputState.APPROVED)
    world.records.outputs.move(
        request.id, OutputState.SUBMITTED, OutputState.APPROVED, EVENT, review=review
    )
    release_output(world.records, Blobs(), Line(world), request.id)
    return world


def exported(world: World, project: str = "", **more: Any) -> list[bytes]:
    return list(export_history(world.records, Line(world), INSTANCE, project, **more))


def test_the_history_of_an_instance_holds_and_names_nobody(told: World) -> None:
    lines = exported(told)

    found = verify_history(lines, {told.keys.verify_key})
    assert found.releases == 5
    assert found.instance == INSTANCE
    assert found.withheld > 0
    assert found.compared > 0
    assert b"researcher" not in b"".join(lines)
    assert b"officer-" not in b"".join(lines)


def test_without_bodies_only_certificates_are_told(told: World) -> None:
    lines = exported(told, bodies=False)

    assert b'"body"' not in b"".join(lines)
    assert verify_history(lines, {told.keys.verify_key}).alone == 5


def test_of_another_project_nothing_is_told_but_that_it_released(told: World) -> None:
    told.records.permits.grant(samples.permit(project="beta"), EVENT)
    lines = exported(told, "beta")

    assert b'"certificate": {' not in b"".join(lines[1:])
    assert verify_history(lines, {told.keys.verify_key}).releases == 0
    with pytest.raises(Refusal) as refused:
        exported(told, "gamma")
    assert refused.value.code == "no_permit"


def test_a_later_history_continues_the_one_before(told: World) -> None:
    first = exported(told)
    told.ask(crosstab("region"), "alpha")
    later, trusted = exported(told), {told.keys.verify_key}

    assert verify_history(later, trusted, end_of(first[0])).releases == 6
    with pytest.raises(Flaw, match="noted"):
        verify_history(first, trusted, end_of(later[0]))


def test_a_release_that_was_taken_out_of_the_books_is_missed(told: World) -> None:
    lines = exported(told)
    places = [at for at, line in enumerate(lines) if line.startswith(b'{"release"')]

    for at in places:
        entry = json.loads(lines[at - 1])["entry"]
        with pytest.raises(Flaw, match=f"entry {entry['position']}"):
            verify_history([*lines[:at], *lines[at + 1 :]], {told.keys.verify_key})


def test_a_line_that_is_cut_is_named(told: World) -> None:
    lines = exported(told)

    with pytest.raises(Exception, match="Line 3 of the history"):
        verify_history([*lines[:2], lines[2][:-9]], {told.keys.verify_key})


def test_entries_from_before_there_were_salts_are_not_told(told: World) -> None:
    entries = list(told.records.audit.entries())
    old = entries[0].__class__(**{**vars(entries[0]), "salt": ""})

    class Audit:
        def entries(self) -> Any:
            return iter([old])

    class Books:
        audit, permits = Audit(), told.records.permits

    with pytest.raises(Refusal) as refused:
        list(export_history(Books(), Line(told), INSTANCE))
    assert refused.value.code == "old_log"


def test_a_history_of_every_kind_of_analysis_holds(tmp_path: Path) -> None:
    """Ten projects with a view each; what the second verifier cannot compare it checks alone."""
    world = World(tmp_path)
    kinds = {kind: name for name, (kind, _) in EXAMPLES.items()}
    assert len(kinds) > 30
    for number, name in enumerate(kinds.values()):
        project = f"every{number // 8}"
        if number % 8 == 0:
            world.add(rich_view(project), budget_rho="4")
        world.ask(example(name), project)

    found = verify_history(exported(world), {world.keys.verify_key})
    assert found.releases == len(kinds)
    assert 0 < found.alone < len(kinds)
