"""A project for its members: permit, data, budget, releases, and outputs with their threads."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from workbench.domain.permissions import check_read_project, read_output
from workbench.portal.answers import attachment
from workbench.portal.failures import NOT_FOUND
from workbench.portal.figures import figures_of, title_of
from workbench.portal.guard import Form
from workbench.portal.outputs import shown_output
from workbench.portal.pages import redirect, render
from workbench.portal.reading import budget_of, datasets_of, findings_of, may_open, standing_of
from workbench.portal.visit import Here, Visit
from workbench.ports import HeldPermit
from workbench.services.download import download_certificate, download_file, download_release
from workbench.services.outputs import outline, show_output
from workbench.services.withdraw import withdraw

__all__ = ["router"]

router = APIRouter(prefix="/projects/{project}", include_in_schema=False)

Project = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,31}$")]
Id = Annotated[str, Path(pattern=r"^[0-9a-f]{8,64}$")]


@router.get("")
def project(here: Here, project: Project) -> Response:
    """The project's page."""
    held = _mine(here, project)
    person, records = here.signed_in, here.services.records
    today = here.services.clock.now().date()
    lab = f"{here.services.facts.hub_prefix}spawn/{person.name}/{project}"
    return render(
        here,
        "project/project.html",
        permit=held.permit,
        standing=standing_of(held, today),
        lab=lab if may_open(person, held, today) else "",
        datasets=datasets_of(held, here.services.catalogue, here.words, here.formats),
        budget=budget_of(
            records.releases.account(project), records.releases.registry_accounts(project)
        ),
        releases=[
            {
                "id": release.id,
                "title": title_of(release.body, here.words),
                "user": release.user,
                "created": release.created,
                "rho": release.rho,
            }
            for release in reversed(records.releases.of_project(project))
        ],
        outputs=[
            shown_output(outline(request, held, person), here.words)
            for request in records.outputs.of_project(project)
            if read_output(person, request, held.permit)
        ],
    )


@router.get("/releases/{release}")
def release(here: Here, project: Project, release: Id) -> Response:
    """A released table; seeing it here is a download and is audited as one."""
    found = _release(here, project, release)
    return render(
        here,
        "project/release.html",
        release={
            "id": found.id,
            "project": found.project,
            "title": title_of(found.body, here.words),
            "explained": str(found.body.get("explained", "")),
            "user": found.user,
            "created": found.created,
            "view_version": found.view_version,
            "policy": found.policy,
            "rho": found.rho,
        },
        figures=figures_of(found.body, here.words, here.formats),
        found=findings_of(found.body.get("findings", ()), here.words),
    )


@router.get("/releases/{release}/certificate")
def release_certificate(here: Here, project: Project, release: Id) -> Response:
    """The certificate of a released table."""
    return _certificate(f"release-{release}", _release(here, project, release).certificate)


@router.get("/outputs/{request}")
def output(here: Here, project: Project, request: Id) -> Response:
    """A request as its project may see it, with what was said about it."""
    _mine(here, project)
    told = show_output(here.services.records, here.signed_in, request)
    _check_project(told["project"], project)
    return render(here, "project/output.html", request=shown_output(told, here.words))


@router.get("/outputs/{request}/files/{sha256}")
def output_file(here: Here, project: Project, request: Id, sha256: Id) -> Response:
    """A released file."""
    _mine(here, project)
    services = here.services
    file, content = download_file(services.records, services.blobs, here.signed_in, request, sha256)
    return attachment(file.name, content)


@router.get("/outputs/{request}/certificate")
def output_certificate(here: Here, project: Project, request: Id) -> Response:
    """The certificate of a released request."""
    _mine(here, project)
    found = download_certificate(here.services.records, here.signed_in, request)
    return _certificate(f"output-{request}", found)


@router.post("/outputs/{request}/withdraw")
def withdraw_output(here: Here, project: Project, request: Id, _: Form) -> Response:
    """Take a request back."""
    withdraw(here.services.records, here.signed_in, request)
    return redirect(here, f"projects/{project}/outputs/{request}")


def _mine(here: Visit, project: str) -> HeldPermit:
    """The permit, for a member; the same answer for strangers and for what does not exist."""
    person = here.signed_in
    held = here.services.records.permits.find(project)
    if held is None:
        raise NOT_FOUND
    check_read_project(person, held.permit)
    return held


def _release(here: Visit, project: str, release: str) -> Any:
    _mine(here, project)
    found = download_release(here.services.records, here.signed_in, release)
    _check_project(found.project, project)
    return found


def _check_project(actual: str, asked: str) -> None:
    if actual != asked:
        raise NOT_FOUND


def _certificate(name: str, certificate: Mapping[str, Any]) -> Response:
    text = json.dumps(dict(certificate), ensure_ascii=False, indent=2, sort_keys=True)
    return attachment(f"{name}.certificate.json", text.encode(), "application/json")
