"""The header of a pack: what it holds and for whom, checked byte for byte before anything opens."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pseudonym.contract.canonical import canonical
from pseudonym.contract.model import Contract
from pseudonym.errors import Refusal

__all__ = ["Chunk", "Header", "encode_header", "open_header"]

MAGIC = b"wbpack1\n"
LENGTH = 4
DIGEST = 32
LARGEST_HEADER = 64 * 1024 * 1024
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Closed(BaseModel):
    """Unknown fields are refused, values never change, inputs are never quoted."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Chunk(Closed):
    """One sealed piece: which part, how many rows, how many bytes, their SHA-256."""

    part: Literal["identity", "content"]
    rows: Annotated[int, Field(ge=0)]
    size: Annotated[int, Field(ge=0, lt=2**31)]
    sha256: Hash


class Header(Closed):
    """rows: packed; quarantined: left behind by the owner; begins: set by `open_header`."""

    v: Literal[1] = 1
    pack: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    instance: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    kind: Literal["demo", "test", "production"]
    contract: dict[str, Any] = Field(repr=False)
    contract_hash: Hash
    rows: Annotated[int, Field(ge=0)]
    quarantined: Annotated[int, Field(ge=0)]
    chunks: Annotated[tuple[Chunk, ...], Field(max_length=100_000)] = ()
    begins: Annotated[int, Field(exclude=True, ge=0)] = 0

    @property
    def binding(self) -> bytes:
        """SHA-256 over all but the chunks: sealed into every chunk's context."""
        return sha256(canonical(self.model_dump(mode="json", exclude={"chunks"}))).digest()


def encode_header(header: Header) -> bytes:
    """Everything that stands before the first chunk."""
    body = canonical(header.model_dump(mode="json"))
    return MAGIC + len(body).to_bytes(LENGTH, "big") + body + sha256(body).digest()


def open_header(path: Path, instance: str | None = None, kind: str | None = None) -> Header:
    """The header of a pack whose every byte is accounted for; `begins` is where chunks start.

    instance, kind: what the reader is. Raises Refusal: "no_file", "not_a_pack", "truncated",
    "tampered", "other_instance".
    """
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise _refuse("not_a_pack", "The file is no pack of this version.")
            length = int.from_bytes(file.read(LENGTH), "big")
            if length > LARGEST_HEADER:
                raise _refuse("tampered", "The pack's header was changed.")
            body, digest = file.read(length), file.read(DIGEST)
            if len(digest) < DIGEST:
                raise _refuse("truncated", "The pack was cut short.")
            if sha256(body).digest() != digest:
                raise _refuse("tampered", "The pack's header was changed.")
            header = _header(body, file.tell())
            for chunk in header.chunks:
                blob = file.read(chunk.size)
                if len(blob) < chunk.size:
                    raise _refuse("truncated", "The pack was cut short.")
                if sha256(blob).hexdigest() != chunk.sha256:
                    raise _refuse("tampered", "A sealed part of the pack was changed.")
            if file.read(1):
                raise _refuse("tampered", "Something was added to the pack.")
    except OSError:
        raise _refuse("no_file", f"The pack {path.name} cannot be opened.") from None
    for name, mine, theirs in (
        ("instance", instance, header.instance),
        ("kind", kind, header.kind),
    ):
        if mine is not None and mine != theirs:
            raise Refusal(
                "other_instance",
                f"The pack was made for another {name}.",
                "Make it again with this platform's card.json.",
            )
    return header


def _header(body: bytes, begins: int) -> Header:
    try:
        header = Header.model_validate({**json.loads(body), "begins": begins})
    except (ValidationError, ValueError, TypeError, RecursionError):
        raise _refuse("tampered", "The pack's header was changed.") from None
    if Contract.from_json(header.contract).hash != header.contract_hash:
        raise _refuse("tampered", "The contract in the pack was changed.")
    for part in ("identity", "content"):
        rows = [chunk.rows for chunk in header.chunks if chunk.part == part]
        if not rows or sum(rows) != header.rows:
            raise _refuse("tampered", "The pack's parts do not add up.")
    return header


def _refuse(code: str, reason: str) -> Refusal:
    return Refusal(code, reason, "Send it again, or make it again with `workbench extract pack`.")
