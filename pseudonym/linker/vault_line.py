"""What the linker asks the vault."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl
from pydantic import TypeAdapter

from pseudonym.contract.model import Contract
from pseudonym.contract.phases.rows import ROW
from pseudonym.contract.report import Finding, Flag
from pseudonym.line import call, expect
from pseudonym.pack import Header
from pseudonym.wire import (
    HELD,
    Anchor,
    Anchored,
    AskAnchor,
    Done,
    Identified,
    Identify,
    Message,
    Ping,
    read_frame,
)

__all__ = ["Numbers", "VaultLine"]

T = TypeVar("T", bound=Message)

_FINDINGS: TypeAdapter[list[Finding]] = TypeAdapter(list[Finding])


@dataclass(frozen=True, repr=False)
class Numbers:
    """frame: `_row` and one UInt64 column of base pseudonyms an identifier."""

    frame: pl.DataFrame
    classes: dict[str, dict[str, int]]
    flags: list[Flag]


class VaultLine:
    """The vault, over its socket; a new connection for every question."""

    def __init__(self, socket: Path, secret: bytes) -> None:
        self._socket = socket
        self._secret = secret

    def ping(self) -> None:
        """Refusal("not_running") when the vault does not answer."""
        self._ask(Ping(), Done)

    def number(self, pack: Path, header: Header, contract: Contract) -> Numbers:
        """Base pseudonyms for the rows of a pack, which the vault opens by its own key."""
        reply, bulk = self._ask(Identify(pack=str(pack), id=header.pack), Identified)
        names = [identifier.name for identifier in contract.identifiers]
        schema = {ROW: pl.UInt32(), **dict.fromkeys(names, pl.UInt64()), HELD: pl.Boolean()}
        frame = read_frame(bulk, pl.Schema(schema))
        held = frame.filter(HELD)[ROW]
        flags = [
            Flag(finding, held if finding.severity == "quarantine" else held.clear())
            for finding in _FINDINGS.validate_python(reply.findings)
        ]
        return Numbers(frame.drop(HELD), reply.classes, flags)

    def anchored(self) -> Anchored:
        """The number of the store's pointer that the vault keeps."""
        return self._ask(AskAnchor(), Anchored)[0]

    def anchor(self, number: int, sha256: str) -> None:
        """Let the vault keep a number; Refusal("rolled_back") when it knows a later one."""
        self._ask(Anchor(number=number, sha256=sha256), Anchored)

    def _ask(self, request: Message, kind: type[T]) -> tuple[T, bytes]:
        with contextlib.closing(call(self._socket, "vault", self._secret)) as line:
            return expect(line, request, kind)
