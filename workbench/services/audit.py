"""Verify the audit log: the chain itself, and every record that points into it."""

from itertools import islice

from workbench.domain.chain import Verification, verify
from workbench.domain.permissions import Person, check_read_audit
from workbench.ports import AuditEntry, Records

__all__ = ["read_log", "verify_log"]


def verify_log(records: Records) -> Verification:
    """Walk the whole chain; see `workbench.domain.chain.verify` for what it finds."""
    # The anchors are read before the entries, so an event added meanwhile is never missed.
    anchors = tuple(records.audit.anchors())
    return verify(records.audit.entries(), anchors)


def read_log(records: Records, person: Person, start: int, limit: int) -> tuple[AuditEntry, ...]:
    """Up to `limit` entries from a position, for an auditor. Raises Refusal."""
    check_read_audit(person)
    return tuple(islice(records.audit.entries(start), limit))
