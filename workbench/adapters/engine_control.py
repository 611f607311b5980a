"""The engine's control socket, as the airlock uses it: one question, one answer."""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from kernels import errors as kernels
from kernels.protocol import (
    Certified,
    CertifyOutput,
    EngineReply,
    Failed,
    Overlapped,
    Overlapping,
    Refused,
    Rejudge,
    SignEnd,
    read_frame,
    unpack,
    write_frame,
)
from workbench.domain.errors import Fault, Refusal

__all__ = ["EngineControl"]

_REPLY: TypeAdapter[Any] = TypeAdapter(EngineReply)
NOT_RUNNING = (
    "not_running",
    "The engine does not answer, so nothing can be certified or signed.",
    "Approved requests are released once it runs again; see `workbench up`.",
)


class EngineControl:
    """ports.Certifier, EndSigner, Rejudger and OverlapDesk over the engine's unix socket."""

    def __init__(self, place: Path, *, seconds: float = 30.0) -> None:
        self._place = place
        self._seconds = seconds

    def certify_output(self, request_id: str) -> Mapping[str, Any]:
        """The signed certificate of an approved request.

        Raises the engine's Refusal, Refusal("not_running") when nobody listens, Fault otherwise.
        """
        return self._told(CertifyOutput(request=request_id))

    def sign_end(self, instance: str, project: str) -> Mapping[str, Any]:
        """Where the audit log ends now, signed; raises as certify_output does."""
        return self._told(SignEnd(instance=instance, project=project))

    def rejudge(self, release: str, layer: str) -> Mapping[str, Any]:
        """What a layer of policy would have said of a release; raises as certify_output does."""
        return self._told(Rejudge(release=release, layer=layer))

    def overlaps(self, project: str) -> Mapping[str, Any]:
        """How the releases of a project overlap; raises as certify_output does."""
        return self._told(Overlapping(project=project))

    def _told(self, question: CertifyOutput | SignEnd | Rejudge | Overlapping) -> Mapping[str, Any]:
        match self._ask(question):
            case Certified(certificate=certificate):
                return certificate
            case Overlapped(overlaps=overlaps):
                return overlaps
            case other:
                raise _refused(other)

    def _ask(self, question: CertifyOutput | SignEnd | Rejudge | Overlapping) -> Any:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(self._seconds)
                line.connect(str(self._place))
                write_frame(line, question)
                body = read_frame(line)
            return None if body is None else unpack(_REPLY, body)
        except OSError:
            raise Refusal(*NOT_RUNNING) from None
        except kernels.Refusal as refusal:
            raise Refusal(refusal.code, refusal.reason, refusal.remedy) from None


def _refused(reply: Any) -> Refusal | Fault:
    match reply:
        case Refused(code=code, reason=reason, remedy=remedy):
            return Refusal(code, reason, remedy)
        case Failed(incident=incident):
            return Fault("the engine failed", incident)
        case _:
            return Refusal(*NOT_RUNNING)
