"""One database: reading, and writing one at a time so that the audit chain has one end."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from workbench.adapters.sql.chain import Writing
from workbench.adapters.sql.schema import audit_head
from workbench.domain.errors import Fault, Refusal
from workbench.ports import Clock

__all__ = ["Store", "connect", "explained"]

BUSY_MILLISECONDS = 60_000
UNREACHABLE = (
    "database_unreachable",
    "The storage of record does not answer.",
    "Check `database` in instance.toml, and that the database server runs.",
)


class Store:
    """Transactions over one database. Reads see a snapshot; writes wait for each other."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self._clock = clock

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A reading transaction."""
        with explained(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Writing]:
        """A writing transaction: all of it happens, with its audit events, or nothing."""
        with explained(), self.engine.connect() as plain:
            connection = plain.execution_options(workbench_writes=True)
            with connection.begin():
                # On PostgreSQL this row lock is what makes writers queue; SQLite has BEGIN
                # IMMEDIATE. Everything after it sees what the writer before has committed.
                head = select(audit_head.c.position, audit_head.c.hash).with_for_update()
                position, previous = connection.execute(head).one()
                yield Writing(connection, self._clock, position, previous)


def connect(url: str) -> Engine:
    """An engine for sqlite:///path or postgresql://…; Refusal for anything else.

    SQLite: write-ahead log, full synchronisation, foreign keys, a minute of patience, file mode
    0600. Statements' parameters never reach an error message.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise Refusal(
            "bad_database",
            "The database's address cannot be read.",
            "Use sqlite:////path/to/file or postgresql://user@host/name in instance.toml.",
        ) from None
    if address.get_backend_name() == "sqlite" and address.database:
        return _sqlite(address)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
        return create_engine(address, hide_parameters=True, pool_pre_ping=True)
    raise Refusal(
        "bad_database",
        "Only SQLite files and PostgreSQL are supported.",
        "Use sqlite:////path/to/file or postgresql://user@host/name in instance.toml.",
    )


def _sqlite(address: URL) -> Engine:
    path = Path(str(address.database))
    try:
        # Made here so that nobody but the platform's account can read it; SQLite gives its
        # write-ahead log the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError:
        raise Refusal(*UNREACHABLE) from None
    engine = create_engine(address, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver's own guesses about transactions are off; `_begin` says what it means.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {BUSY_MILLISECONDS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("workbench_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def explained() -> Iterator[None]:
    """Turn the database's errors into words; their own text may carry values and stays here."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).lower()
        refusal = None
        if "disk is full" in said or "no space left" in said:
            refusal = Refusal(
                "disk_full",
                "The disk of the storage of record is full; nothing was changed.",
                "Free some space and try again.",
            )
        elif "locked" in said or "busy" in said:
            refusal = Refusal(
                "database_busy",
                "Others kept the storage of record busy; nothing was changed.",
                "Try again in a minute.",
            )
        elif "unable to open" in said or error.connection_invalidated or "connect" in said:
            refusal = Refusal(*UNREACHABLE)
        if refusal is not None:
            raise refusal from None
        raise Fault("the storage of record failed", secrets.token_hex(4)) from None
    except SQLAlchemyError:
        raise Fault("the storage of record failed", secrets.token_hex(4)) from None
