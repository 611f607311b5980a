"""Disclosure officers: the queue, the review of one request, the decision with its confirmation."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from workbench.domain.errors import Refusal
from workbench.domain.output import OutputRequest
from workbench.domain.permissions import OFFICERS, Person
from workbench.portal.answers import attachment, picture
from workbench.portal.deciding import Decision, decide
from workbench.portal.failures import NOT_FOUND, status_of
from workbench.portal.guard import Form, text_of
from workbench.portal.outputs import queue_of, shown_output
from workbench.portal.overlaps import picture_of_overlaps
from workbench.portal.pages import redirect, render
from workbench.portal.previews import image_type
from workbench.portal.visit import Here, Visit
from workbench.services.outputs import open_request, outline
from workbench.services.review import view_code, view_file, view_request

__all__ = ["router"]

router = APIRouter(prefix="/review", include_in_schema=False)

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{8,64}$")]
PREVIEWED = 20
"""Files shown on the page; the rest are downloaded one by one."""


@router.get("")
def queue(here: Here, done: str = "") -> Response:
    """What waits, by risk and age."""
    person = _officer(here)
    mine, others = queue_of(here.services.records, person, here.words)
    said = done if done in {*Decision, "approve_later"} else ""
    return render(here, "review/queue.html", queue=mine, others=others, done=said)


@router.get("/{request}")
def review(here: Here, request: Id) -> Response:
    """One request with its files; looking is audited."""
    return _page(here, "review/request.html", request)


@router.get("/{request}/files/{sha256}")
def file(here: Here, request: Id, sha256: Id) -> Response:
    """A file's bytes for review, saved and never opened here."""
    services = here.services
    found, content = view_file(services.records, services.blobs, _officer(here), request, sha256)
    return attachment(found.name, content)


@router.get("/{request}/images/{sha256}")
def image(here: Here, request: Id, sha256: Id) -> Response:
    """A raster image for the review page."""
    services = here.services
    _, content = view_file(services.records, services.blobs, _officer(here), request, sha256)
    kind = image_type(content)
    if kind is None:
        raise NOT_FOUND
    return picture(content, kind)


@router.get("/{request}/overlaps")
def overlaps(here: Here, request: Id) -> Response:
    """Which persons of the project are in which of its releases, drawn; looking is audited."""
    found = view_request(here.services.records, _officer(here), request)
    picture, problem = None, ""
    try:
        picture = picture_of_overlaps(here.services.overlaps.overlaps(found.project))
    except Refusal as refusal:
        if refusal.code == "not_running":
            problem = here.words("overlaps.down")
        else:
            translated = here.words.refusal(refusal.code)
            problem = translated[0] if translated else refusal.reason
    return render(
        here,
        "review/overlaps.html",
        request_id=found.id,
        project=found.project,
        picture=picture,
        problem=problem,
    )


@router.get("/{request}/{decision}")
def ask(here: Here, request: Id, decision: Decision) -> Response:
    """Ask before deciding: what will happen, and the comment."""
    return _page(here, "review/decide.html", request, decision=decision, comment="", problem="")


@router.post("/{request}/{decision}")
def say(here: Here, request: Id, decision: Decision, form: Form) -> Response:
    """The decision, bound to the content that the form was made for."""
    person = _officer(here)
    comment = text_of(form, "comment")
    try:
        done = decide(
            here.services,
            person,
            request,
            decision,
            content=text_of(form, "content"),
            comment=comment,
        )
    except Refusal as refusal:
        if refusal.code != "comment_missing":
            raise
        problem = here.words("review.comment_missing")
        return _page(
            here,
            "review/decide.html",
            request,
            status_of(refusal.code),
            decision=decision,
            comment=comment,
            problem=problem,
        )
    return redirect(here, f"review?done={decision if done else 'approve_later'}")


def _officer(here: Visit) -> Person:
    person = here.signed_in
    if OFFICERS not in person.groups:
        raise Refusal(
            "not_permitted",
            "Only disclosure officers review outputs.",
            "Wait for an officer's decision.",
        )
    return person


def _page(
    here: Visit, template: str, request_id: str, status: int = 200, **context: object
) -> Response:
    person = _officer(here)
    records = here.services.records
    request = view_request(records, person, request_id)
    held = open_request(records, request_id)[1]
    shown = shown_output(outline(request, held, person), here.words, _contents(here, request))
    if "decision" in context and not shown.may["review"]:
        raise Refusal(
            "moved_on", "The request is no longer waiting for a decision.", "Go back to the queue."
        )
    others = list(records.outputs.of_project(request.project))
    return render(
        here,
        template,
        status,
        request=shown,
        permit=held.permit,
        view_version=held.view_version,
        code=view_code(records, here.services.blobs, here.services.spool, person, request_id),
        earlier=[
            shown_output(outline(other, held, person), here.words)
            for other in others
            if other.id != request.id
        ],
        **context,
    )


def _contents(here: Visit, request: OutputRequest) -> dict[str, bytes]:
    services = here.services
    return {
        file.sha256: view_file(
            services.records, services.blobs, here.signed_in, request.id, file.sha256
        )[1]
        for file in request.files[:PREVIEWED]
    }
