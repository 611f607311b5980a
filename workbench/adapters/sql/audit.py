"""The audit log: reading the chain, and adding events that belong to no other mutation."""

from collections.abc import Iterator

from sqlalchemy import select

from workbench.adapters.sql.chain import entry_of
from workbench.adapters.sql.schema import (
    audit,
    audit_head,
    extensions,
    loads,
    outputs,
    permits,
    releases,
    reviews,
)
from workbench.adapters.sql.store import Store
from workbench.domain.audit import AuditEvent
from workbench.domain.chain import Anchor
from workbench.ports import AuditEntry

__all__ = ["SqlAuditLog"]

PAGE = 1000


class SqlAuditLog:
    """ports.AuditLog."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, event: AuditEvent, *, once: str = "") -> AuditEntry:
        """Add one event at the end of the chain, or return the entry already named `once`."""
        with self._store.write() as writing:
            return writing.append(event, once)

    def entries(self, start: int = 0) -> Iterator[AuditEntry]:
        """The chain in order from a position, a page at a time: no long transaction is held."""
        while True:
            page = (
                select(audit)
                .where(audit.c.position >= start)
                .order_by(audit.c.position)
                .limit(PAGE)
            )
            with self._store.read() as connection:
                rows = connection.execute(page).all()
            for row in rows:
                yield entry_of(row)
            if len(rows) < PAGE:
                return
            start = rows[-1].position + 1

    def anchors(self) -> Iterator[Anchor]:
        """The recorded end of the chain, and every row of the other books that points into it."""
        with self._store.read() as connection:
            head = connection.execute(select(audit_head)).one()
            if head.position:
                yield Anchor("head", head.position, head.hash)
            for table in (permits, releases, outputs, reviews, loads, extensions):
                pointers = select(table.c.audit_position, table.c.audit_hash)
                for position, mark in connection.execute(pointers):
                    yield Anchor(table.name, position, mark)
