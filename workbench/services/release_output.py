"""Release an approved output request: the engine certifies it, then its files may be taken home."""

from disclosure.certificate import content_sha256
from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Fault, Refusal
from workbench.domain.output import OutputRequest, OutputState
from workbench.ports import Blobs, Certifier, Records
from workbench.services.outputs import open_request

__all__ = ["release_approved", "release_output"]

WHO = "service:airlock"


def release_output(
    records: Records, blobs: Blobs, certifier: Certifier, request_id: str
) -> OutputRequest:
    """Certify and release an approved request; one that is released already is left as it is.

    Interrupted anywhere, it may simply be called again. Raises Refusal("not_approved"), the
    certifier's Refusal, or Fault when a stored file no longer matches what was reviewed.
    """
    request, _ = open_request(records, request_id)
    if request.state is OutputState.RELEASED:
        return request
    if request.state is not OutputState.APPROVED:
        raise Refusal(
            "not_approved",
            f"The request is {request.state}.",
            "Have a disclosure officer review it first.",
        )
    for file in request.files:
        blobs.get(file.sha256)
    certificate = certifier.certify_output(request.id)
    statement = certificate.get("statement", {})
    if (statement.get("kind"), statement.get("release")) != ("output", request.id) or (
        statement.get("content_sha256") != request.content
    ):
        raise Refusal(
            "wrong_certificate",
            "The engine certified something else than these files.",
            "Restart the engine; the request stays approved and is tried again.",
        )
    records.outputs.move(
        request.id,
        OutputState.APPROVED,
        OutputState.RELEASED,
        AuditEvent(
            What.OUTPUT_REQUEST_RELEASE,
            WHO,
            request.id,
            "",
            {
                "content": request.content,
                "files": len(request.files),
                "project": request.project,
                "certificate": content_sha256(dict(certificate)),
            },
        ),
        certificate=certificate,
    )
    return open_request(records, request.id)[0]


def release_approved(records: Records, blobs: Blobs, certifier: Certifier) -> tuple[str, ...]:
    """Release whatever still waits for its certificate; returns the ids that could be released.

    Called now and then, so that an engine that was down when the officer approved does no harm.
    """
    done = []
    for request in records.outputs.in_state(OutputState.APPROVED):
        try:
            release_output(records, blobs, certifier, request.id)
        except (Refusal, Fault):
            continue
        done.append(request.id)
    return tuple(done)
