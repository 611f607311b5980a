"""Open to everyone: certificate verifier, register of permits and releases, the API in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

import disclosure.errors
from disclosure.certificate import Statement
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputState
from workbench.portal.guard import Form
from workbench.portal.pages import render
from workbench.portal.reading import standing_of
from workbench.portal.visit import Here, Visit
from workbench.services.verify_certificate import verify_certificate

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/verify")
def ask(here: Here) -> Response:
    """The verifier."""
    return _verifier(here, None)


@router.post("/verify")
async def check(here: Here, form: Form) -> Response:
    """Verify what was uploaded or pasted; nothing of it is kept or repeated on refusal."""
    content = await _given(form)
    try:
        async with here.portal.verifying:
            verified = await run_in_threadpool(
                verify_certificate, content, here.services.facts.signers, {}
            )
    except (Refusal, disclosure.errors.Refusal) as refusal:
        translated = here.words.refusal(refusal.code)
        reason, remedy = translated or (refusal.reason, refusal.remedy)
        foreign = translated is None and here.words.language != "en"
        return _verifier(
            here, {"ok": False, "foreign": foreign, "reason": reason, "remedy": remedy}
        )
    return _verifier(here, {"ok": True, "facts": _facts(here, verified.statement)})


def _facts(here: Visit, statement: Statement) -> list[tuple[str, str]]:
    """What the certificate says, in the order a reader asks for it."""
    versions = ", ".join(f"{name} {one}" for name, one in sorted(statement.data_versions.items()))
    issued = datetime.fromisoformat(statement.issued)
    facts = [
        ("kind", here.words(f"verify.kind.{statement.kind}")),
        ("release", statement.release),
        ("project", statement.project),
        ("issued", here.formats.moment(issued)),
        ("data", versions),
        ("rho", "" if statement.rho == "0" else statement.rho),
        ("content", statement.content_sha256),
    ]
    return [(key, value) for key, value in facts if value]


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
    described = here.request.app.openapi()["paths"]
    calls = [
        {"method": method.upper(), "path": path, "summary": operation["summary"]}
        for path, operations in described.items()
        for method, operation in operations.items()
    ]
    return render(here, "api.html", calls=calls)


def _verifier(here: Visit, result: Mapping[str, Any] | None) -> Response:
    keys = sorted(key.hex() for key in here.services.facts.signers)
    return render(here, "verify.html", result=result, keys=keys)


async def _given(form: FormData) -> bytes:
    """The uploaded file, else the pasted text."""
    upload = form.get("file")
    if isinstance(upload, UploadFile):
        content = await upload.read()
        if content:
            return content
    text = form.get("text", "")
    return text.strip().encode() if isinstance(text, str) else b""
