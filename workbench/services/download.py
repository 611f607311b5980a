"""Members take home what was released: files, tables, and the certificates that bind them."""

from collections.abc import Mapping
from typing import Any

from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputFile, OutputRequest, OutputState
from workbench.domain.permissions import (
    Person,
    check_download_output,
    check_download_release,
    review_output,
)
from workbench.domain.release import Release
from workbench.ports import Blobs, Records
from workbench.services.outputs import open_request
from workbench.services.review import find_file

__all__ = ["download_certificate", "download_file", "download_release"]


def download_file(
    records: Records, blobs: Blobs, person: Person, request_id: str, sha256: str
) -> tuple[OutputFile, bytes]:
    """A released file, for a member of its project; audited before it is handed out.

    Raises Refusal for everyone else, and for everything that is not released.
    """
    request, held = open_request(records, request_id)
    check_download_output(person, held.permit, held.state)
    _check_released(request)
    file = find_file(request, sha256)
    content = blobs.get(sha256)
    records.audit.append(
        AuditEvent(What.OUTPUT_FILE_DOWNLOAD, person.name, request.id, "", {"sha256": sha256})
    )
    return file, content


def download_certificate(records: Records, person: Person, request_id: str) -> Mapping[str, Any]:
    """The certificate of a released request, for its members and whoever may review it."""
    request, held = open_request(records, request_id)
    if not review_output(person, request, held.permit):
        check_download_output(person, held.permit, held.state)
    certificate = _check_released(request)
    records.audit.append(
        AuditEvent(What.OUTPUT_FILE_DOWNLOAD, person.name, request.id, "certificate")
    )
    return certificate


def download_release(records: Records, person: Person, release_id: str) -> Release:
    """A released table with its certificate, for a member of its project; audited."""
    release = records.releases.find(release_id)
    held = None if release is None else records.permits.find(release.project)
    if release is None or held is None:
        raise Refusal("no_release", "There is no such release.", "Look at the list again.")
    check_download_release(person, held.permit, held.state)
    records.audit.append(
        AuditEvent(
            What.RELEASE_DOWNLOAD, person.name, release.id, "", {"fingerprint": release.fingerprint}
        )
    )
    return release


def _check_released(request: OutputRequest) -> Mapping[str, Any]:
    if request.state is not OutputState.RELEASED or request.certificate is None:
        raise Refusal(
            "not_released",
            f"The request is {request.state}, not released.",
            "Wait for the officer's decision.",
        )
    return request.certificate
