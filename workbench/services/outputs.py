"""Who sees what of an output request: officers everything, its project little until release.

Until an officer has looked, names, sizes, hashes and findings of files that a sealed run wrote are
themselves a way out for data: code that saw rows chose them. So members of the project see only
that a request exists, where it stands, and what officers wrote; files and findings come with the
release.
"""

from collections.abc import Mapping
from typing import Any

from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputRequest, OutputState
from workbench.domain.permissions import (
    Person,
    check_read_output,
    download_output,
    read_output,
    review_output,
    withdraw_output,
)
from workbench.domain.transitions import OUTPUT, OUTPUT_HOLDER
from workbench.ports import HeldPermit, Records

__all__ = ["open_request", "outline", "outputs_of", "show_output", "view_event"]


def open_request(records: Records, request_id: str) -> tuple[OutputRequest, HeldPermit]:
    """A request and its project's permit; Refusal("no_request") when there is none."""
    request = records.outputs.find(request_id)
    held = None if request is None else records.permits.find(request.project)
    if request is None or held is None:
        raise Refusal("no_request", "There is no such output request.", "Look at the list again.")
    return request, held


def outputs_of(records: Records, person: Person) -> tuple[Mapping[str, Any], ...]:
    """Outlines of every request that the person may see, newest first.

    Files are counted, not shown: {file_count, finding_count} in place of {content, files}.
    """
    found = [
        (request, held)
        for held in records.permits.all()
        for request in records.outputs.of_project(held.permit.project)
        if read_output(person, request, held.permit)
    ]
    found.sort(key=lambda pair: (pair[0].created, pair[0].id), reverse=True)
    return tuple(_counted(outline(request, held, person)) for request, held in found)


def _counted(shown: Mapping[str, Any]) -> Mapping[str, Any]:
    listed = {key: value for key, value in shown.items() if key not in {"content", "files"}}
    if "files" in shown:
        listed["file_count"] = len(shown["files"])
        listed["finding_count"] = sum(len(file["findings"]) for file in shown["files"])
    return listed


def show_output(records: Records, person: Person, request_id: str) -> Mapping[str, Any]:
    """The outline of one request; an officer's view of files and findings is audited.

    Raises Refusal.
    """
    request, held = open_request(records, request_id)
    check_read_output(person, request, held.permit)
    if review_output(person, request, held.permit):
        records.audit.append(view_event(person, request))
    return outline(request, held, person)


def view_event(person: Person, request: OutputRequest) -> AuditEvent:
    """The audit event of an officer's look at a request."""
    details = {"content": request.content}
    return AuditEvent(What.OUTPUT_REQUEST_VIEW, person.name, request.id, "", details)


def outline(request: OutputRequest, held: HeldPermit, person: Person) -> Mapping[str, Any]:
    """A request as JSON, with as much as this person may see.

    Keys: id, project, run, state, holder, created, reviews [{decision, comment, at, officer?}],
    may {review, withdraw, download}; and for officers, or once released: author, content, files
    [{name, sha256, size, findings}].
    """
    reviewer = review_output(person, request, held.permit)
    released = request.state is OutputState.RELEASED
    shown: dict[str, Any] = {
        "id": request.id,
        "project": request.project,
        "author": request.author,
        "run": request.run,
        "state": str(request.state),
        "holder": str(OUTPUT_HOLDER[request.state]),
        "created": request.created.isoformat(),
        "reviews": [
            {
                "decision": str(review.decision),
                "comment": review.comment,
                "at": review.at.isoformat(),
                # Officers judge blinded towards the project: it learns what, not who.
                **({"officer": review.officer} if reviewer else {}),
            }
            for review in request.reviews
        ],
        "may": {
            "review": reviewer and request.state is OutputState.SUBMITTED,
            "withdraw": OutputState.WITHDRAWN in OUTPUT[request.state]
            and withdraw_output(person, request, held.permit),
            "download": released and download_output(person, held.permit, held.state),
        },
    }
    if reviewer or (released and held.permit.names(person.name)):
        shown["content"] = request.content
        shown["files"] = [
            {
                "name": file.name,
                "sha256": file.sha256,
                "size": file.size,
                "findings": [dict(finding) for finding in file.findings],
            }
            for file in request.files
        ]
    return shown
