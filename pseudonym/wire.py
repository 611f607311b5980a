"""What vault, linker and their callers say to each other: closed messages, bulk beside them.

A message is JSON of a closed schema; a column of numbers travels beside it as polars IPC bytes.
Framing and the handshake are in pseudonym.line.
"""

import io
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pseudonym.errors import Refusal

__all__ = [
    "HELD",
    "LINKER_REQUEST",
    "REPLY",
    "VAULT_REQUEST",
    "Anchor",
    "Anchored",
    "AskAnchor",
    "AskContract",
    "Build",
    "Built",
    "ContractTold",
    "DatasetOrder",
    "Done",
    "Failed",
    "Identified",
    "Identify",
    "Load",
    "Loaded",
    "Message",
    "Ping",
    "Publish",
    "Refused",
    "Reply",
    "Rollback",
    "frame_bytes",
    "read_frame",
]  # fmt: skip

HELD = "_held"
"""Beside `Identified`: a Boolean column, true where an identifier sends the row to quarantine."""
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Version = Annotated[str, Field(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$")]
Number = Annotated[int, Field(ge=0, lt=1 << 62)]


class Message(BaseModel):
    """A closed, frozen message; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Ping(Message):
    """Are you there, and who you say you are?"""

    k: Literal["ping"] = "ping"


# ---- linker -> vault
class Identify(Message):
    """Open the identity part of the pack with this id at this path; number its persons."""

    k: Literal["identify"] = "identify"
    pack: Annotated[str, Field(min_length=1, max_length=4096)]
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class Anchor(Message):
    """Keep this number of the store's pointer; a smaller one than kept is refused."""

    k: Literal["anchor"] = "anchor"
    number: Number
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class AskAnchor(Message):
    """Which number of the store's pointer do you keep?"""

    k: Literal["ask_anchor"] = "ask_anchor"


# ---- callers -> linker
class Load(Message):
    """Load a pack that lies at this path."""

    k: Literal["load"] = "load"
    pack: Annotated[str, Field(min_length=1, max_length=4096)]


class Publish(Message):
    """Make a version the current one."""

    k: Literal["publish"] = "publish"
    dataset: Name
    version: Version


class Rollback(Message):
    """Back to the version published before."""

    k: Literal["rollback"] = "rollback"
    dataset: Name


class AskContract(Message):
    """What does the current version of a dataset promise?"""

    k: Literal["ask_contract"] = "ask_contract"
    dataset: Name


class DatasetOrder(Message):
    """The columns that a permit opens in a dataset; "latest" is pinned at build."""

    dataset: Name
    version: Version | Literal["latest"] = "latest"
    variables: Annotated[list[Name], Field(min_length=1, max_length=500)]


class Build(Message):
    """Build or re-use the view of a project."""

    k: Literal["build"] = "build"
    project: Slug
    datasets: Annotated[list[DatasetOrder], Field(min_length=1, max_length=100)]


# ---- replies
class Done(Message):
    """It is done; `version` where a version is the answer."""

    k: Literal["done"] = "done"
    version: str = ""


class Identified(Message):
    """The base pseudonyms are beside this message: `row`, and one column an identifier."""

    k: Literal["identified"] = "identified"
    findings: list[dict[str, Any]]
    """pseudonym.contract.report.Finding, as JSON"""
    classes: dict[str, dict[str, int]]
    """identifier → class of id → rows kept"""


class Anchored(Message):
    """The number and hash kept; 0 and "" before the first."""

    k: Literal["anchored"] = "anchored"
    number: Number
    sha256: str


class Loaded(Message):
    """What became of a load; the report holds counts and row numbers."""

    k: Literal["loaded"] = "loaded"
    load: str
    registry: str
    dataset: str
    version: str
    state: Literal["staged", "refused"]
    report: dict[str, Any]


class Built(Message):
    """The view: its version, where it lies, the linkage report for the researcher."""

    k: Literal["built"] = "built"
    version: str
    path: str
    report: dict[str, Any]


class ContractTold(Message):
    """A contract as JSON, code lists included."""

    k: Literal["contract_told"] = "contract_told"
    contract: dict[str, Any]


class Refused(Message):
    """A refusal: safe to show, the user can act on it."""

    k: Literal["refused"] = "refused"
    code: str
    reason: str
    remedy: str


class Failed(Message):
    """A fault; only the incident id is told."""

    k: Literal["failed"] = "failed"
    incident: str


Reply = Done | Identified | Anchored | Loaded | Built | ContractTold | Refused | Failed
VaultRequest = Ping | Identify | Anchor | AskAnchor
LinkerRequest = Ping | Load | Publish | Rollback | AskContract | Build
REPLY: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="k")])
VAULT_REQUEST: TypeAdapter[VaultRequest] = TypeAdapter(
    Annotated[VaultRequest, Field(discriminator="k")]
)
LINKER_REQUEST: TypeAdapter[LinkerRequest] = TypeAdapter(
    Annotated[LinkerRequest, Field(discriminator="k")]
)


def frame_bytes(frame: pl.DataFrame) -> bytes:
    """Columns as polars IPC bytes."""
    target = io.BytesIO()
    frame.write_ipc(target)
    return target.getvalue()


def read_frame(content: bytes, schema: pl.Schema) -> pl.DataFrame:
    """Columns of exactly this schema; Refusal("malformed_message") otherwise."""
    try:
        frame = pl.read_ipc(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError):
        raise malformed() from None
    if frame.schema != schema:
        raise malformed()
    return frame


def malformed() -> Refusal:
    """The refusal for bytes that are not of the agreed form; it repeats none of them."""
    return Refusal(
        "malformed_message",
        "A message between the platform's processes was not of the agreed form.",
        "Run the same version of the platform everywhere and restart it.",
    )
