"""Open to everyone: certificate verifier, register of permits and releases, the API in words."""

import json
from collections.abc import Mapping
from typing import Any, cast

from disclosure.certificate import verify
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

import disclosure.errors
from workbench.domain.output import OutputState
from workbench.portal.guard import Form
from workbench.portal.pages import render
from workbench.portal.reading import standing_of
from workbench.portal.visit import Here, Visit

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

CERTIFICATE_LIMIT = 512 << 10


@router.get("/verify")
def ask(here: Here) -> Response:
    """The verifier."""
    return _verifier(here, None)


@router.post("/verify")
async def check(here: Here, form: Form) -> Response:
    """Verify what was uploaded or pasted; nothing of it is kept or repeated on refusal."""
    try:
        certificate = _parsed(await _given(form))
        statement = verify(certificate, here.services.facts.signers)
    except disclosure.errors.Refusal as refusal:
        known = here.words.get(f"refusal.{refusal.code}.reason")
        return _verifier(
            here,
            {
                "ok": False,
                "ours": known is not None,
                "reason": known or refusal.reason,
                "remedy": here.words.get(f"refusal.{refusal.code}.remedy") or refusal.remedy,
            },
        )
    return _verifier(here, {"ok": True, "facts": statement})


@router.get("/register")
def register(here: Here) -> Response:
    """Permits and releases, newest first; members are not named."""
    records = here.services.records
    today = here.services.clock.now().date()
    permits, releases = [], []
    for held in records.permits.all():
        project = held.permit.project
        tables = [
            {"id": r.id, "kind": "table", "project": project, "at": r.created, "rho": str(r.rho)}
            for r in records.releases.of_project(project)
        ]
        files = [
            {
                "id": request.id,
                "kind": "files",
                "project": project,
                "at": request.reviews[-1].at,
                "rho": "0",
            }
            for request in records.outputs.of_project(project)
            if request.state is OutputState.RELEASED
        ]
        releases += tables + files
        permits.append(
            {
                "permit": held.permit,
                "standing": standing_of(held, today),
                "releases": len(tables) + len(files),
            }
        )
    releases.sort(key=lambda row: cast(Any, row["at"]), reverse=True)
    return render(here, "register.html", permits=permits, releases=releases)


@router.get("/api")
def api(here: Here) -> Response:
    """The API in words; its machine-readable description lies beside it."""
    calls = [
        {"method": method, "path": route.path, "summary": route.summary or route.description}
        for route in here.request.app.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in sorted(route.methods)
    ]
    return render(here, "api.html", calls=calls)


def _verifier(here: Visit, result: Mapping[str, Any] | None) -> Response:
    keys = sorted(key.hex() for key in here.services.facts.signers)
    return render(here, "verify.html", result=result, keys=keys)


async def _given(form: FormData) -> bytes:
    """The uploaded file, else the pasted text."""
    upload = form.get("file")
    if isinstance(upload, UploadFile):
        content = await upload.read(CERTIFICATE_LIMIT + 1)
        if content:
            return content
    text = form.get("text", "")
    return text.strip().encode() if isinstance(text, str) else b""


def _parsed(content: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(content) if 0 < len(content) <= CERTIFICATE_LIMIT else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise disclosure.errors.Refusal(
            "not_a_certificate",
            "This is not a certificate file.",
            "Choose the .certificate.json file that came with the release, whole and unchanged.",
        )
    return value
