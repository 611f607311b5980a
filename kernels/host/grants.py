"""Who may launch kernels: grants by the hash of their token, kept over a restart."""

import contextlib
import hashlib
import json
import os
from pathlib import Path

from pydantic import TypeAdapter

from kernels.errors import Fault, Refusal
from kernels.protocol import Grant, Launch, Revoke

__all__ = ["Grants"]

_BOOK: TypeAdapter[list[Grant]] = TypeAdapter(list[Grant])


class Grants:
    """The grants in force. Only hashes of tokens are held, in memory and on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._book: dict[str, Grant] = {}
        if path.exists():
            try:
                kept = _BOOK.validate_json(path.read_bytes())
            except ValueError:
                raise Fault("the book of launch grants is damaged") from None
            self._book = {grant.token_sha256: grant for grant in kept}

    def add(self, grant: Grant, now: float) -> None:
        """Note a grant; those that have expired are forgotten. now: Unix seconds."""
        self._book[grant.token_sha256] = grant
        self._book = {key: kept for key, kept in self._book.items() if kept.expires > now}
        self._save()

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
