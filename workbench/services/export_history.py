"""Export the history of an instance or a project: what anyone needs to check it without us."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.domain.audit import What
from workbench.domain.chain import closed, shown
from workbench.domain.errors import Refusal
from workbench.ports import AuditEntry, EndSigner, Records

__all__ = ["export_history"]

RELEASES = (What.PLAN_RELEASE, What.OUTPUT_REQUEST_RELEASE)


def export_history(
    records: Records, signer: EndSigner, instance: str, project: str = "", *, bodies: bool = True
) -> Iterator[bytes]:
    """The lines of a history file; see disclosure.history.chain for their form.

    project: whose releases are told, "" for all; every entry of the log is there in any case, but
    of those that concern no release only the kind can be read, and of no entry who and why.
    bodies: whether plans and released numbers go with the certificates. Raises Refusal:
    no_permit, old_log, not_running.
    """
    if project and records.permits.find(project) is None:
        raise Refusal("no_permit", "There is no such project.", "See `workbench project list`.")
    end = signer.sign_end(instance, project)
    yield _line({"checkpoint": end})
    for entry in records.audit.entries():
        if entry.position > end["statement"]["position"]:
            return
        if not entry.salt:
            raise Refusal(
                "old_log",
                "The log begins with entries of an earlier version, which cannot be told without "
                "the names in them.",
                "Check it on this machine with `workbench audit verify`.",
            )
        release = entry.event.what in RELEASES
        yield _line({"entry": shown(entry) if release else closed(entry)})
        if release and project in ("", _project(entry)):
            yield _line({"release": _release(records, entry, bodies=bodies)})


def _project(entry: AuditEntry) -> str:
    return str(entry.event.details.get("project", entry.event.subject))


def _release(records: Records, entry: AuditEntry, *, bodies: bool) -> dict[str, Any]:
    if entry.event.what == What.PLAN_RELEASE:
        found = records.releases.find(str(entry.event.details["release"]))
        if found is None:
            raise _gone(entry)
        told = {"plan": found.plan, "body": dict(found.body)} if bodies else {}
        return {"certificate": dict(found.certificate), **told}
    request = records.outputs.find(entry.event.subject)
    if request is None or request.certificate is None:
        raise _gone(entry)
    return {"certificate": dict(request.certificate)}


def _gone(entry: AuditEntry) -> Refusal:
    return Refusal(
        "release_gone",
        f"The release of entry {entry.position} is not in the books any more.",
        "Look at `workbench audit verify`, and restore a backup.",
    )


def _line(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, allow_nan=False).encode() + b"\n"
