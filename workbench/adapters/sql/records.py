"""Opening the storage of record: all its books over one database."""

from workbench.adapters.sql.audit import SqlAuditLog
from workbench.adapters.sql.loads import SqlLoadBook
from workbench.adapters.sql.migrate import migrate
from workbench.adapters.sql.outputs import SqlOutputBook
from workbench.adapters.sql.permits import SqlPermitBook
from workbench.adapters.sql.releases import SqlReleaseBook
from workbench.adapters.sql.store import Store, connect, explained
from workbench.ports import Clock

__all__ = ["SqlRecords", "open_records"]


class SqlRecords:
    """ports.Records over SQLite or PostgreSQL; may be shared between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.audit = SqlAuditLog(store)
        self.permits = SqlPermitBook(store)
        self.releases = SqlReleaseBook(store)
        self.outputs = SqlOutputBook(store)
        self.loads = SqlLoadBook(store)

    def close(self) -> None:
        """Let go of every connection; for tests and before a process forks."""
        self._store.engine.dispose()


def open_records(url: str, clock: Clock) -> SqlRecords:
    """Open the database, creating or migrating its schema; safe in many processes at once.

    url: sqlite:////path or postgresql://…; clock: stamps the audit log. Raises Refusal
    (bad_database, database_unreachable, newer_database).
    """
    engine = connect(url)
    with explained():
        migrate(engine)
    return SqlRecords(Store(engine, clock))
