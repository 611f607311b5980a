"""The front page: what this is for a visitor, what waits for each role."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from workbench.domain.output import OutputState
from workbench.domain.permissions import OFFICERS, Person, read_project
from workbench.portal.loads import registries_of
from workbench.portal.outputs import queue_of
from workbench.portal.pages import render
from workbench.portal.reading import standing_of
from workbench.portal.visit import Here
from workbench.ports import HeldPermit

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Task:
    """Something that waits; kind names its words (`task.<kind>` in the locales)."""

    kind: str
    number: int
    path: str


@router.get("/")
def home(here: Here) -> Response:
    """Tasks by role, or the way in."""
    records = here.services.records
    permits = records.permits.all()
    if here.person is None:
        count = sum(len(records.releases.of_project(held.permit.project)) for held in permits)
        return render(here, "welcome.html", permits=len(permits), releases=count)
    today = here.services.clock.now().date()
    mine = [held for held in permits if read_project(here.person, held.permit)]
    return render(
        here,
        "home.html",
        tasks=_tasks(here, here.person, mine),
        projects=[standing_of(held, today) for held in mine],
        registries=sorted(registries_of(records, here.person)),
        officer=OFFICERS in here.person.groups,
    )


def _tasks(here: Here, person: Person, mine: Sequence[HeldPermit]) -> list[Task]:
    records = here.services.records
    tasks = []
    if OFFICERS in person.groups:
        tasks.append(Task("review", len(queue_of(records, person, here.words)[0]), "review"))
    for held in mine:
        returned = [
            request
            for request in records.outputs.of_project(held.permit.project)
            if request.state is OutputState.RETURNED and request.author == person.name
        ]
        path = f"projects/{held.permit.project}"
        tasks.append(Task("returned", len(returned), path))
    for registry, loads in sorted(registries_of(records, person).items()):
        path = f"registries/{registry}"
        newest = {load.dataset: load for load in reversed(loads)}.values()
        tasks.append(Task("staged", sum(load.state == "staged" for load in loads), path))
        tasks.append(Task("refused", sum(load.state == "refused" for load in newest), path))
    return [task for task in tasks if task.number]
