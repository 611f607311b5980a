"""Verify the audit log: the chain itself, and every record that points into it."""

import re
from itertools import islice

from workbench.domain.chain import Anchor, Verification, verify
from workbench.domain.errors import Refusal
from workbench.domain.permissions import Person, check_read_audit
from workbench.ports import AuditEntry, Records

__all__ = ["read_log", "verify_log"]


def verify_log(records: Records, noted: str = "") -> Verification:
    """Walk the whole chain; see `workbench.domain.chain.verify` for what it finds.

    noted: POSITION:HASH kept outside this machine; Refusal("bad_head") when it is not that.
    """
    # The anchors are read before the entries, so an event added meanwhile is never missed.
    anchors = [*records.audit.anchors(), *_noted(noted)]
    return verify(records.audit.entries(), anchors)


def _noted(text: str) -> tuple[Anchor, ...]:
    if not text:
        return ()
    position, _, mark = text.partition(":")
    if not (position.isascii() and position.isdigit() and re.fullmatch("[0-9a-f]{64}", mark)):
        raise Refusal(
            "bad_head",
            "The noted head is not POSITION:HASH.",
            "Copy both as `workbench audit verify` printed them.",
        )
    return (Anchor("your note", int(position), mark),)


def read_log(records: Records, person: Person, start: int, limit: int) -> tuple[AuditEntry, ...]:
    """Up to `limit` entries from a position, for an auditor. Raises Refusal."""
    check_read_audit(person)
    return tuple(islice(records.audit.entries(start), limit))
