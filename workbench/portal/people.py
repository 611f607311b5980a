"""Who is asking, and how they sign in: the seam that a real hub and a test both fill."""

from dataclasses import dataclass
from typing import Protocol

from workbench.domain.permissions import Person

__all__ = ["Begun", "Finished", "SignIn"]


@dataclass(frozen=True)
class Begun:
    """A sign-in under way: where to send the browser, and the state it must bring back."""

    url: str
    state: str


@dataclass(frozen=True)
class Finished:
    """A sign-in that succeeded: an opaque session, its person, and the page asked for first."""

    session: str
    person: Person
    next_path: str


class SignIn(Protocol):
    """What the portal needs from whoever keeps the accounts."""

    @property
    def sign_out_url(self) -> str:
        """Where the browser goes after the portal forgot the session."""

    @property
    def account_url(self) -> str | None:
        """Where people see to their own password and second factor; None where others keep them."""

    def begin(self, next_path: str) -> Begun:
        """Start a sign-in that ends on `next_path` (a path of the portal)."""

    async def finish(self, code: str, state: str) -> Finished | None:
        """Exchange the code; None when code or state are unknown, used or expired."""

    async def by_session(self, session: str, hub_session: str) -> Person | None:
        """The person of an opaque session, if the hub still says so."""

    async def by_token(self, token: str) -> Person | None:
        """The person of an API token, if the hub knows it and it may use the portal."""

    def forget(self, session: str) -> None:
        """End a session here."""
