"""An engine over plain views with real books, real keys and the real gate."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from pydantic import TypeAdapter

from kernels.protocol import Attach, Attached, Detach, EngineReply, pack, read_frame, unpack
from pseudonym.keyring import Keyring
from tests.lib.plain_view import PlainView
from workbench.adapters.sql.records import SqlRecords, open_records
from workbench.domain.audit import AuditEvent, What
from workbench.domain.permit import DatasetGrant, Member, Permit
from workbench.engine.local import LocalExecutor
from workbench.engine.run import Engine
from workbench.engine.server import serve_socket
from workbench.engine.views import Views
from workbench.plan import Plan, canonical, nodes
from workbench.services.policy_folder import PolicyFolder

POLICIES = Path(__file__).resolve().parents[2] / "policies"
PASSPHRASE = b"passphrase of a test"
EVENT = AuditEvent(What.PERMIT_GRANT, "test", "permit")
REPLY: TypeAdapter[EngineReply] = TypeAdapter(EngineReply)


@cache
def shared_keys() -> Keyring:
    """One keyring for all worlds of a test run: stretching a passphrase takes its time."""
    with TemporaryDirectory() as folder:
        return Keyring.create(Path(folder) / "keyring.json", PASSPHRASE)


@cache
def empty_books() -> bytes:
    """A migrated database without a row, made once for a test run."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite"
        open_records(f"sqlite:///{path}", Clock()).close()
        return path.read_bytes()


@dataclass
class Clock:
    """A clock that stands until it is told to move."""

    at: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at


@dataclass
class World:
    """An engine and its surroundings; `views` may be added to at any time."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    views: dict[tuple[str, str], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        books = self.folder / "workbench.sqlite"
        if not books.exists():
            books.write_bytes(empty_books())
        self.records: SqlRecords = open_records(f"sqlite:///{books}", self.clock)
        own = self.folder / "keyring.json"
        self.keys: Keyring = Keyring.open(own, PASSPHRASE) if own.exists() else shared_keys()
        self.engine = Engine(
            self.records,
            self.clock,
            Views(self.folder / "views", lambda found: self.views[found.parts[-2], found.name]),
            PolicyFolder(POLICIES),
            self.keys,
            LocalExecutor(),
        )

    def add(self, view: PlainView, **permit: Any) -> None:
        """A project with an active permit for everything in the view."""
        (self.folder / "views" / view.project / view.version).mkdir(parents=True, exist_ok=True)
        self.views[view.project, view.version] = view
        grants = tuple(
            DatasetGrant(dataset=name, variables=tuple(one["columns"]))
            for name, one in view.describe()["datasets"].items()
        )
        defaults: dict[str, Any] = {
            "project": view.project,
            "title": "A study",
            "purpose": "To test",
            "valid_from": date(2026, 1, 1),
            "valid_until": date(2027, 1, 1),
            "members": (Member(user="researcher"), Member(user="colleague")),
            "datasets": grants,
            "budget_rho": "1/2",
        }
        self.records.permits.grant(Permit(**(defaults | permit)), EVENT)
        self.records.permits.set_view(view.project, view.version, EVENT)

    def ask(
        self,
        analysis: nodes.Analysis | str,
        project: str = "nafld-mortality",
        user: str = "researcher",
    ) -> Mapping[str, Any]:
        """The engine's answer to an analysis, or to the plan of a text."""
        text = (
            analysis if isinstance(analysis, str) else canonical(Plan(analysis=analysis)).decode()
        )
        return self.engine.run(
            project, user, text, cancelled=threading.Event(), progress=lambda done, total: None
        )

    def audited(self, what: What) -> list[AuditEvent]:
        """The events of a kind, in order."""
        return [one.event for one in self.records.audit.entries() if one.event.what == what]

    @contextmanager
    def served(self, *, watched: bool = False) -> Iterator[Path]:
        """The engine on its control socket, in a thread.

        watched: with its monitor of probing. Most tests ask as no study would; those that look for
        leaks must find that the gate alone withstands them.
        """
        with ExitStack() as stack:
            if not watched:
                stack.enter_context(patch("workbench.engine.watch.patterns", lambda *_: []))
            yield from self._served()

    def _served(self) -> Iterator[Path]:
        stop, path = threading.Event(), self.folder / "run" / "engine.sock"
        thread = threading.Thread(target=serve_socket, args=(self.engine, self.keys, path, stop))
        thread.start()
        try:
            wait_for(path)
            yield path
        finally:
            stop.set()
            thread.join(10)


@contextmanager
def attached(
    control: Path,
    folder: Path,
    uid: int,
    project: str = "nafld-mortality",
    user: str = "researcher",
    kernel: str = "0123456789abcdef",
) -> Iterator[Path]:
    """A kernel's listening socket, handed to the engine as the gate daemon does."""
    path = folder / f"{kernel}.sock"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as line:
        listener.bind(str(path))
        listener.listen(8)
        line.connect(str(control))
        line.settimeout(20)
        message = pack(Attach(kernel=kernel, project=project, user=user, uid=uid))
        socket.send_fds(line, [message], [listener.fileno()])
        assert isinstance(unpack(REPLY, read_frame(line) or b""), Attached)
        yield path
        line.sendall(pack(Detach(kernel=kernel)))
        read_frame(line)
    path.unlink()


def wait_for(path: Path) -> None:
    """Until somebody listens at the path; a minute, for machines that do much else."""
    for _ in range(1200):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(path))
            except OSError:
                threading.Event().wait(0.05)
            else:
                return
    raise TimeoutError


def columns(*pairs: tuple[str, Any]) -> tuple[nodes.Derived, ...]:
    """Derived variables by name."""
    return tuple(nodes.Derived(name=name, value=value) for name, value in pairs)
