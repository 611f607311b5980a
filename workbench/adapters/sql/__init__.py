"""The storage of record: SQLAlchemy over SQLite or PostgreSQL."""
