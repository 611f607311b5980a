"""An output request: files from a sealed run's outbox on their way through the airlock."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

__all__ = [
    "OutputFile",
    "OutputRequest",
    "OutputState",
    "Review",
    "content_of",
    "proof_of",
    "request_id",
]


class OutputState(StrEnum):
    """Where a request stands; what may follow what is in domain/transitions.py."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class OutputFile:
    """One file, addressed by the SHA-256 of its bytes."""

    name: str
    sha256: str
    size: int
    findings: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Review:
    """What an officer said: the decision binds to `content`, the hash over all files."""

    officer: str
    decision: OutputState
    comment: str
    content: str
    at: datetime


@dataclass(frozen=True)
class OutputRequest:
    """id: 16 hex digits; run: the sealed run it came from; content: hash over names and files."""

    id: str
    project: str
    author: str
    run: str
    state: OutputState
    files: tuple[OutputFile, ...]
    content: str
    created: datetime
    reviews: tuple[Review, ...] = ()
    certificate: Mapping[str, Any] | None = None


def content_of(files: Iterable[OutputFile]) -> str:
    """The hash that approvals bind to: SHA-256 over the names and hashes of all files, 64 hex."""
    listed = sorted([file.name, file.sha256, file.size] for file in files)
    return hashlib.sha256(json.dumps(listed, separators=(",", ":")).encode()).hexdigest()


def request_id(run: str) -> str:
    """The id of the one request that a sealed run can make: 16 hex digits."""
    return hashlib.sha256(f"output/{run}".encode()).hexdigest()[:16]


def proof_of(request: OutputRequest) -> dict[str, Any]:
    """What a certificate of kind "output" carries as its proof: every file by name and hash.

    Its content_sha256 is the request's content, so that whoever holds the files can recompute it.
    """
    return {
        "files": [
            {"name": file.name, "sha256": file.sha256, "size": file.size} for file in request.files
        ]
    }
