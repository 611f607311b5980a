"""What a visitor sees when something is refused or breaks: a page, or JSON for the API."""

import logging
import secrets
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

import disclosure.errors
import pseudonym.errors
from workbench.domain.errors import Fault, Refusal
from workbench.portal.formats import Formats
from workbench.portal.language import choose, words
from workbench.portal.pages import put_cookie, render
from workbench.portal.visit import LANGUAGE, NotSignedIn, Portal, SwitchLanguage, Visit, look

__all__ = ["NOT_FOUND", "broken", "install", "status_of"]

log = logging.getLogger("workbench.portal")

STATUS: Mapping[str, HTTPStatus] = {
    "bad_request": HTTPStatus.BAD_REQUEST,
    "foreign_request": HTTPStatus.FORBIDDEN,
    "forged_request": HTTPStatus.FORBIDDEN,
    "not_permitted": HTTPStatus.FORBIDDEN,
    "own_request": HTTPStatus.FORBIDDEN,
    "no_file": HTTPStatus.NOT_FOUND,
    "no_load": HTTPStatus.NOT_FOUND,
    "no_release": HTTPStatus.NOT_FOUND,
    "no_request": HTTPStatus.NOT_FOUND,
    "not_found": HTTPStatus.NOT_FOUND,
    "not_signed_in": HTTPStatus.UNAUTHORIZED,
    "content_changed": HTTPStatus.CONFLICT,
    "moved_on": HTTPStatus.CONFLICT,
    "not_possible": HTTPStatus.CONFLICT,
    "not_released": HTTPStatus.CONFLICT,
    "sign_in_failed": HTTPStatus.FORBIDDEN,
    "not_running": HTTPStatus.FAILED_DEPENDENCY,
}
"""HTTP status of a refusal's code; every other refusal is 422."""

FAULTS = (Fault, disclosure.errors.Fault, pseudonym.errors.Fault)

NOT_FOUND = Refusal(
    "not_found",
    "There is nothing here, or it is not yours to see.",
    "Check the address, or start from the front page.",
)


def status_of(code: str) -> int:
    """The HTTP status of a refusal: always 4xx."""
    return STATUS.get(code, HTTPStatus.UNPROCESSABLE_ENTITY)


def install(app: FastAPI) -> None:
    """Answer every way of failing; no answer and no log line repeats what was sent."""

    async def refused(request: Request, cause: Exception) -> Response:
        code = str(getattr(cause, "code", "bad_request"))
        reason, remedy = str(getattr(cause, "reason", "")), str(getattr(cause, "remedy", ""))
        if _is_api(request):
            return _json(code, reason, remedy, status_of(code))
        return await _refusal_page(request, code, reason, remedy, status_of(code))

    async def wrong_form(request: Request, _: Exception) -> Response:
        if _is_api(request):
            cause = Refusal(
                "bad_request",
                "The request was not of the documented form.",
                "Compare it with the API's description (api/openapi.json).",
            )
            return await refused(request, cause)
        return await refused(request, NOT_FOUND)

    async def plain(request: Request, cause: Exception) -> Response:
        status = cause.status_code if isinstance(cause, HTTPException) else 500
        if status == HTTPStatus.NOT_FOUND:
            return await refused(request, NOT_FOUND)
        code = "not_signed_in" if status == HTTPStatus.UNAUTHORIZED else "bad_request"
        reason = f"The request cannot be answered ({status} {HTTPStatus(status).phrase})."
        if _is_api(request):
            return _json(code, reason, "See the API's description.", status)
        return await _refusal_page(request, code, reason, "Start from the front page.", status)

    async def sign_in_first(request: Request, _: Exception) -> Response:
        portal: Portal = request.app.state.portal
        wanted = request.url.path if request.method == "GET" else portal.services.facts.prefix
        return RedirectResponse(
            f"{portal.services.facts.prefix}sign-in?next={quote(wanted, safe='')}", 303
        )

    async def switch(request: Request, cause: Exception) -> Response:
        language = cause.language if isinstance(cause, SwitchLanguage) else ""
        url = request.url.remove_query_params("lang")
        answer = RedirectResponse(url.path + (f"?{url.query}" if url.query else ""), 303)
        put_cookie(_stranger(request), answer, LANGUAGE, language, seconds=31_536_000)
        return answer

    for kind in (Refusal, disclosure.errors.Refusal, pseudonym.errors.Refusal):
        app.add_exception_handler(kind, refused)
    for fault in FAULTS:
        app.add_exception_handler(fault, broken)
    app.add_exception_handler(RequestValidationError, wrong_form)
    app.add_exception_handler(HTTPException, plain)
    app.add_exception_handler(NotSignedIn, sign_in_first)
    app.add_exception_handler(SwitchLanguage, switch)


async def broken(request: Request, cause: Exception) -> Response:
    """A fault of ours: the incident id outside, type and place in the log, no message anywhere."""
    incident = getattr(cause, "incident", "") if isinstance(cause, FAULTS) else ""
    incident = incident or secrets.token_hex(4)
    log.error("incident %s: %s at %s", incident, type(cause).__name__, _place(cause))
    if _is_api(request):
        return _json(
            "fault",
            f"Something of ours failed (incident {incident}).",
            "Try again; if it persists, tell the operator the incident.",
            500,
        )
    return render(_stranger(request), "fault.html", 500, incident=incident)


async def _refusal_page(
    request: Request, code: str, reason: str, remedy: str, status: int
) -> Response:
    """The refusal in the visitor's language where it is translated, else in English, marked so."""
    here = await look(request)
    translated = here.words.refusal(code)
    shown_reason, shown_remedy = translated or (reason, remedy)
    return render(
        here,
        "refusal.html",
        status,
        code=code,
        reason=shown_reason,
        remedy=shown_remedy,
        details=reason if translated else "",
        foreign=translated is None and here.words.language != "en",
    )


def _json(code: str, reason: str, remedy: str, status: int) -> JSONResponse:
    return JSONResponse({"code": code, "reason": reason, "remedy": remedy}, status)


def _is_api(request: Request) -> bool:
    portal: Portal = request.app.state.portal
    return request.url.path.startswith(f"{portal.services.facts.prefix}api/")


def _stranger(request: Request) -> Visit:
    """A visit that asks nobody anything: the hub or the database may be what broke."""
    language = choose(
        request.cookies.get(LANGUAGE, ""), request.headers.get("accept-language", "")[:500]
    )
    return Visit(
        request, request.app.state.portal, words(language), Formats(language), None, "nobody"
    )


def _place(cause: Exception) -> str:
    """File and line where it was raised; never the message, which may carry a value."""
    frames = traceback.extract_tb(cause.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
