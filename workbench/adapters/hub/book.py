"""The file of the accounts: one SQLite database in the hub's zone, and the key beside it."""

import os
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from workbench.domain.errors import Refusal

__all__ = ["book_key", "open_book"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (name TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS failure (
    name TEXT PRIMARY KEY, tries INTEGER NOT NULL, last REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS closed (name TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS ending (name TEXT PRIMARY KEY, at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS pending (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS factor (
    name TEXT PRIMARY KEY, sealed BLOB NOT NULL, step INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS recovery (
    name TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (name, hash)
) STRICT;
CREATE TABLE IF NOT EXISTS person (mark TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
"""
KEY_BYTES = 32


@contextmanager
def open_book(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection in a transaction that begins with the write lock; the file is 0600."""
    if not path.exists():
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as database:
        database.executescript(SCHEMA)
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")


def book_key(folder: Path) -> bytes:
    """The 32 bytes that seal second factors and mark persons; made when first asked for.

    A file of its own, so that a copy of the database alone opens no second factor.
    Refusal("damaged_key") when the file is not 32 bytes long.
    """
    path = folder / "accounts.key"
    if not path.exists():
        handle, draft = tempfile.mkstemp(prefix=".accounts.key-", dir=folder)  # 0600
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            with suppress(FileExistsError):  # whoever was first has made the key for all
                os.link(draft, path)
        finally:
            Path(draft).unlink()
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise Refusal(
            "damaged_key", f"The key file {path} is damaged.", "Restore it from your backup."
        )
    return key
