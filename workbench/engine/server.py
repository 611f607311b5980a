"""The engine's process: keys and views opened, the control socket served until told to stop."""

import logging
import os
import select
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from fractions import Fraction
from pathlib import Path

import numpy as np

from disclosure.privacy.mechanisms import noisy_counts
from pseudonym.keys import open_zone_keyring
from pseudonym.view import open_view
from workbench.domain.errors import Refusal
from workbench.engine.control import Control
from workbench.engine.desk import Desk
from workbench.engine.executors import executor_of
from workbench.engine.kernel_port import Ports
from workbench.engine.refusals import translated
from workbench.engine.run import Engine, Keys, Known
from workbench.engine.turns import Turns
from workbench.engine.views import Views
from workbench.plan import Plan
from workbench.ports import Catalogue, Clock, Records
from workbench.services.policy_folder import policies_of
from workbench.settings import Computing, Instance

__all__ = ["serve", "serve_socket"]

_log = logging.getLogger("workbench.engine")
BACKLOG = 32
POLL_MILLISECONDS = 500
PLANS_AT_ONCE = 4


def serve(
    instance: Instance,
    records: Records,
    clock: Clock,
    policies: Path,
    computing: Computing,
    catalogue: Catalogue | None = None,
) -> None:
    """Run the engine of an instance until SIGTERM or SIGINT.

    policies: the platform's folder of TOML policies. computing: here or on a cluster. catalogue:
    lets a refusal tell a variable outside the permit from a misspelt one. Raises Refusal: no
    keyring, wrong passphrase, already running, no cluster.
    """
    with translated():
        keyring = open_zone_keyring(instance.zone("engine"), os.environ)
    keys: Keys = keyring
    views = Views(instance.zone("views"), lambda path: open_view(path, keyring.unseal))
    executor = executor_of(computing, instance, keyring, clock)
    folder = policies_of(
        policies, instance.root, instance.zone("engine"), lambda: clock.now().date()
    )
    engine = Engine(records, clock, views, folder, keys, executor, _known(catalogue))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=_warm, daemon=True).start()
    try:
        serve_socket(engine, keys, instance.socket("engine"), stop)
    finally:
        executor.close()


def serve_socket(engine: Engine, keys: Keys, path: Path, stop: threading.Event) -> None:
    """Answer on the control socket at `path` (mode 0600) until `stop` is set."""
    desk = Desk(engine, keys)
    ports = Ports(desk, Turns(PLANS_AT_ONCE))
    control = Control(desk, ports)
    with _listening(path) as listener:
        _log.info("the engine listens")
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        while not stop.is_set():
            if poll.poll(POLL_MILLISECONDS):
                with suppress(OSError):
                    control.admit(listener.accept()[0])
        control.close()
        ports.close()


def _known(catalogue: Catalogue | None) -> Known:
    def variables(dataset: str) -> tuple[str, ...]:
        if catalogue is None:
            return ()
        try:
            return tuple(one.name for one in catalogue.variables(dataset))
        except Refusal:
            return ()

    return variables


def _warm() -> None:
    """Load what the first plan and the first noisy count would otherwise wait for."""
    Plan.model_rebuild()
    noisy_counts(np.zeros(1, dtype=np.int64), Fraction(1))


@contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = path.parent.stat()
    if folder.st_uid != os.geteuid() or folder.st_mode & 0o022:
        raise Refusal(
            "open_folder",
            "The folder of the engine's socket can be changed by other accounts.",
            f"Give it to the platform's account alone: chmod 700 {path.parent}",
        )
    if _alive(path):
        raise Refusal(
            "already_running",
            "An engine answers already.",
            "Stop the other one first; one instance has one engine.",
        )
    path.unlink(missing_ok=True)
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as listener:
        mask = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(mask)
        listener.listen(BACKLOG)
        listener.setblocking(False)  # noqa: FBT003 - the library's signature
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def _alive(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
