"""The second factor: one-time codes by time (RFC 6238) and recovery codes, sealed at rest.

A code is taken once and in its own half minute or the ones beside it. Codes themselves are made by
pyotp; this module keeps the secrets and remembers what has been used.
"""

import base64
import hashlib
import hmac
import re
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workbench.domain.errors import Refusal

__all__ = ["Enrolment", "SecondFactors"]

STEP = 30  # seconds a code lasts
NEAR = (-1, 0, 1)  # steps beside the present one that count: clocks and typing fingers
RECOVERY = 8  # codes for the day the telephone is lost
CODE = re.compile(r"[0-9]{6}")
LONGEST = 64  # characters of a code that anybody types


@dataclass(frozen=True)
class Enrolment:
    """What the person's app needs, shown once: the secret (base32) and its otpauth address."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


class SecondFactors:
    """The second factors of an instance; each method works in the caller's transaction.

    key: 32 bytes that seal the secrets (AES-256-GCM, bound to the account's name).
    """

    def __init__(self, key: bytes, instance: str) -> None:
        self._seal = AESGCM(key)
        self._issuer = f"Workbench {instance[:6]}"
        self._nobody = pyotp.random_base32()

    def begin(self, database: sqlite3.Connection, name: str) -> Enrolment:
        """Draw a secret that counts from its first code on; an older factor stays till then."""
        secret = pyotp.random_base32()
        nonce = secrets.token_bytes(12)
        sealed = nonce + self._seal.encrypt(nonce, secret.encode(), name.encode())
        database.execute("REPLACE INTO pending VALUES (?, ?)", (name, sealed))
        return Enrolment(
            secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=self._issuer)
        )

    def confirm(
        self, database: sqlite3.Connection, name: str, code: str, now: float
    ) -> Sequence[str]:
        """The first code makes the drawn secret count; returns the recovery codes, shown once.

        Raises Refusal("no_enrolment" | "wrong_code").
        """
        row = database.execute("SELECT sealed FROM pending WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise Refusal("no_enrolment", "No second factor is being set up.", "Begin again.")
        step = _matching(self._open(row[0], name), code, now, after=0)
        if step is None:
            raise Refusal(
                "wrong_code",
                "The code does not belong to this secret.",
                "Check that the telephone's clock is right, and type the newest code.",
            )
        database.execute("DELETE FROM pending WHERE name = ?", (name,))
        database.execute("REPLACE INTO factor VALUES (?, ?, ?)", (name, row[0], step))
        database.execute("DELETE FROM recovery WHERE name = ?", (name,))
        codes = [_recovery_code() for _ in range(RECOVERY)]
        rows = [(name, _hash(name, code)) for code in codes]
        database.executemany("INSERT INTO recovery VALUES (?, ?)", rows)
        return codes

    def has(self, database: sqlite3.Connection, name: str) -> bool:
        """Whether the account has a second factor that counts."""
        row = database.execute("SELECT 1 FROM factor WHERE name = ?", (name,)).fetchone()
        return row is not None

    def remove(self, database: sqlite3.Connection, name: str) -> None:
        """Forget the account's second factor, its recovery codes, and one that was begun."""
        for table in ("factor", "pending", "recovery"):
            database.execute(f"DELETE FROM {table} WHERE name = ?", (name,))  # noqa: S608 - three constants

    def passes(
        self, database: sqlite3.Connection, name: str, code: str, now: float, *, use: bool
    ) -> bool:
        """Whether the code opens the account; without a second factor any does.

        use: the password was right. Only then is the code used up, so that nobody without the
        password uses up somebody's codes.
        """
        code = code.strip()
        code = "" if len(code) > LONGEST else code
        row = database.execute("SELECT sealed, step FROM factor WHERE name = ?", (name,)).fetchone()
        # an account without one costs the same arithmetic
        secret = self._nobody if row is None else self._open(row[0], name)
        step = _matching(secret, code, now, after=row[1] if row else 0)
        kept = database.execute(
            "SELECT 1 FROM recovery WHERE name = ? AND hash = ?", (name, _hash(name, code))
        ).fetchone()
        if row is None:
            return True
        if step is not None:
            if use:
                database.execute("UPDATE factor SET step = ? WHERE name = ?", (step, name))
            return True
        if kept is not None and use:
            database.execute(
                "DELETE FROM recovery WHERE name = ? AND hash = ?", (name, _hash(name, code))
            )
        return kept is not None

    def _open(self, sealed: bytes, name: str) -> str:
        try:
            return self._seal.decrypt(sealed[:12], sealed[12:], name.encode()).decode()
        except InvalidTag:
            raise Refusal(
                "damaged_factor",
                "The second factor of this account cannot be read.",
                "Set it up again: `workbench account totp`.",
            ) from None


def _matching(secret: str, code: str, now: float, *, after: int) -> int | None:
    """The step whose code this is, later than `after`; each near step is compared."""
    code = code.replace(" ", "")
    shown = code if CODE.fullmatch(code) else "------"
    otp, present = pyotp.HOTP(secret), int(now // STEP)
    steps = [
        step for step in (present + near for near in NEAR)
        if hmac.compare_digest(otp.at(step), shown)
    ]  # fmt: skip
    return next((step for step in steps if step > after), None)


def _recovery_code() -> str:
    """80 random bits, so that a plain hash keeps them."""
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def _hash(name: str, code: str) -> str:
    plain = code.lower().replace("-", "").replace(" ", "")
    return hashlib.sha256(f"{name}\0{plain}".encode()).hexdigest()
