"""A disclosure officer looks at an output request and decides; looking is audited, too."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from disclosure.findings import Severity
from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputFile, OutputRequest, OutputState, Review, content_of
from workbench.domain.permissions import Person, check_review_output
from workbench.domain.transitions import OUTPUT_EVENT
from workbench.ports import Blobs, Clock, HeldPermit, Records
from workbench.services.collect import code_of
from workbench.services.outputs import open_request, view_event

__all__ = [
    "approve",
    "find_file",
    "reject",
    "return_to_author",
    "view_code",
    "view_file",
    "view_request",
]

COMMENT_LIMIT = 4000


def view_request(records: Records, person: Person, request_id: str) -> OutputRequest:
    """A request with files and findings, for an officer; the view is audited. Raises Refusal."""
    request, _ = _for_review(records, person, request_id)
    records.audit.append(view_event(person, request))
    return request


def view_file(
    records: Records, blobs: Blobs, person: Person, request_id: str, sha256: str
) -> tuple[OutputFile, bytes]:
    """One file of a request, for an officer; audited before the bytes are handed out.

    Raises Refusal for strangers to the request and files that are none of it; Fault when the
    stored bytes no longer match.
    """
    request, _ = _for_review(records, person, request_id)
    file = find_file(request, sha256)
    content = blobs.get(sha256)
    records.audit.append(
        AuditEvent(What.OUTPUT_FILE_VIEW, person.name, request.id, "", {"sha256": sha256})
    )
    return file, content


def view_code(
    records: Records, blobs: Blobs, spool: Path, person: Person, request_id: str
) -> str | None:
    """The code of the run that wrote a request's files, for an officer; audited like a file.

    None when none was kept. Raises Refusal for strangers to the request.
    """
    request, _ = _for_review(records, person, request_id)
    found = code_of(spool, blobs, request.run)
    if found is None:
        return None
    details = {"sha256": found[1], "what": "code"}
    records.audit.append(AuditEvent(What.OUTPUT_FILE_VIEW, person.name, request.id, "", details))
    return found[0]


def find_file(request: OutputRequest, sha256: str) -> OutputFile:
    """The file of a request with this address; Refusal("no_file") otherwise."""
    for file in request.files:
        if file.sha256 == sha256:
            return file
    raise Refusal("no_file", "The request holds no such file.", "Open the request again.")


def approve(
    records: Records, clock: Clock, person: Person, request_id: str, *, content: str, comment: str
) -> OutputRequest:
    """Approve exactly the content the officer saw; a blocking finding asks for a comment.

    content: the request's content hash as it was shown. Raises Refusal.
    """
    return _decide(records, clock, person, request_id, OutputState.APPROVED, content, comment)


def return_to_author(
    records: Records, clock: Clock, person: Person, request_id: str, *, content: str, comment: str
) -> OutputRequest:
    """Send it back with a comment that says what to change. Raises Refusal."""
    return _decide(records, clock, person, request_id, OutputState.RETURNED, content, comment)


def reject(
    records: Records, clock: Clock, person: Person, request_id: str, *, content: str, comment: str
) -> OutputRequest:
    """Refuse it for good, with a reason. Raises Refusal."""
    return _decide(records, clock, person, request_id, OutputState.REJECTED, content, comment)


def _for_review(
    records: Records, person: Person, request_id: str
) -> tuple[OutputRequest, HeldPermit]:
    request, held = open_request(records, request_id)
    check_review_output(person, request, held.permit)
    return request, held


def _decide(
    records: Records,
    clock: Clock,
    person: Person,
    request_id: str,
    decision: OutputState,
    content: str,
    comment: str,
) -> OutputRequest:
    request, _ = _for_review(records, person, request_id)
    comment = comment.strip()
    if content != request.content or content_of(request.files) != request.content:
        raise Refusal(
            "content_changed",
            "The files are not those that you saw.",
            "Open the request again and review what it holds now.",
        )
    if len(comment) > COMMENT_LIMIT:
        raise Refusal(
            "comment_too_long",
            f"A comment has at most {COMMENT_LIMIT} characters.",
            "Shorten it.",
        )
    if not comment and (decision is not OutputState.APPROVED or _blocking(request)):
        raise Refusal(
            "comment_missing",
            "This decision needs a comment: what to change, or why the findings are no risk.",
            "Write it; the author reads it.",
        )
    # The log keeps the comment's hash only: it binds the words without repeating them.
    mark = hashlib.sha256(comment.encode("utf-8", "surrogatepass")).hexdigest()
    details: Mapping[str, str | int] = {
        "content": content,
        "files": len(request.files),
        "comment": mark,
    }
    records.outputs.move(
        request.id,
        OutputState.SUBMITTED,
        decision,
        AuditEvent(OUTPUT_EVENT[decision], person.name, request.id, "", details),
        review=Review(person.name, decision, comment, content, clock.now()),
    )
    return open_request(records, request.id)[0]


def _blocking(request: OutputRequest) -> bool:
    return any(
        finding.get("severity") == Severity.BLOCKING
        for file in request.files
        for finding in file.findings
    )
