"""The JSON API for scripts: the same services as the pages, by the person's own hub token."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from workbench.domain.errors import Refusal
from workbench.domain.permissions import (
    Person,
    check_read_project,
    read_load,
    review_output,
)
from workbench.domain.release import Release
from workbench.portal.answers import attachment
from workbench.portal.deciding import Decision, decide
from workbench.portal.publishing import publish, read_load_of
from workbench.portal.services import PortalServices
from workbench.portal.visit import Portal
from workbench.ports import LoadRecord
from workbench.services.download import download_certificate, download_file, download_release
from workbench.services.outputs import open_request, outputs_of, show_output
from workbench.services.review import view_code, view_file

__all__ = ["router"]


class Problem(BaseModel):
    """Every refusal."""

    code: str
    reason: str
    remedy: str


router = APIRouter(
    prefix="/api/v1", responses={"4XX": {"model": Problem, "description": "A refusal"}}
)

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{8,64}$")]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
LoadId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,128}$")]
Project = Annotated[str, Query(pattern=r"^[a-z][a-z0-9-]{1,31}$")]


class Comment(BaseModel):
    """What the officer says to the author; content: the hash that was reviewed, to bind to it."""

    model_config = ConfigDict(extra="forbid")
    comment: Annotated[str, Field(max_length=4000)] = ""
    content: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


async def asking(request: Request) -> Person:
    """Who asks, by `Authorization: token …` alone: no cookie opens the API."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    portal: Portal = request.app.state.portal
    person = None
    if kind.lower() in {"token", "bearer"} and token.strip() and len(token) <= 500:
        person = await portal.signin.by_token(token.strip())
    if person is None:
        raise Refusal(
            "not_signed_in",
            "The request carries no token that the hub knows.",
            "Make a token at the hub and send it as `Authorization: token …`.",
        )
    return person


def services_of(request: Request) -> PortalServices:
    """The services of the app."""
    portal: Portal = request.app.state.portal
    return portal.services


By = Annotated[Person, Depends(asking)]
Services = Annotated[PortalServices, Depends(services_of)]


@router.get("/outputs", summary="The output requests that you may see, newest first")
def outputs(by: By, services: Services) -> list[dict[str, Any]]:
    """Outlines; files and findings only for officers, or once released."""
    return [dict(told) for told in outputs_of(services.records, by)]


@router.get("/outputs/{request}", summary="One output request")
def output(by: By, services: Services, request: Id) -> dict[str, Any]:
    """Its outline, as much of it as you may see."""
    return dict(show_output(services.records, by, request))


@router.get("/outputs/{request}/files/{sha256}", summary="One file, for review or once released")
def output_file(by: By, services: Services, request: Id, sha256: Sha256) -> Response:
    """The bytes; an officer's view and a member's download are audited."""
    found, held = open_request(services.records, request)
    fetch = view_file if review_output(by, found, held.permit) else download_file
    file, content = fetch(services.records, services.blobs, by, request, sha256)
    return attachment(file.name, content)


@router.get("/outputs/{request}/code", summary="The code of the run behind it, for review")
def output_code(by: By, services: Services, request: Id) -> dict[str, str | None]:
    """{"code": text, or null when none was kept}; an officer's view is audited."""
    return {"code": view_code(services.records, services.blobs, services.spool, by, request)}


@router.post("/outputs/{request}/{decision}", summary="Approve, return or reject")
def review(
    by: By, services: Services, request: Id, decision: Decision, said: Comment
) -> dict[str, Any]:
    """The request as it then stands; approved files are released as soon as the engine signs."""
    content = said.content or open_request(services.records, request)[0].content
    decide(services, by, request, decision, content=content, comment=said.comment)
    return dict(show_output(services.records, by, request))


@router.get("/outputs/{request}/certificate", summary="The certificate of a released request")
def output_certificate(by: By, services: Services, request: Id) -> JSONResponse:
    """Signed JSON."""
    return JSONResponse(dict(download_certificate(services.records, by, request)))


@router.get("/loads", summary="The loads of your registries, newest first")
def loads(by: By, services: Services) -> list[dict[str, Any]]:
    """Without their reports."""
    return [
        _load_json(load, whole=False)
        for load in services.records.loads.all()
        if read_load(by, load.registry)
    ]


@router.get("/loads/{load}", summary="One load with its validation report")
def load(by: By, services: Services, load: LoadId) -> dict[str, Any]:
    """Rules and row numbers, never a value."""
    return _load_json(read_load_of(services, by, load), whole=True)


@router.post("/loads/{load}/publish", summary="Publish a staged load")
def publish_load(by: By, services: Services, load: LoadId) -> dict[str, Any]:
    """The load as it then stands."""
    return _load_json(publish(services, by, load), whole=False)


@router.get("/releases", summary="The released tables of a project, oldest first")
def releases(by: By, services: Services, project: Project) -> list[dict[str, Any]]:
    """Without their numbers: those come with the certificate."""
    held = services.records.permits.find(project)
    if held is None:
        raise Refusal("not_found", "There is no such project.", "Check the project's id.")
    check_read_project(by, held.permit)
    return [_release_json(found) for found in services.records.releases.of_project(project)]


@router.get("/releases/{release}/certificate", summary="The certificate of a released table")
def release_certificate(by: By, services: Services, release: Id) -> JSONResponse:
    """Signed JSON."""
    return JSONResponse(dict(download_release(services.records, by, release).certificate))


def _load_json(load: LoadRecord, *, whole: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": load.id,
        "registry": load.registry,
        "dataset": load.dataset,
        "version": load.version,
        "state": load.state,
        "at": load.at.isoformat(),
    }
    return told | ({"report": dict(load.report)} if whole else {})


def _release_json(release: Release) -> dict[str, Any]:
    return {
        "id": release.id,
        "project": release.project,
        "user": release.user,
        "created": release.created.isoformat(),
        "view_version": release.view_version,
        "policy": release.policy,
        "fingerprint": release.fingerprint,
        "rho": str(release.rho),
    }
