"""The writing side of the audit chain: one more link in the transaction of its mutation."""

import secrets
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from workbench.adapters.sql.schema import audit, audit_head
from workbench.adapters.sql.text import check_words, json_of, json_text, time_of, time_text
from workbench.domain.audit import AuditEvent, What
from workbench.domain.chain import link
from workbench.ports import AuditEntry, Clock

__all__ = ["Writing", "entry_of"]


class Writing:
    """A transaction that holds the end of the chain."""

    def __init__(self, connection: Connection, clock: Clock, position: int, previous: str) -> None:
        self.connection = connection
        self._clock = clock
        self._position = position
        self._previous = previous

    def append(self, event: AuditEvent, once: str = "") -> AuditEntry:
        """Add an event; under a name that was used before, the first entry is returned."""
        check_words(event.who, event.subject, event.why, once, details=event.details)
        if once:
            found = self.connection.execute(select(audit).where(audit.c.once == once)).one_or_none()
            if found is not None:
                return entry_of(found)
        at = time_of(time_text(self._clock.now()))
        position = self._position + 1
        salt = secrets.token_hex(16)
        mark = link(self._previous, position, at, event, salt)
        self.connection.execute(
            insert(audit).values(
                position=position,
                at=time_text(at),
                what=str(event.what),
                who=event.who,
                subject=event.subject,
                why=event.why,
                details=json_text(dict(event.details)),
                previous=self._previous,
                hash=mark,
                once=once or None,
                salt=salt,
            )
        )
        self.connection.execute(update(audit_head).values(position=position, hash=mark))
        entry = AuditEntry(position, at, event, self._previous, mark, salt)
        self._position, self._previous = position, mark
        return entry

    def anchored(self, event: AuditEvent) -> dict[str, Any]:
        """Add an event; returns the columns with which the mutated row points to it."""
        entry = self.append(event)
        return {"audit_position": entry.position, "audit_hash": entry.hash}


def entry_of(row: Row[Any]) -> AuditEntry:
    """A row of the log."""
    event = AuditEvent(What(row.what), row.who, row.subject, row.why, json_of(row.details))
    return AuditEntry(row.position, time_of(row.at), event, row.previous, row.hash, row.salt)
