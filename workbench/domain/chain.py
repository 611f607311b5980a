"""The audit chain: how an event is hashed into its place, and what a reader can find wrong.

hash = SHA-256(previous hash ‖ position, what, hash of the rest), as in Haber and Stornetta, "How to
time-stamp a digital document", Journal of Cryptology 3 (1991). The rest holds a salted hash of who
and why, so that a copy of the chain can be checked by somebody who shall not read it: `shown` and
`closed` make such copies. A chain alone cannot show that its end was cut off; `anchors` do: places
in the chain that other records point to.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from workbench.domain.audit import AuditEvent

__all__ = [
    "GENESIS",
    "Anchor",
    "Break",
    "Damage",
    "Entry",
    "Verification",
    "closed",
    "link",
    "shown",
    "verify",
]

GENESIS = "0" * 64
"""What the first entry names as its previous hash."""


class Entry(Protocol):
    """An event in its place (ports.AuditEntry)."""

    @property
    def position(self) -> int:
        """1, 2, 3 …"""

    @property
    def at(self) -> datetime:
        """When, in UTC."""

    @property
    def event(self) -> AuditEvent:
        """What happened."""

    @property
    def previous(self) -> str:
        """Hash of the entry before, 64 hex digits."""

    @property
    def hash(self) -> str:
        """Hash of this entry, 64 hex digits."""

    @property
    def salt(self) -> str:
        """32 random hex digits; "" in entries from before there were salts."""


@dataclass(frozen=True)
class Anchor:
    """Something outside the chain that says: at this position stands this hash."""

    source: str
    position: int
    hash: str


class Damage(StrEnum):
    """What is wrong with one place of the chain."""

    CHANGED = "changed"
    MISSING = "missing"
    OUT_OF_ORDER = "out of order"
    UNLINKED = "unlinked"
    NOT_ANCHORED = "not what another record points to"


@dataclass(frozen=True)
class Break:
    """One damaged place; `source` says who noticed ("chain", or an anchor's source)."""

    position: int
    damage: Damage
    source: str = "chain"


@dataclass(frozen=True)
class Verification:
    """What a walk over the chain found. head: (position, hash) of the last entry, or None."""

    entries: int
    head: Anchor | None
    breaks: tuple[Break, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.breaks


def link(previous: str, position: int, at: datetime, event: AuditEvent, salt: str) -> str:
    """The hash of an entry (64 hex digits) from the previous hash and its content."""
    if not salt:
        content = {"position": position, "what": str(event.what), "who": event.who}
        whole = content | {"why": event.why} | _told(at, event)
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(previous.encode() + text.encode()).hexdigest()
    rest = _hash(_told(at, event) | {"names": _names(event, salt)})
    link = {"position": position, "what": str(event.what), "rest": rest}
    return hashlib.sha256(previous.encode() + _canonical(link)).hexdigest()


def shown(entry: Entry) -> dict[str, Any]:
    """An entry as a stranger may check it: all but who and why."""
    event = entry.event
    told = _told(entry.at, event) | {"names": _names(event, entry.salt)}
    return {"position": entry.position, "what": str(event.what), "hash": entry.hash} | told


def closed(entry: Entry) -> dict[str, Any]:
    """An entry as a stranger may check it, that says no more than what kind of event it was."""
    told = shown(entry)
    kept = {key: told[key] for key in ("position", "what", "hash")}
    return kept | {"rest": _hash({key: one for key, one in told.items() if key not in kept})}


def _told(at: datetime, event: AuditEvent) -> dict[str, Any]:
    return {
        "at": at.isoformat(timespec="microseconds"),
        "subject": event.subject,
        "details": dict(event.details),
    }


def _names(event: AuditEvent, salt: str) -> str:
    # Without the salt a name could be guessed; with it only by whoever reads the log anyway.
    return _hash({"salt": salt, "who": event.who, "why": event.why})


def _hash(value: object) -> str:
    return hashlib.sha256(_canonical(value)).hexdigest()


def _canonical(value: object) -> bytes:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def verify(entries: Iterable[Entry], anchors: Iterable[Anchor] = ()) -> Verification:
    """Walk the chain from its first entry and compare it with everything that points into it.

    entries: in the order of storage. Finds any changed, removed, inserted or reordered entry, and
    a cut-off end as far as an anchor beyond the cut remains. Memory: one hash an anchored place.
    """
    pointed: dict[int, list[Anchor]] = {}
    for anchor in anchors:
        pointed.setdefault(anchor.position, []).append(anchor)
    breaks: list[Break] = []
    expected, previous, count = 1, GENESIS, 0
    head: Anchor | None = None
    for entry in entries:
        count += 1
        if entry.position > expected:
            breaks.append(Break(expected, Damage.MISSING))
        elif entry.position < expected:
            breaks.append(Break(entry.position, Damage.OUT_OF_ORDER))
        elif entry.previous != previous:
            breaks.append(Break(entry.position, Damage.UNLINKED))
        if link(entry.previous, entry.position, entry.at, entry.event, entry.salt) != entry.hash:
            breaks.append(Break(entry.position, Damage.CHANGED))
        breaks.extend(
            Break(entry.position, Damage.NOT_ANCHORED, anchor.source)
            for anchor in pointed.pop(entry.position, ())
            if anchor.hash != entry.hash
        )
        expected, previous = entry.position + 1, entry.hash
        head = Anchor("chain", entry.position, entry.hash)
    for position, left in sorted(pointed.items()):
        breaks.extend(Break(position, Damage.MISSING, anchor.source) for anchor in left)
    return Verification(count, head, tuple(breaks))
