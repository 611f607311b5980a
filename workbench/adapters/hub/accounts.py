"""Accounts of an instance: names and Argon2id hashes in one SQLite file, with a lock-out.

The file belongs to the hub. An unknown name costs as much time as a wrong password and locks as
soon, so neither tells who has an account. Parameters: RFC 9106, section 4, second choice.
"""

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from workbench.adapters.hub.roles import Roles
from workbench.domain.errors import Refusal
from workbench.settings import Instance

__all__ = ["AccountBook", "add_account"]

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
SHORTEST, LONGEST = 10, 256  # characters of a password
FREE_TRIES = 5  # wrong passwords before the first lock
LONGEST_LOCK = 900  # seconds; each further failure doubles the lock from 15 s up to this
FORGET = 86_400  # seconds after which failures no longer count

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (name TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS failure (
    name TEXT PRIMARY KEY, tries INTEGER NOT NULL, last REAL NOT NULL
) STRICT;
"""


class AccountBook:
    """The accounts of one instance; safe to use from several threads and processes.

    clock: the time as seconds since 1970; hasher: another cost (default: RFC 9106's). Both are
    arguments so that locks can be tested in less than their time.
    """

    def __init__(
        self,
        instance: Instance,
        clock: Callable[[], float] = lambda: datetime.now(UTC).timestamp(),
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._path = instance.zone("hub") / "accounts.sqlite"
        self._roles = instance.zone("portal") / "roles.toml"
        self._clock = clock
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._nobody = self._hasher.hash("nobody has this password")
        self._turn = threading.BoundedSemaphore(2)  # each hash takes 64 MiB

    def add(self, name: str, password: str, *, replace: bool = False) -> None:
        """Create an account, or with `replace` give it a new password and unlock it.

        Raises Refusal("bad_account_name" | "weak_password" | "account_exists").
        """
        if not NAME.fullmatch(name):
            raise Refusal(
                "bad_account_name",
                "An account's name is made of a-z, 0-9, dot, dash and underscore.",
                "Choose another name of at most 64 characters, beginning with a letter or digit.",
            )
        if not SHORTEST <= len(password) <= LONGEST or len(set(password)) < 4:
            raise Refusal(
                "weak_password",
                f"A password has {SHORTEST} to {LONGEST} characters, and not all the same.",
                "Choose a longer one; four unrelated words do well.",
            )
        hashed = self._hasher.hash(password)
        clause = "DO UPDATE SET hash = excluded.hash" if replace else "DO NOTHING"
        with self._open() as database:
            added = database.execute(
                f"INSERT INTO account VALUES (?, ?) ON CONFLICT (name) {clause}",  # noqa: S608 - one of two constants
                (name, hashed),
            ).rowcount
            if not added:
                raise Refusal(
                    "account_exists",
                    f"There is already an account {name}.",
                    "Choose another name, or give --replace for a new password.",
                )
            database.execute("DELETE FROM failure WHERE name = ?", (name,))

    def remove(self, name: str) -> None:
        """Delete an account; the hub asks its sessions to sign in again within a minute."""
        with self._open() as database:
            if not database.execute("DELETE FROM account WHERE name = ?", (name,)).rowcount:
                raise Refusal(
                    "no_account",
                    f"There is no account {name}.",
                    "See `workbench account list`.",
                )

    def names(self) -> Sequence[str]:
        """Every account, sorted."""
        with self._open() as database:
            return [row[0] for row in database.execute("SELECT name FROM account ORDER BY name")]

    def groups(self) -> Mapping[str, Sequence[str]]:
        """The groups of the roles file and their accounts."""
        return Roles.read(self._roles).groups()

    def check(self, name: str, password: str) -> bool:
        """Whether the password is right; always False while the name is locked.

        Counts the failure before it answers, so that parallel tries are no way around the lock.
        """
        if not NAME.fullmatch(name) or len(password) > LONGEST:
            return False
        now = self._clock()
        with self._open() as database:
            database.execute("DELETE FROM failure WHERE last < ?", (now - FORGET,))
            if self._locked(database, name, now):
                return False
            database.execute(
                "INSERT INTO failure VALUES (?, 1, ?) ON CONFLICT (name)"
                " DO UPDATE SET tries = tries + 1, last = excluded.last",
                (name, now),
            )
            row = database.execute("SELECT hash FROM account WHERE name = ?", (name,)).fetchone()
        known = row is not None
        with self._turn:
            right = self._right(row[0] if known else self._nobody, password) and known
        if right:
            with self._open() as database:
                database.execute("DELETE FROM failure WHERE name = ?", (name,))
        return right

    def locked(self, name: str) -> bool:
        """Whether the name is locked now, account or not."""
        with self._open() as database:
            return self._locked(database, name, self._clock())

    def _right(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    @staticmethod
    def _locked(database: sqlite3.Connection, name: str, now: float) -> bool:
        row = database.execute("SELECT tries, last FROM failure WHERE name = ?", (name,)).fetchone()
        if row is None or row[0] < FREE_TRIES:
            return False
        seconds = min(LONGEST_LOCK, 15 * 2 ** min(row[0] - FREE_TRIES, 10))
        return bool(now < row[1] + seconds)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction that begins with the write lock."""
        fresh = not self._path.exists()
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as database:
            if fresh:
                Path(self._path).chmod(0o600)
            database.executescript(SCHEMA)
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")


def add_account(instance: Instance, name: str, password: str, *, replace: bool = False) -> None:
    """Create an account of the instance; the hub need not run (see `AccountBook.add`)."""
    AccountBook(instance).add(name, password, replace=replace)
