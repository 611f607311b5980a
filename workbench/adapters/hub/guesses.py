"""Wrong tries, counted by name whether it has an account or not, and the lock that they earn."""

import sqlite3

__all__ = ["FREE_TRIES", "LONGEST_LOCK", "count", "forget", "forget_old", "locked"]

FREE_TRIES = 5  # wrong tries before the first lock
LONGEST_LOCK = 900  # seconds; each further failure doubles the lock from 15 s up to this
FORGET = 86_400  # seconds after which failures no longer count


def count(database: sqlite3.Connection, name: str, now: float) -> None:
    """One more failure of this name."""
    database.execute(
        "INSERT INTO failure VALUES (?, 1, ?) ON CONFLICT (name)"
        " DO UPDATE SET tries = tries + 1, last = excluded.last",
        (name, now),
    )


def forget(database: sqlite3.Connection, name: str) -> None:
    """No failure of this name counts any more."""
    database.execute("DELETE FROM failure WHERE name = ?", (name,))


def forget_old(database: sqlite3.Connection, now: float) -> None:
    """Failures of the day before no longer count."""
    database.execute("DELETE FROM failure WHERE last < ?", (now - FORGET,))


def locked(database: sqlite3.Connection, name: str, now: float) -> bool:
    """Whether the name is locked at `now` (seconds since 1970)."""
    row = database.execute("SELECT tries, last FROM failure WHERE name = ?", (name,)).fetchone()
    if row is None or row[0] < FREE_TRIES:
        return False
    seconds = min(LONGEST_LOCK, 15 * 2 ** min(row[0] - FREE_TRIES, 10))
    return bool(now < row[1] + seconds)
