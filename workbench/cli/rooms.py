"""What commands ask of the hub and of the processes; wiring puts the adapters behind it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

__all__ = ["Accounts", "Drawn", "HubDoor", "KernelLine", "Processes"]


class Drawn(Protocol):
    """A second factor that has been drawn and does not count yet."""

    @property
    def secret(self) -> str:
        """Base32, to be typed by hand."""

    @property
    def uri(self) -> str:
        """The same as an otpauth address, to be scanned."""


class Accounts(Protocol):
    """Who may sign in, and who is what."""

    def add(self, name: str, password: str, *, replace: bool = False) -> None:
        """Create an account; Refusal on a bad name, a weak password, or a name that is taken."""

    def remove(self, name: str) -> None:
        """Delete an account; Refusal("no_account") when there is none."""

    def names(self) -> Sequence[str]:
        """Every account, sorted."""

    def groups(self) -> Mapping[str, Sequence[str]]:
        """The hub groups of the roles file and their accounts."""

    def way_in(self) -> str:
        """How people sign in; Refusal when the identity provider's settings are damaged."""

    def open_names(self) -> Sequence[str]:
        """Every account that is not locked, sorted."""

    def lock(self, name: str) -> None:
        """Close an account and end its sessions; Refusal("no_account")."""

    def unlock(self, name: str) -> None:
        """Open a locked account and forget its failures; Refusal("no_account")."""

    def sign_out(self, name: str) -> None:
        """End every session, token and server of an account; Refusal("no_account")."""

    def begin_second_factor(self, name: str) -> Drawn:
        """Draw a secret for the person's app; Refusal("no_account")."""

    def confirm_second_factor(self, name: str, code: str) -> Sequence[str]:
        """Make it count by its first code; the recovery codes. Refusal on a wrong code."""

    def remove_second_factor(self, name: str) -> None:
        """Forget the second factor and end the sessions; Refusal("no_account")."""

    def has_second_factor(self, name: str) -> bool:
        """Whether the account signs in with a second factor."""

    def needs_second_factor(self, name: str) -> bool:
        """Whether a role of the account counts only with one."""

    def link(self, name: str, mark: str) -> None:
        """Let the person with this registration code in; Refusal on a bad code or a taken one."""


class KernelLine(Protocol):
    """A running kernel."""

    def execute(
        self, code: str, on_output: Callable[[Mapping[str, Any]], None] | None = None
    ) -> Mapping[str, Any]:
        """Run one cell: {"status": "ok"|"error", "execution_count", "outputs": [nbformat …]}."""


class HubDoor(Protocol):
    """The hub as a person meets it."""

    def sign_in(self, user: str, password: str) -> None:
        """Through the login form; Refusal("not_signed_in") when the hub says no."""

    def start_server(self, project: str) -> None:
        """Start the project's server and wait for it; Refusal with the hub's sentence."""

    def put(self, project: str, name: str, content: Mapping[str, Any]) -> None:
        """Lay a notebook into the person's folder of the project, if none of its name is there."""

    def kernel(self, project: str, name: str = "workbench") -> AbstractContextManager[KernelLine]:
        """Start a kernel in the project's server; it is shut down at the end."""

    def close(self) -> None:
        """Sign out."""


class Processes(Protocol):
    """The processes of an instance."""

    def start(self, progress: Callable[[str], None] | None = None) -> None:
        """Start everything and wait until each answers; Refusal names the log of what failed."""

    def wait(self) -> None:
        """Watch over them until SIGTERM, SIGINT or `stop`."""

    def stop(self) -> None:
        """Stop everything in order."""
