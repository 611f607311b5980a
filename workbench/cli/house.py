"""What a command may ask of the house: made by wiring, handed to every command as `ctx.obj`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

import typer

from workbench.cli.rooms import Accounts, HubDoor, Processes
from workbench.ports import (
    Blobs,
    Catalogue,
    Clock,
    EndSigner,
    PortalClient,
    Records,
    RegistryDesk,
    Rejudger,
    SignIn,
)
from workbench.services.policy_folder import PolicyFolder
from workbench.settings import Computing, Instance

__all__ = ["House", "house"]


class House(Protocol):
    """The rooms a command may enter; each is opened when first asked for."""

    root: Path
    """Where --instance points; it need not exist yet."""

    @property
    def instance(self) -> Instance:
        """The instance; Refusal("no_instance") when there is none."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def records(self) -> Records:
        """The storage of record."""

    @property
    def desk(self) -> RegistryDesk:
        """The linker, over its socket; Refusal("not_running") when it does not answer."""

    @property
    def policies(self) -> PolicyFolder:
        """The policies that count in the instance."""

    @property
    def ends(self) -> EndSigner:
        """The engine, over its control socket; Refusal("not_running") when it does not answer."""

    @property
    def rejudger(self) -> Rejudger:
        """The same, for as long as a plan may take."""

    @property
    def blobs(self) -> Blobs:
        """The files of output requests."""

    @property
    def catalogue(self) -> Catalogue:
        """What registries have published, by their contracts."""

    def portal(self, signin: SignIn) -> PortalClient:
        """The portal's JSON API, signed in; Refusal("not_signed_in") or ("not_running")."""

    def found(self, kind: str, port: int, database: str) -> Instance:
        """Create the instance with its keys and database; an existing one is opened."""

    def demo_extracts(self, folder: Path) -> Mapping[str, Path]:
        """Write the demo's extracts as their owners would send them; files by dataset."""

    @property
    def card(self) -> Mapping[str, Any]:
        """The instance's public card."""

    def serve(self, service: str) -> None:
        """Run one of the instance's processes until it is told to stop."""

    def serve_engine(self, computing: Computing) -> None:
        """Run the engine, computing there, until it is told to stop."""

    def cluster_days(self) -> int:
        """Days until the engine's certificate for its cluster ends; OSError without one."""

    def cluster_scheduler(self, certificates: Path, host: str, port: int) -> None:
        """Run the scheduler of a cluster; it needs no instance."""

    def cluster_worker(
        self,
        scheduler: str,
        certificates: Path,
        views: Path,
        host: str,
        threads: int,
        memory_mb: int,
    ) -> None:
        """Run a worker of a cluster; it needs no instance."""

    @property
    def accounts(self) -> Accounts:
        """Who may sign in, and who is what."""

    @property
    def hub(self) -> HubDoor:
        """The hub at the instance's URL, nobody signed in yet."""

    @property
    def processes(self) -> Processes:
        """The processes of the instance, not started yet."""

    @property
    def actor(self) -> str:
        """Who the audit log says did it: `os:<account>`."""


def house(context: typer.Context) -> House:
    """The house of the running command."""
    return cast(House, context.obj)
