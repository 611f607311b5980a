"""An officer sees how a project's releases overlap; nobody else does."""

from typing import Any

import pytest

from tests.functional.portal.conftest import Browse
from tests.lib.portal_world import PROJECT, World, add_output
from workbench.domain.audit import What
from workbench.domain.output import OutputRequest

OVERLAP: dict[str, Any] = {
    "releases": [
        {"release": "b" * 16, "created": "2026-11-21T12:00:00+00:00", "kind": "crosstab",
         "explained": "Count the persons by <b>sex</b>."},
        {"release": "a" * 16, "created": "2026-11-20T12:00:00+00:00", "kind": "count",
         "explained": "Count the persons."},
    ],
    "groups": [{"in": [0, 1], "persons": 1200}, {"in": [1], "persons": None}],
    "threshold": 10,
    "left_out": {"releases": 3, "groups": 0},
}  # fmt: skip


@pytest.fixture
def request_(world: World) -> OutputRequest:
    world.engine.overlap = OVERLAP
    return add_output(world, "a" * 16, {"table.csv": b"sex;n\nF;3811\n"})


def test_the_officer_of_a_request_sees_the_diagram_and_the_same_as_a_table(
    browse: Browse, world: World, request_: OutputRequest
) -> None:
    officer = browse("officer")
    assert f"review/{request_.id}/overlaps" in officer.page(f"review/{request_.id}")

    page = officer.page(f"review/{request_.id}/overlaps")

    assert world.engine.asked == [PROJECT]
    assert "2 releases, 2 groups of persons, 1 of them with fewer than 10 persons" in page
    assert page.count('class="few" x="') == 1
    assert page.count('<rect class="cover" x="') == 2
    assert "&lt;b&gt;sex" in page
    assert "fewer than 10</td>" in page
    assert "3 older releases" in page
    assert list(world.records.audit.entries())[-1].event.what is What.OUTPUT_REQUEST_VIEW


@pytest.mark.parametrize("who", ["researcher", "colleague", "member-officer", "owner-lab"])
def test_nobody_else_sees_it(
    who: str, browse: Browse, world: World, request_: OutputRequest
) -> None:
    assert browse(who).get(f"review/{request_.id}/overlaps").status_code in (403, 404)
    assert world.engine.asked == []


def test_an_engine_that_is_down_is_said_to_be(
    browse: Browse, world: World, request_: OutputRequest
) -> None:
    world.engine.down = True

    page = browse("officer").page(f"review/{request_.id}/overlaps")
    assert "The engine does not answer" in page
    assert '<svg class="overlaps"' not in page


def test_it_speaks_norwegian(browse: Browse, request_: OutputRequest) -> None:
    page = browse("officer").page(
        f"review/{request_.id}/overlaps", headers={"accept-language": "nb"}
    )

    assert "Hvordan utgivelsene i" in page
    assert "færre enn 10" in page
