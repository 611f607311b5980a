"""The storage of record: SQLAlchemy over SQLite or PostgreSQL."""

from workbench.adapters.sql.records import SqlRecords, open_records

__all__ = ["SqlRecords", "open_records"]
