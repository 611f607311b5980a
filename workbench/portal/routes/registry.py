"""Registry owners: loads with their reports, publication, the way back, and who uses the data."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from workbench.domain.errors import Refusal
from workbench.domain.permissions import check_publish_load, check_read_load
from workbench.domain.permissions import publish_load as may_publish
from workbench.portal.failures import NOT_FOUND
from workbench.portal.guard import Form, text_of
from workbench.portal.loads import (
    ShownDatasetLoads,
    datasets_in,
    owns_any,
    registries_of,
    report_of,
)
from workbench.portal.pages import redirect, render
from workbench.portal.publishing import check_staged, publish, read_load_of, roll_back
from workbench.portal.reading import standing_of
from workbench.portal.visit import Here, Visit
from workbench.ports import LoadRecord

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
LoadId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,128}$")]


@router.get("/registries")
def registries(here: Here) -> Response:
    """The registries of this owner."""
    person = here.signed_in
    found = registries_of(here.services.records, person)
    if not found and not owns_any(person):
        raise Refusal(
            "not_permitted",
            "You are not named as owner of a registry.",
            "Ask the operator to name you as owner.",
        )
    shown = [
        {
            "id": registry,
            "loads": len(loads),
            "staged": sum(load.state == "staged" for load in loads),
        }
        for registry, loads in sorted(found.items())
    ]
    return render(here, "registry/list.html", registries=shown)


@router.get("/registries/{registry}")
def registry(here: Here, registry: Name, done: str = "") -> Response:
    """One registry: its datasets, their loads, and the projects that use them."""
    loads = _loads(here, registry)
    names = {load.dataset for load in loads}
    return render(
        here,
        "registry/registry.html",
        registry=registry,
        datasets=datasets_in(loads),
        may_publish=may_publish(here.signed_in, registry),
        users=_users(here, names),
        done=done if done in {"publish", "rollback"} else "",
    )


@router.get("/registries/{registry}/{dataset}/rollback")
def ask_rollback(here: Here, registry: Name, dataset: Name) -> Response:
    """Ask before going back."""
    check_publish_load(here.signed_in, registry)
    shown = _dataset(here, registry, dataset)
    return render(here, "registry/rollback.html", registry=registry, dataset=shown)


@router.post("/registries/{registry}/{dataset}/rollback")
def rollback(here: Here, registry: Name, dataset: Name, form: Form) -> Response:
    """Back to the version published before, if the published one is still the one seen."""
    roll_back(
        here.services, here.signed_in, registry, dataset, published=text_of(form, "published")
    )
    return redirect(here, f"registries/{registry}?done=rollback")


@router.get("/loads/{load}")
def load(here: Here, load: LoadId) -> Response:
    """One load with its report."""
    found = read_load_of(here.services, here.signed_in, load)
    return _load_page(here, "registry/load.html", found)


@router.get("/loads/{load}/publish")
def ask_publish(here: Here, load: LoadId) -> Response:
    """Ask before publishing."""
    found = read_load_of(here.services, here.signed_in, load)
    check_staged(here.signed_in, found)
    return _load_page(here, "registry/publish.html", found)


@router.post("/loads/{load}/publish")
def publish_load(here: Here, load: LoadId, _: Form) -> Response:
    """Publish a staged load."""
    found = publish(here.services, here.signed_in, load)
    return redirect(here, f"registries/{found.registry}?done=publish")


def _load_page(here: Visit, template: str, load: LoadRecord) -> Response:
    words, report = here.words, load.report
    told = [("verdict", words.get(f"load.verdict.{report.get('verdict')}"))]
    told += [
        (key, here.formats.integer(report[key]))
        for key in ("rows", "quarantined")
        if isinstance(report.get(key), int)
    ]
    return render(
        here,
        template,
        load=load,
        findings=report_of(report, words),
        publishable=load.state == "staged" and may_publish(here.signed_in, load.registry),
        facts_of=[(key, value) for key, value in told if value],
    )


def _loads(here: Visit, registry: str) -> list[LoadRecord]:
    check_read_load(here.signed_in, registry)
    return [load for load in here.services.records.loads.all() if load.registry == registry]


def _dataset(here: Visit, registry: str, name: str) -> ShownDatasetLoads:
    for shown in datasets_in(_loads(here, registry)):
        if shown.name == name and shown.published:
            return shown
    raise NOT_FOUND


def _users(here: Visit, names: set[str]) -> list[Mapping[str, Any]]:
    """Projects whose permit opens one of these datasets; people as a number, never by name."""
    records = here.services.records
    today = here.services.clock.now().date()
    found: list[Mapping[str, Any]] = []
    for held in records.permits.all():
        grants = [(g.dataset, len(g.variables)) for g in held.permit.datasets if g.dataset in names]
        if grants:
            found.append(
                {
                    "title": held.permit.title,
                    "project": held.permit.project,
                    "people": len(held.permit.members),
                    "datasets": grants,
                    "releases": len(records.releases.of_project(held.permit.project)),
                    "standing": standing_of(held, today),
                }
            )
    return found
