"""An output request: files from a sealed run's outbox on their way through the airlock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

__all__ = ["OutputFile", "OutputRequest", "OutputState", "Review"]


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
