"""Who may launch kernels: grants by the hash of their token, kept over a restart.

A grant with a lease holds only while the hub renews it: when the hub hangs, or can no longer read
the permits, kernels end by themselves.
"""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import TypeAdapter

from kernels.errors import Fault, Refusal
from kernels.host.endings import Ending
from kernels.protocol import Grant, Launch, Renew, Revoke

__all__ = ["Grants"]

_OPENED = ("sealed", "sealed_kernel", "expires")
_BOOK: TypeAdapter[list[Grant]] = TypeAdapter(list[Grant])


class Grants:
    """The grants in force. Only hashes of tokens are held, in memory and on disk."""

    def __init__(self, path: Path, ticks: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._ticks = ticks  # not the clock, which may be set: a lease is a length of time
        self._renewed: dict[str, float] = {}
        self._book: dict[str, Grant] = {}
        if path.exists():
            try:
                kept = _BOOK.validate_json(path.read_bytes())
            except ValueError:
                raise Fault("the book of launch grants is damaged") from None
            self._book = {grant.token_sha256: grant for grant in kept}
            self._renewed = dict.fromkeys(self._book, ticks())  # the hub gets its time again

    def add(self, grant: Grant, now: float) -> None:
        """Note a grant; those that have expired are forgotten. now: Unix seconds."""
        self._book[grant.token_sha256] = grant
        self._renewed[grant.token_sha256] = self._ticks()
        self._book = {key: kept for key, kept in self._book.items() if kept.expires > now}
        self._save()

    def renew(self, renewed: Renew) -> None:
        """The person's grants in the project hold on, and open what the permit opens now."""
        changed = False
        for key, known in self._book.items():
            if (known.project, known.user) != (renewed.project, renewed.user):
                continue
            self._renewed[key] = self._ticks()
            opened = {name: getattr(renewed, name) for name in _OPENED}
            now = known.model_copy(update=opened)
            if now != known:
                self._book[key], changed = now, True
        if changed:
            self._save()

    def closed(self, known: Grant, lane: str, now: float) -> Ending | None:
        """Why a kernel of this lane, started under this grant, must end; None when it may run on.

        now: Unix seconds.
        """
        present = self._book.get(known.token_sha256)
        if (present or known).expires <= now:
            return Ending.EXPIRED
        if present is None:
            return Ending.WITHDRAWN
        if self._lapsed(present):
            return Ending.UNCONFIRMED
        return None if _opens(present, lane) else Ending.AMENDED

    def _lapsed(self, grant: Grant) -> bool:
        since = self._renewed.get(grant.token_sha256, 0.0)
        return bool(grant.lease) and self._ticks() > since + grant.lease

    def withdraw(self, revoke: Revoke) -> None:
        """Forget the grants of a project, or of one person in it."""
        self._book = {
            key: kept
            for key, kept in self._book.items()
            if kept.project != revoke.project or revoke.user not in {None, kept.user}
        }
        self._save()

    def check(self, launch: Launch, peer: int, now: float) -> Grant:
        """The grant behind a launch; Refusal when there is none for this token and account.

        peer: the uid that the operating system says is asking. A wrong token and a wrong account
        get the same words.
        """
        digest = hashlib.sha256(launch.token.encode()).hexdigest()
        grant = self._book.get(digest)
        if grant is None or grant.server_uid not in {0, peer}:
            raise Refusal(
                "not_granted",
                "This server may not start kernels.",
                "Stop the server in the hub and start it again from the project's page.",
            )
        if grant.expires <= now:
            raise Refusal(
                "permit_expired",
                "The permit of this project has expired.",
                "Ask for an extension of the permit; your notebooks are kept.",
            )
        if self._lapsed(grant):
            raise Refusal(
                "not_confirmed",
                "The hub has not confirmed this project's permit for a while.",
                "Try again in a minute; if it stays so, tell the operator.",
            )
        if launch.lane == "sealed" and not grant.sealed:
            raise Refusal(
                "sealed_not_permitted",
                "The permit of this project does not include sealed runs.",
                "Use the Workbench kernel, or ask for an amendment of the permit.",
            )
        if launch.lane == "interactive" and not grant.sealed_kernel:
            raise Refusal(
                "sealed_kernel_not_permitted",
                "The permit of this project does not include an interactive sealed kernel.",
                "Use the Workbench kernel, or ask for an amendment of the permit.",
            )
        return grant

    def _save(self) -> None:
        draft = self._path.with_name(f".{self._path.name}.new")
        book = [grant.model_dump() for grant in self._book.values()]
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(book, out)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(self._path)


def _opens(grant: Grant, lane: str) -> bool:
    """Whether the grant opens a lane; the Workbench kernel is open to everybody with a grant."""
    return {"sealed": grant.sealed, "interactive": grant.sealed_kernel}.get(lane, True)
