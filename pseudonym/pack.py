"""The sealed pack of an extract: identifiers for the vault alone, everything else for the store.

    magic ‖ header length ‖ header JSON ‖ SHA-256 of the header ‖ identity chunks ‖ content chunks

Each chunk is Parquet of up to a million rows, sealed by itself. The context that it is sealed under
holds the hash of what the header says of instance, contract and rows, and its own place, so that a
changed header, a chunk moved, left out or taken from another pack does not open.
"""

import io
import secrets
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import polars as pl

from pseudonym.card import Card, read_card
from pseudonym.contract.model import Contract
from pseudonym.contract.report import Report
from pseudonym.durable import write_file
from pseudonym.errors import Refusal
from pseudonym.extract.checking import Progress, content_schema, examine, identity_schema
from pseudonym.pack_header import Chunk, Header, encode_header, open_header
from pseudonym.sealing import seal

__all__ = [
    "Header",
    "RefusedExtract",
    "make_pack",
    "open_header",
    "read_content",
    "read_identity",
    "write_pack",
]

ROWS_PER_CHUNK = 1_000_000
Part = Literal["identity", "content"]
Unseal = Callable[[bytes, bytes], bytes]


class RefusedExtract(Refusal):
    """The file does not keep its contract; `report` has every finding."""

    def __init__(self, report: Report) -> None:
        weight = {"stop": 0, "quarantine": 1, "warn": 2}
        found = sorted(report.findings, key=lambda item: weight[item.severity])
        first = next((item for item in found if item.rule != "too_many_bad_rows"), found[0])
        rows = ", ".join(str(row) for row in first.rows[:5])
        where = f" in column {first.column}" if first.column else ""
        at = f" (row {rows})" if rows else ""
        super().__init__(
            first.rule,
            f"The extract was refused by {len(found)} findings; the first{where}: "
            f"{first.text['en']}{at}",
            f"{first.remedy['en']} `workbench extract check` shows all findings.",
        )
        self.report = report


def make_pack(
    source: Path,
    contract: Contract,
    card: Mapping[str, Any],
    out: Path,
    progress: Progress | None = None,
) -> Report:
    """Check an owner's file and seal it for one instance; returns the report (pass or warn).

    Rows in quarantine stay behind. Raises RefusedExtract when the report says stop, and Refusal
    for a bad card or a file that cannot be opened; then nothing is written.
    """
    to = read_card(card)
    tell = progress or (lambda *_: None)
    checked = examine(source, contract, to.kind, progress=lambda step, done: tell(step, done * 0.6))
    if checked.report.verdict == "stop" or checked.identity is None or checked.content is None:
        raise RefusedExtract(checked.report)
    write_pack(
        out,
        contract,
        to,
        checked.identity,
        checked.content,
        quarantined=checked.report.quarantined,
        progress=lambda step, done: tell(step, 0.6 + done * 0.4),
    )
    return checked.report


def write_pack(
    out: Path,
    contract: Contract,
    card: Card,
    identity: pl.DataFrame,
    content: pl.DataFrame,
    *,
    quarantined: int = 0,
    progress: Progress | None = None,
) -> None:
    """Seal two frames with the same `_row` column, as they are, and write the pack in one step."""
    tell = progress or (lambda *_: None)
    header = Header(
        pack=secrets.token_hex(16),
        instance=card.instance,
        kind=card.kind,
        contract=contract.to_json(),
        contract_hash=contract.hash,
        rows=content.height,
        quarantined=quarantined,
    )
    binding = header.binding
    sealed: list[bytes] = []
    chunks: list[Chunk] = []
    steps = max(1, -(-content.height // ROWS_PER_CHUNK)) * 2
    parts: tuple[tuple[Part, pl.DataFrame, str], ...] = (
        ("identity", identity, card.vault),
        ("content", content, card.store),
    )
    for part, frame, key in parts:
        for place, start in enumerate(range(0, max(frame.height, 1), ROWS_PER_CHUNK)):
            rows = frame.slice(start, ROWS_PER_CHUNK)
            buffer = io.BytesIO()
            rows.write_parquet(buffer, compression="zstd", statistics=False)
            context = _context(binding, part, place)
            blob = seal(bytes.fromhex(key), buffer.getvalue(), context)
            sealed.append(blob)
            digest = sha256(blob).hexdigest()
            chunks.append(Chunk(part=part, rows=rows.height, size=len(blob), sha256=digest))
            tell("seal", len(chunks) / steps)
    whole = encode_header(header.model_copy(update={"chunks": tuple(chunks)}))
    write_file(out, b"".join([whole, *sealed]), mode=0o644)


def read_identity(path: Path, unseal: Unseal) -> pl.DataFrame:
    """`_row` (UInt32) and the identifiers by name (String), for the vault.

    unseal(blob, context) opens with the vault's private key. Raises Refusal("tampered").
    """
    header = open_header(path)
    return _read(path, header, "identity", unseal)


def read_content(path: Path, unseal: Unseal) -> pl.DataFrame:
    """`_row` (UInt32) and the variables by name, typed by the contract, for the store.

    unseal(blob, context) opens with the store's private key. Raises Refusal("tampered").
    """
    header = open_header(path)
    return _read(path, header, "content", unseal)


def _read(path: Path, header: Header, part: Part, unseal: Unseal) -> pl.DataFrame:
    contract = Contract.from_json(header.contract)
    schema = identity_schema(contract) if part == "identity" else content_schema(contract)
    frames = list(_open(path, header, part, unseal, pl.Schema(schema)))
    frame = pl.concat(frames)
    if frame.height != header.rows or frame["_row"].n_unique() != frame.height:
        raise _tampered()
    return frame


def _open(
    path: Path, header: Header, part: Part, unseal: Unseal, schema: pl.Schema
) -> Iterator[pl.DataFrame]:
    """The chunks of one part, each refused unless it has exactly the contract's columns."""
    binding = header.binding
    with path.open("rb") as file:
        file.seek(header.begins)
        place = 0
        for chunk in header.chunks:
            if chunk.part != part:
                file.seek(chunk.size, io.SEEK_CUR)
                continue
            plain = unseal(file.read(chunk.size), _context(binding, part, place))
            place += 1
            try:
                frame = pl.read_parquet(io.BytesIO(plain), hive_partitioning=False)
            except (pl.exceptions.PolarsError, OSError, ValueError):
                raise _tampered() from None
            if frame.schema != schema or frame.height != chunk.rows or frame["_row"].has_nulls():
                raise _tampered()
            yield frame


def _context(binding: bytes, part: Part, place: int) -> bytes:
    return b"wbpack 1\x00" + part.encode() + b"\x00" + place.to_bytes(4, "big") + binding


def _tampered() -> Refusal:
    return Refusal(
        "tampered",
        "What is sealed in the pack is not what its header says.",
        "Make the pack again with `workbench extract pack`.",
    )
