"""A line between two of the platform's processes: frames over a unix socket, both ends proven.

    frame = length of JSON (4 bytes) ‖ length of bulk (8 bytes) ‖ JSON ‖ bulk

Before the first message each end checks that the other runs under its own account (SO_PEERCRED)
and knows the shared secret: HMAC-SHA256 over both ends' fresh nonces and the service's name.
"""

import hmac
import os
import secrets
import socket
import struct
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from pseudonym.errors import Fault, Refusal
from pseudonym.wire import REPLY, Failed, Message, Refused, malformed

__all__ = ["Line", "answer_call", "call", "expect"]

T = TypeVar("T")
R = TypeVar("R", bound=Message)
JSON_LIMIT = 32 << 20
BULK_LIMIT = 8 << 30
HANDSHAKE_SECONDS = 10.0
_HEAD = struct.Struct(">IQ")
_PEER = struct.Struct("3i")
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Challenge(Message):
    k: Literal["challenge"] = "challenge"
    nonce: Hex64


class _Proof(Message):
    k: Literal["proof"] = "proof"
    nonce: Hex64
    mac: Hex64


class _Ready(Message):
    k: Literal["ready"] = "ready"
    mac: Hex64


class Line:
    """One end of a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def send(self, message: Message, bulk: bytes = b"") -> None:
        """Send a message and the bytes beside it."""
        body = message.model_dump_json().encode()
        if len(body) > JSON_LIMIT or len(bulk) > BULK_LIMIT:
            raise _too_large()
        self._connection.sendall(_HEAD.pack(len(body), len(bulk)) + body)
        if bulk:
            self._connection.sendall(bulk)

    def receive(
        self, form: TypeAdapter[T], *, bulk_limit: int = BULK_LIMIT
    ) -> tuple[T, bytes] | None:
        """The next message of a closed form and its bulk; None at a clean end.

        Raises Refusal("frame_too_large") before reading, Refusal("malformed_message") after,
        ConnectionError when the other side vanishes in the middle.
        """
        head = self._read(_HEAD.size)
        if head is None:
            return None
        json_size, bulk_size = _HEAD.unpack(head)
        if json_size > JSON_LIMIT or bulk_size > bulk_limit:
            raise _too_large()
        body = self._read(json_size)
        bulk = self._read(bulk_size) if bulk_size else b""
        if body is None or bulk is None:
            raise ConnectionError("the other side closed in the middle of a message")
        try:
            return form.validate_json(body), bulk
        except ValidationError:
            raise malformed() from None

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def settle(self, seconds: float | None) -> None:
        """How long to wait for the other side."""
        self._connection.settimeout(seconds)

    def _read(self, size: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < size:
            piece = self._connection.recv(min(size - len(parts), 1 << 20))
            if not piece:
                if parts:
                    raise ConnectionError("the other side closed in the middle of a message")
                return None
            parts += piece
        return bytes(parts)


def answer_call(connection: socket.socket, service: str, secret: bytes) -> Line:
    """The serving end's handshake; Refusal("not_trusted") for anybody else."""
    _same_account(connection)
    line = Line(connection)
    line.settle(HANDSHAKE_SECONDS)
    nonce = secrets.token_hex(32)
    line.send(_Challenge(nonce=nonce))
    proof = _expect(line, TypeAdapter(_Proof))
    if not hmac.compare_digest(proof.mac, _mac(secret, "caller", service, nonce, proof.nonce)):
        raise _not_trusted()
    line.send(_Ready(mac=_mac(secret, "service", service, nonce, proof.nonce)))
    line.settle(None)
    return line


def call(path: Path, service: str, secret: bytes) -> Line:
    """Connect to a service and prove both ends.

    Raises Refusal("not_running") when nobody answers, Refusal("not_trusted") when it is not the
    service or does not know the secret.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        connection.settimeout(HANDSHAKE_SECONDS)
        connection.connect(str(path))
        _same_account(connection)
        line = Line(connection)
        challenge = _expect(line, TypeAdapter(_Challenge))
        nonce = secrets.token_hex(32)
        line.send(_Proof(nonce=nonce, mac=_mac(secret, "caller", service, challenge.nonce, nonce)))
        ready = _expect(line, TypeAdapter(_Ready))
        wanted = _mac(secret, "service", service, challenge.nonce, nonce)
        if not hmac.compare_digest(ready.mac, wanted):
            raise _not_trusted()
        line.settle(None)
    except OSError:
        connection.close()
        raise _not_running(service) from None
    except BaseException:
        connection.close()
        raise
    return line


def expect(line: Line, request: Message, kind: type[R]) -> tuple[R, bytes]:
    """Ask once and take only this kind of reply; raises what the other side refused or failed at.

    Raises Refusal("not_running") when the other side vanishes before it answers.
    """
    try:
        line.send(request)
        found = line.receive(REPLY)
    except OSError:
        found = None
    if found is None:
        raise _not_running("service that was asked") from None
    match found[0]:
        case Refused(code=code, reason=reason, remedy=remedy):
            raise Refusal(code, reason, remedy)
        case Failed(incident=incident):
            raise Fault("a process of the platform failed", incident)
        case reply if isinstance(reply, kind):
            return reply, found[1]
        case _:
            raise malformed()


def _expect(line: Line, form: TypeAdapter[T]) -> T:
    """A handshake message; who hangs up here was not convinced."""
    found = line.receive(form, bulk_limit=0)
    if found is None:
        raise _not_trusted()
    return found[0]


def _mac(secret: bytes, end: str, service: str, first: str, second: str) -> str:
    message = "\x00".join(("workbench line 1", end, service, first, second))
    return hmac.digest(secret, message.encode(), "sha256").hex()


def _same_account(connection: socket.socket) -> None:
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    _, uid, _ = _PEER.unpack(raw)
    if uid != os.geteuid():
        raise _not_trusted()


def _not_trusted() -> Refusal:
    return Refusal(
        "not_trusted",
        "The other end of a connection could not prove who it is.",
        "Run the platform's processes and commands under one account with one set of secrets.",
    )


def _not_running(service: str) -> Refusal:
    return Refusal(
        "not_running",
        f"The {service} does not answer.",
        "Start the platform, or look for its reason to stop in the instance's logs.",
    )


def _too_large() -> Refusal:
    return Refusal("frame_too_large", "A message is too large.", "Send less at once.")
