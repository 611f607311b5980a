"""The one composition root: names every adapter once.

Each room imports what it needs when it is first opened, so that a process loads only its own parts
and the vault's code is loaded by the vault's process alone.
"""

import getpass
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from workbench.adapters.clock import SystemClock
from workbench.cli.main import run
from workbench.domain.errors import Refusal
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
from workbench.settings import Computing, Instance, Kind

if TYPE_CHECKING:
    from workbench.adapters.registry_desk import SocketRegistryDesk
    from workbench.cli.rooms import Accounts, HubDoor, Processes
    from workbench.services.policy_folder import PolicyFolder

__all__ = ["Rooms", "hub_settings", "main"]

LOG = "%(asctime)s %(name)s %(message)s"
POLICIES = Path(__file__).resolve().parents[1] / "policies"


class Rooms:
    """The house of one instance; see workbench.cli.house."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def instance(self) -> Instance:
        """The instance in `root`."""
        return Instance.open(self.root)

    @cached_property
    def clock(self) -> Clock:
        """The machine's clock."""
        return SystemClock()

    @cached_property
    def records(self) -> Records:
        """The instance's database, migrated to this version when it is older."""
        from workbench.adapters.sql.records import open_records

        return open_records(self.instance.database, self.clock)

    @cached_property
    def card(self) -> Mapping[str, Any]:
        """The instance's public card: its keys' public halves."""
        card: dict[str, Any] = json.loads(
            (self.instance.root / "card.json").read_text(encoding="utf-8")
        )
        return card

    @cached_property
    def _linker(self) -> "SocketRegistryDesk":
        from pseudonym.keys import DESK_SECRET
        from workbench.adapters.registry_desk import SocketRegistryDesk

        return SocketRegistryDesk(
            self.instance.socket("linker"), self.instance.zone("store") / DESK_SECRET
        )

    @property
    def desk(self) -> RegistryDesk:
        """The linker over its socket."""
        return self._linker

    @property
    def catalogue(self) -> Catalogue:
        """What registries have published, as the linker tells it."""
        return self._linker

    @property
    def policies(self) -> "PolicyFolder":
        """The policies that count in the instance."""
        from workbench.services.policy_folder import policies_of

        place = self.instance
        return policies_of(
            POLICIES, place.root, place.zone("engine"), lambda: self.clock.now().date()
        )

    @cached_property
    def ends(self) -> EndSigner:
        """The engine, over its control socket."""
        from workbench.adapters.engine_control import EngineControl

        return EngineControl(self.instance.socket("engine"))

    @cached_property
    def rejudger(self) -> Rejudger:
        """The same, for as long as a plan may take."""
        from workbench.adapters.engine_control import EngineControl

        return EngineControl(self.instance.socket("engine"), seconds=3600)

    @cached_property
    def blobs(self) -> Blobs:
        """The files of sealed runs."""
        from workbench.adapters.blobs import FolderBlobs

        return FolderBlobs(self.instance.zone("spool") / "blobs")

    def portal(self, signin: SignIn) -> PortalClient:
        """The portal's JSON API."""
        from workbench.adapters.portal_client import open_portal

        return open_portal(signin)

    @cached_property
    def accounts(self) -> "Accounts":
        """The hub's accounts."""
        from workbench.adapters.hub.accounts import AccountBook

        return AccountBook(self.instance)

    @property
    def hub(self) -> "HubDoor":
        """The hub's front door."""
        from workbench.adapters.hub.client import HubClient

        return HubClient(self.instance.url)

    @cached_property
    def processes(self) -> "Processes":
        """The instance's processes."""
        from workbench.adapters.processes import Supervisor

        return Supervisor(self.instance)

    @property
    def actor(self) -> str:
        """The operating system's account."""
        return f"os:{getpass.getuser()}"

    def found(self, kind: str, port: int, database: str) -> Instance:
        """Folders, keys, database; an instance that exists is opened."""
        from pseudonym.keys import found_instance

        known: dict[str, Kind] = {str(one): one for one in get_args(Kind)}
        self.instance = Instance.create(self.root, known[kind], port, database)
        if self.instance.kind != kind:
            raise Refusal(
                "other_kind",
                f"The instance in {self.root} is of kind {self.instance.kind}.",
                "Name another folder with --instance.",
            )
        if database and self.instance.database != database:
            raise Refusal(
                "other_database",
                f"The instance in {self.root} has its records in another database already.",
                "Leave out --database, or name another folder with --instance.",
            )
        found_instance(self.instance.root, known[kind], self.instance.id)
        _ = self.records  # opening them makes the database and its schema
        return self.instance

    def demo_extracts(self, folder: Path) -> Mapping[str, Path]:
        """The demo's three extracts, as their owners would send them."""
        from workbench.adapters.nafld import write_extracts

        return write_extracts(folder)

    def serve(self, service: str) -> None:
        """Run one process of the instance until it is told to stop."""
        logging.basicConfig(level=logging.INFO, format=LOG)
        SERVICES[service](self)

    def serve_engine(self, computing: Computing) -> None:
        """Run the engine, computing there."""
        logging.basicConfig(level=logging.INFO, format=LOG)
        _engine(self, computing)

    def cluster_days(self) -> int:
        """Days until the engine's certificate for its cluster ends."""
        from workbench.engine.cluster.certificates import days_left
        from workbench.engine.executors import CLUSTER

        return days_left(self.instance.zone("engine") / CLUSTER, "engine", self.clock.now())

    def cluster_scheduler(self, certificates: Path, host: str, port: int) -> None:
        """Run the scheduler of a cluster."""
        logging.basicConfig(level=logging.INFO, format=LOG)
        from workbench.engine.cluster.process import run_scheduler

        run_scheduler(certificates, host, port)

    def cluster_worker(
        self,
        scheduler: str,
        certificates: Path,
        views: Path,
        host: str,
        threads: int,
        memory_mb: int,
    ) -> None:
        """Run a worker of a cluster."""
        logging.basicConfig(level=logging.INFO, format=LOG)
        # Workers on one machine share its processors: each computes on its own threads only.
        os.environ.setdefault("POLARS_MAX_THREADS", str(threads))
        from workbench.engine.cluster.process import run_worker

        run_worker(scheduler, certificates, views, host, threads, memory_mb << 20)


def _vault(rooms: Rooms) -> None:
    from pseudonym import vault
    from pseudonym.keys import LINK_SECRET

    place = rooms.instance
    vault.serve(
        place.zone("vault"), place.socket("vault"), place.zone("vault") / LINK_SECRET, place.kind
    )


def _linker(rooms: Rooms) -> None:
    from pseudonym import linker
    from pseudonym.keys import DESK_SECRET, LINK_SECRET

    place = rooms.instance
    linker.serve(
        place.zone("store"),
        place.zone("views"),
        place.socket("linker"),
        place.zone("store") / DESK_SECRET,
        linker.VaultDoor(place.socket("vault"), place.zone("store") / LINK_SECRET),
        place.kind,
    )


def _engine(rooms: Rooms, computing: Computing | None = None) -> None:
    from workbench.engine import server

    place = rooms.instance
    server.serve(
        place,
        rooms.records,
        rooms.clock,
        POLICIES,
        computing or place.computing,
        rooms.catalogue,
    )


def _gated(rooms: Rooms) -> None:
    from kernels.host import gated
    from kernels.host.config import GateConfig

    place = rooms.instance
    gated.serve(
        GateConfig(
            runtime=place.runtime,
            zone=place.zone("gated"),
            views=place.zone("views"),
            spool=place.zone("spool"),
            engine=place.socket("engine"),
            language=os.environ.get("WORKBENCH_LANGUAGE", "en"),
        )
    )


def _portal(rooms: Rooms) -> None:
    from workbench.adapters.engine_control import EngineControl
    from workbench.adapters.hub.provider import read_provider
    from workbench.adapters.twins import Twins
    from workbench.portal import create_app
    from workbench.portal.services import Facts, PortalServices
    from workbench.portal.serving import serve
    from workbench.portal.signin import HubSignIn

    place = rooms.instance
    services = PortalServices(
        records=rooms.records,
        desk=rooms.desk,
        blobs=rooms.blobs,
        certifier=EngineControl(place.socket("engine")),
        overlaps=EngineControl(place.socket("engine")),
        clock=rooms.clock,
        catalogue=Twins(place.zone("views")),
        spool=place.zone("spool"),
        facts=Facts(
            instance=place.id,
            kind=place.kind,
            signers=frozenset({bytes.fromhex(rooms.card["signers"]["engine"])}),
            prefix=os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/services/portal/"),
        ),
    )
    signin = HubSignIn(own_accounts=read_provider(place) is None)
    serve(create_app(services, signin), os.environ.get("JUPYTERHUB_SERVICE_URL", ""))


SERVICES: dict[str, Callable[[Rooms], None]] = {
    "vault": _vault,
    "linker": _linker,
    "engine": _engine,
    "gated": _gated,
    "portal": _portal,
}


def hub_settings() -> dict[str, dict[str, Any]]:
    """JupyterHub's settings for the instance that WORKBENCH_INSTANCE names."""
    from workbench.adapters.hub.settings import hub_settings as settings
    from workbench.adapters.proxy import proxy_command

    rooms = Rooms(Path(os.environ["WORKBENCH_INSTANCE"]))
    language = os.environ.get("WORKBENCH_LANGUAGE", "en")
    return settings(rooms.instance, rooms.records, rooms.clock, proxy_command(), language=language)


def main() -> None:
    """Run the `workbench` command."""
    sys.exit(run(Rooms))
