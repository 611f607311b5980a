"""Accounts of an instance: names and Argon2id hashes in one SQLite file, with a lock-out.

The file belongs to the hub. An unknown name, a wrong password and a wrong code cost the same time,
get the same answer and lock as soon, so none tells who has an account. Parameters: RFC 9106,
section 4, second choice. Why not a ready-made authenticator: docs/adr/0008-accounts.md.
"""

import hmac
import re
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from workbench.adapters.hub import guesses
from workbench.adapters.hub.book import book_key, open_book
from workbench.adapters.hub.guesses import FREE_TRIES, LONGEST_LOCK
from workbench.adapters.hub.provider import read_provider
from workbench.adapters.hub.roles import Roles
from workbench.adapters.hub.second_factor import Enrolment, SecondFactors
from workbench.domain.errors import Refusal
from workbench.settings import Instance

__all__ = ["FREE_TRIES", "LONGEST_LOCK", "AccountBook", "add_account"]

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
SHORTEST, LONGEST = 10, 256  # characters of a password


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
        zone = instance.zone("hub")
        self._instance = instance
        self._path = zone / "accounts.sqlite"
        self._roles = instance.zone("portal") / "roles.toml"
        self._clock = clock
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._nobody = self._hasher.hash("nobody has this password")
        self._turn = threading.BoundedSemaphore(2)  # each hash takes 64 MiB
        self._key = book_key(zone)
        self._factors = SecondFactors(self._key, instance.id)

    def add(self, name: str, password: str, *, replace: bool = False) -> None:
        """Create an account, or with `replace` give it a new password and forget its failures.

        A new password ends every session of the account.
        Raises Refusal("bad_account_name" | "weak_password" | "account_exists").
        """
        _check_name(name)
        if not SHORTEST <= len(password) <= LONGEST or len(set(password)) < 4:
            raise Refusal(
                "weak_password",
                f"A password has {SHORTEST} to {LONGEST} characters, and not all the same.",
                "Choose a longer one; four unrelated words do well.",
            )
        hashed = self._hasher.hash(password)
        clause = "DO UPDATE SET hash = excluded.hash" if replace else "DO NOTHING"
        with self._open() as database:
            known = self._known(database, name)
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
            guesses.forget(database, name)
            if known:
                self._end(database, name)

    def change_password(self, name: str, old: str, code: str, new: str) -> None:
        """A person's own change: the old password (and code) first, counted like a sign-in.

        Raises Refusal("not_signed_in") as one answer for a wrong password, code or locked name.
        """
        if not self.check(name, old, code):
            raise Refusal(
                "not_signed_in",
                "The present password or the code is not right.",
                "Try again; after five failures an account is locked for a while.",
            )
        self.add(name, new, replace=True)

    def remove(self, name: str) -> None:
        """Delete an account and its second factor; its sessions and servers end within a minute."""
        with self._open() as database:
            self._must_know(database, name)
            for table in ("account", "closed", "person"):
                database.execute(f"DELETE FROM {table} WHERE name = ?", (name,))  # noqa: S608 - three constants
            self._factors.remove(database, name)
            self._end(database, name)

    def lock(self, name: str) -> None:
        """Close an account until it is unlocked; its sessions and servers end within a minute."""
        with self._open() as database:
            self._must_know(database, name)
            database.execute("INSERT OR IGNORE INTO closed VALUES (?)", (name,))
            self._end(database, name)

    def unlock(self, name: str) -> None:
        """Open a locked account, and forget its failures."""
        with self._open() as database:
            self._must_know(database, name)
            database.execute("DELETE FROM closed WHERE name = ?", (name,))
            guesses.forget(database, name)

    def sign_out(self, name: str) -> None:
        """End every session, token and server of an account within a minute; it stays open."""
        with self._open() as database:
            self._must_know(database, name)
            self._end(database, name)

    def endings(self) -> Sequence[tuple[str, float]]:
        """Whose sessions are to end, and since when; the hub asks every few seconds."""
        with self._open() as database:
            return database.execute("SELECT name, at FROM ending ORDER BY at").fetchall()

    def ended(self, name: str, at: float) -> None:
        """The hub has ended what ran at `at`; an ending asked for since then stays."""
        with self._open() as database:
            database.execute("DELETE FROM ending WHERE name = ? AND at = ?", (name, at))

    def begin_second_factor(self, name: str) -> Enrolment:
        """Draw a secret for the person's app; Refusal("no_account")."""
        with self._open() as database:
            self._must_know(database, name)
            return self._factors.begin(database, name)

    def confirm_second_factor(self, name: str, code: str) -> Sequence[str]:
        """The first code makes it count; the recovery codes.

        Tries are counted like those of a sign-in: who has only somebody's session guesses no code.
        Raises Refusal("no_enrolment" | "wrong_code").
        """
        now = self._clock()
        with self._open() as database:
            locked = guesses.locked(database, name, now)
            if not locked:
                guesses.count(database, name, now)
        if locked:
            raise Refusal("wrong_code", "Too many codes did not fit.", "Try again in a while.")
        with self._open() as database:
            codes = self._factors.confirm(database, name, code, now)
            guesses.forget(database, name)
        return codes

    def remove_second_factor(self, name: str) -> None:
        """Forget the second factor; the account's sessions end. Refusal("no_account")."""
        with self._open() as database:
            self._must_know(database, name)
            self._factors.remove(database, name)
            self._end(database, name)

    def has_second_factor(self, name: str) -> bool:
        """Whether a second factor is asked for at sign-in."""
        with self._open() as database:
            return self._factors.has(database, name)

    def needs_second_factor(self, name: str) -> bool:
        """Whether one of the account's roles counts only with a second factor."""
        return Roles.read(self._roles).needs_second_factor(name)

    def link(self, name: str, mark: str) -> None:
        """Let the person with this mark (see `mark`) of the identity provider in as `name`.

        Raises Refusal("bad_account_name" | "bad_code" | "account_exists").
        """
        _check_name(name)
        if not re.fullmatch(r"[0-9a-f]{32}", mark):
            raise Refusal(
                "bad_code",
                "This is no registration code.",
                "Copy all 32 characters that the sign-in page showed.",
            )
        with self._open() as database:
            held = database.execute("SELECT name FROM person WHERE mark = ?", (mark,)).fetchone()
            if held is not None and held[0] != name:
                raise Refusal(
                    "account_exists",
                    f"This person already signs in as {held[0]}.",
                    "One person has one account; remove the other first.",
                )
            database.execute("INSERT OR IGNORE INTO person VALUES (?, ?)", (mark, name))

    def mark(self, issuer: str, subject: str) -> str:
        """Who somebody is at an identity provider, as 32 characters that nobody can turn back."""
        told = f"{issuer}\0{subject}".encode()
        return hmac.new(self._key, told, "sha256").hexdigest()[:32]

    def named(self, mark: str) -> str | None:
        """The account of the person with this mark; None if none is linked or it is locked."""
        with self._open() as database:
            row = database.execute(
                "SELECT name FROM person WHERE mark = ? AND name NOT IN (SELECT name FROM closed)",
                (mark,),
            ).fetchone()
        return None if row is None else str(row[0])

    def names(self) -> Sequence[str]:
        """Every account, sorted."""
        with self._open() as database:
            return self._names(database)

    def open_names(self) -> Sequence[str]:
        """Every account that is not locked by an operator, sorted."""
        with self._open() as database:
            closed = {row[0] for row in database.execute("SELECT name FROM closed")}
            return [name for name in self._names(database) if name not in closed]

    def way_in(self) -> str:
        """How people sign in, in a few words; Refusal("damaged_oidc") if that is not settled."""
        provider = read_provider(self._instance)
        if provider is None:
            return "accounts of this instance: passwords and one-time codes"
        means = "a private key" if provider.key_file else "a secret"
        return f"{provider.name} (OpenID Connect by {means}, {' or '.join(provider.levels)})"

    def groups(self) -> Mapping[str, Sequence[str]]:
        """The groups of the roles file and their accounts."""
        return Roles.read(self._roles).groups()

    def check(self, name: str, password: str, code: str = "") -> bool:
        """Whether password and code are right; always False while the name is locked.

        Counts the failure before it answers, so that parallel tries are no way around the lock.
        """
        if not NAME.fullmatch(name) or len(password) > LONGEST:
            return False
        now = self._clock()
        with self._open() as database:
            guesses.forget_old(database, now)
            if guesses.locked(database, name, now):
                return False
            guesses.count(database, name, now)
            row = database.execute(
                "SELECT hash FROM account WHERE name = ? AND name NOT IN (SELECT name FROM closed)",
                (name,),
            ).fetchone()
        known = row is not None
        with self._turn:
            same = self._right(row[0] if known else self._nobody, password)
        right = bool(same and known)
        with self._open() as database:
            right &= self._factors.passes(database, name, code, now, use=right)
            if right:
                guesses.forget(database, name)
        return right

    def locked(self, name: str) -> bool:
        """Whether failures lock the name now, account or not."""
        with self._open() as database:
            return guesses.locked(database, name, self._clock())

    def _right(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _end(self, database: sqlite3.Connection, name: str) -> None:
        database.execute("REPLACE INTO ending VALUES (?, ?)", (name, self._clock()))

    def _names(self, database: sqlite3.Connection) -> list[str]:
        rows = database.execute("SELECT name FROM account UNION SELECT name FROM person ORDER BY 1")
        return [row[0] for row in rows]

    def _known(self, database: sqlite3.Connection, name: str) -> bool:
        return name in self._names(database)

    def _must_know(self, database: sqlite3.Connection, name: str) -> None:
        if not self._known(database, name):
            raise Refusal(
                "no_account", f"There is no account {name}.", "See `workbench account list`."
            )

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return open_book(self._path)


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise Refusal(
            "bad_account_name",
            "An account's name is made of a-z, 0-9, dot, dash and underscore.",
            "Choose another name of at most 64 characters, beginning with a letter or digit.",
        )


def add_account(instance: Instance, name: str, password: str, *, replace: bool = False) -> None:
    """Create an account of the instance; the hub need not run (see `AccountBook.add`)."""
    AccountBook(instance).add(name, password, replace=replace)
