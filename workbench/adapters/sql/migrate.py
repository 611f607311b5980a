"""Bring a database to the newest schema on opening, once, however many processes open it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, text

from workbench.adapters.sql.schema import REVISION
from workbench.domain.errors import Refusal

__all__ = ["configuration", "migrate"]

_LOCK = 0x776F726B62656E63
"""PostgreSQL's advisory lock for migrating ("workbenc" in ASCII)."""


def configuration(connection: Connection) -> Config:
    """Alembic's configuration over an open connection; no file of its own."""
    config = Config()
    place = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", place.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine) -> None:
    """Upgrade to REVISION in one transaction; Refusal when the database is newer than we are."""
    with engine.connect() as connection, connection.begin():
        if MigrationContext.configure(connection).get_current_revision() == REVISION:
            return
    with engine.connect() as plain:
        connection = plain.execution_options(workbench_writes=True)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            current = MigrationContext.configure(connection).get_current_revision()
            if current is not None and current > REVISION:
                raise Refusal(
                    "newer_database",
                    "The storage of record was made by a newer workbench.",
                    "Upgrade this installation.",
                )
            if current != REVISION:
                command.upgrade(configuration(connection), "head")
