"""The few messages that cross the wall: frozen, versioned, size-limited, parsed by closed schemas.

A frame is four bytes of length (big-endian) and as many of UTF-8 JSON. Four conversations use it:

    kernel  <-> engine        one socket a kernel; the socket is the identity
    gated    -> engine        control: attach a kernel's socket, ask for a rendering or view keys
    server   -> gated         control: launch, interrupt, kill; the launch token is the credential
    hub      -> gated         admin: grant and revoke launch tokens
"""

import socket
import struct
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from kernels.errors import Refusal

__all__ = [
    "FRAME_LIMIT", "Answer", "Ask", "Attach", "Attached", "Cancel", "Detach", "Ended",
    "EngineReply", "EngineRequest", "Failed", "Grant", "Hello", "KernelReply", "KernelRequest",
    "Launch", "Launched", "Ok", "Overlapped", "Overlapping", "Progress", "Refused", "Rejudge",
    "Rendered", "Rendering", "Renew", "Revoke", "Run", "SealedKeys", "ServerReply",
    "ServerRequest", "SignEnd", "Signal", "ViewKeys", "Welcome", "pack", "read_frame", "unpack",
    "write_frame",
]  # fmt: skip

FRAME_LIMIT = 8 << 20
PLAN_LIMIT = 64 << 10

T = TypeVar("T")

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
User = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{0,63}$")]
Token = Annotated[str, Field(min_length=20, max_length=128)]
Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]
Path = Annotated[str, Field(max_length=4096)]


class Message(BaseModel):
    """A closed, frozen message; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


# ---- kernel -> engine
class Hello(Message):
    """The first frame of a kernel: which protocol it speaks."""

    k: Literal["hello"] = "hello"
    version: Literal[1] = 1


class Run(Message):
    """Run a plan (its JSON, see workbench.plan); `id` is the kernel's own, for matching.

    fix: not to be answered, but to be told what it may become so that the gate lets it through.
    """

    k: Literal["run"] = "run"
    id: Annotated[int, Field(ge=0, lt=1 << 31)]
    plan: Annotated[str, Field(max_length=PLAN_LIMIT)]
    fix: bool = False


class Cancel(Message):
    """Stop the plan with this id; nothing is charged or released."""

    k: Literal["cancel"] = "cancel"
    id: Annotated[int, Field(ge=0, lt=1 << 31)]


class Ask(Message):
    """Ask about the project: its budget account, its releases so far, or one of them again."""

    k: Literal["ask"] = "ask"
    id: Annotated[int, Field(ge=0, lt=1 << 31)]
    what: Literal["budget", "history", "release"]
    release: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None


# ---- engine -> kernel
class Welcome(Message):
    """What the kernel may know: project, permit in plain words, the view's schema."""

    k: Literal["welcome"] = "welcome"
    project: str
    permit: dict[str, Any]
    view: dict[str, Any]


class Progress(Message):
    """A plan under way: `done` of `total` bucket groups, or its place in the queue."""

    k: Literal["progress"] = "progress"
    id: int
    done: int
    total: int
    queued: int = 0


class Answer(Message):
    """A release, or what was asked, as JSON that `workbench.sdk` understands."""

    k: Literal["answer"] = "answer"
    id: int
    body: dict[str, Any]


class Refused(Message):
    """A refusal: safe to show, the user can act on it."""

    k: Literal["refused"] = "refused"
    id: int
    code: str
    reason: str
    remedy: str
    findings: list[dict[str, Any]] = Field(default_factory=list)


class Failed(Message):
    """A fault of the platform; only the incident id is told."""

    k: Literal["failed"] = "failed"
    id: int
    incident: str


# ---- gated -> engine
class Attach(Message):
    """A new kernel's listening socket comes with this frame as a file descriptor."""

    k: Literal["attach"] = "attach"
    kernel: Hex
    project: Slug
    user: User
    uid: int


class Detach(Message):
    """The kernel is gone; forget its socket."""

    k: Literal["detach"] = "detach"
    kernel: Hex


class SealedKeys(Message):
    """Ask for the keys that let code of this project read its view unseen, in this lane."""

    k: Literal["sealed_keys"] = "sealed_keys"
    project: Slug
    user: User
    lane: Literal["sealed", "interactive"] = "sealed"


class Rendering(Message):
    """Ask for the trusted rendering of a release, for a display that names it."""

    k: Literal["rendering"] = "rendering"
    project: Slug
    release: Hex


class CertifyOutput(Message):
    """The portal asks for the certificate of an approved output request; the engine checks it."""

    k: Literal["certify_output"] = "certify_output"
    request: Hex


class Overlapping(Message):
    """The portal asks, for an officer, how the releases of a project overlap."""

    k: Literal["overlapping"] = "overlapping"
    project: Slug


class SignEnd(Message):
    """The operator exports the history: the engine signs where its log ends; "" is all projects."""

    k: Literal["sign_end"] = "sign_end"
    instance: Hex
    project: Slug | Literal[""]


class Rejudge(Message):
    """The operator asks what another layer of policy (TOML) would have said of a release."""

    k: Literal["rejudge"] = "rejudge"
    release: Hex
    layer: Annotated[str, Field(max_length=1 << 15)]


# ---- engine -> gated and portal
class Certified(Message):
    """What was signed: a certificate, the end of the log; or, unsigned, a verdict of rejudging."""

    k: Literal["certified"] = "certified"
    certificate: dict[str, Any]


class Attached(Message):
    """The engine listens for this kernel."""

    k: Literal["attached"] = "attached"


class ViewKeys(Message):
    """Where the project's view lies and the keys to its permitted columns (opaque to gated)."""

    k: Literal["view_keys"] = "view_keys"
    path: Path
    keys: dict[str, Any]


class Overlapped(Message):
    """Groups of persons by the releases that they are in; none smaller than told."""

    k: Literal["overlapped"] = "overlapped"
    overlaps: dict[str, Any]


class Rendered(Message):
    """A release as HTML and text made by the engine; None when there is no such release here."""

    k: Literal["rendered"] = "rendered"
    html: str | None
    text: str | None


# ---- hub -> gated
class Grant(Message):
    """Whoever holds the token with this SHA-256 may launch kernels for this user and project."""

    k: Literal["grant"] = "grant"
    token_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    user: User
    project: Slug
    server_uid: int
    twin: Path
    sealed: bool
    """Whether the permit opens sealed runs."""
    sealed_kernel: bool = False
    """Whether the permit opens the interactive sealed kernel."""
    expires: int
    """Unix seconds; the permit's end."""
    front: Path = ""
    """Folder that only this server sees; the front sockets of its kernels are made in it."""
    lease: Annotated[int, Field(ge=0, le=3600)] = 0
    """Seconds for which it holds unless it is renewed; 0: until it expires or is withdrawn."""


class Renew(Message):
    """The permit still opens the project to this person, and opens this much of it."""

    k: Literal["renew"] = "renew"
    project: Slug
    user: User
    sealed: bool
    sealed_kernel: bool = False
    expires: int


class Revoke(Message):
    """Withdraw the grants of a user and project and stop their kernels; `why` is told in them."""

    k: Literal["revoke"] = "revoke"
    project: Slug
    user: User | None = None
    why: Literal["withdrawn", "suspended", "expired"] = "withdrawn"


# ---- server -> gated
class Launch(Message):
    """Start a kernel for the grant's project; `front_key` signs the messages to the server."""

    k: Literal["launch"] = "launch"
    token: Token
    kernel: Annotated[str, Field(pattern=r"^[0-9a-f-]{8,64}$")]
    lane: Literal["workbench", "sealed", "interactive"]
    """The twin in the open, a sealed run a cell, or an interactive kernel that shows nothing."""
    front_key: Annotated[str, Field(min_length=16, max_length=256)]


class Signal(Message):
    """Interrupt, terminate or kill the kernel of this connection."""

    k: Literal["signal"] = "signal"
    what: Literal["interrupt", "terminate", "kill"]


# ---- gated -> server and hub
class Launched(Message):
    """The kernel runs; `front` is the ipc prefix of its five channels (-1 … -5)."""

    k: Literal["launched"] = "launched"
    front: Path


class Ended(Message):
    """The kernel ended; `why` is a sentence that a researcher understands."""

    k: Literal["ended"] = "ended"
    exit: int
    why: str


class Ok(Message):
    """Done."""

    k: Literal["ok"] = "ok"


KernelRequest = Annotated[Hello | Run | Cancel | Ask, Field(discriminator="k")]
KernelReply = Annotated[Welcome | Progress | Answer | Refused | Failed, Field(discriminator="k")]
EngineRequest = Annotated[
    Attach | Detach | SealedKeys | Rendering | CertifyOutput | SignEnd | Rejudge | Overlapping,
    Field(discriminator="k"),
]
EngineReply = Annotated[
    Attached | ViewKeys | Rendered | Certified | Overlapped | Ok | Refused | Failed,
    Field(discriminator="k"),
]
ServerRequest = Annotated[Launch | Signal | Grant | Renew | Revoke, Field(discriminator="k")]
ServerReply = Annotated[Launched | Ended | Ok | Refused | Failed, Field(discriminator="k")]

_LENGTH = struct.Struct(">I")


def pack(message: Message) -> bytes:
    """A message as one frame (bytes); Refusal when it exceeds FRAME_LIMIT."""
    body = message.model_dump_json().encode()
    if len(body) > FRAME_LIMIT:
        raise Refusal("frame_too_large", "The message is too large.", "Ask for less at once.")
    return _LENGTH.pack(len(body)) + body


def unpack(adapter: TypeAdapter[T], body: bytes) -> T:
    """Parse a frame's body by a closed schema; Refusal that repeats nothing of the body."""
    try:
        return adapter.validate_json(body)
    except ValidationError:
        raise Refusal(
            "malformed_message",
            "A message was not of the agreed form.",
            "Use the workbench package of this installation.",
        ) from None


def write_frame(connection: socket.socket, message: Message) -> None:
    """Send one frame on a blocking socket."""
    connection.sendall(pack(message))


def read_frame(connection: socket.socket, limit: int = FRAME_LIMIT) -> bytes | None:
    """Receive one frame's body from a blocking socket; None at a clean end.

    Raises Refusal when the announced length exceeds `limit`, ConnectionError when cut short.
    """
    head = _read_exactly(connection, _LENGTH.size)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > limit:
        raise Refusal("frame_too_large", "The message is too large.", "Ask for less at once.")
    body = _read_exactly(connection, length)
    if body is None:
        raise ConnectionError("the other side closed in the middle of a message")
    return body


def _read_exactly(connection: socket.socket, length: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < length:
        piece = connection.recv(min(length - len(parts), 1 << 16))
        if not piece:
            if parts:
                raise ConnectionError("the other side closed in the middle of a message")
            return None
        parts += piece
    return bytes(parts)
