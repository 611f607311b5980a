"""Who is not let into a cluster, and what those who are in may not do there."""

import json
import os
import pickle  # noqa: TID251 - what attackers send
import socket
import ssl
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from pseudonym.errors import Refusal as Sealed
from pseudonym.sealing import unseal
from tests.lib.cluster import INSTANCE, Cluster, Derives
from tests.lib.cluster_attacker import Touches
from tests.lib.file_view import FileView
from tests.lib.small_world import small_view
from tests.lib.waiting import within
from workbench.domain.errors import Fault
from workbench.engine.cluster import crew as crew_module
from workbench.engine.cluster.certificates import certify_roles
from workbench.engine.cluster.closed_pickle import loads
from workbench.engine.cluster.crew import Crew
from workbench.engine.cluster.request import context_of
from workbench.engine.compute import compute
from workbench.engine.executor import Job
from workbench.engine.limits import Limits
from workbench.plan import Plan, Schema, check, nodes

ROOT = Path(__file__).resolve().parents[3]
TABLE = Plan(analysis=nodes.Crosstab(cohort=nodes.Dataset(name="person"), by=("sex", "vital")))


@contextmanager
def attacker(
    what: str, address: str, folder: Path, mark: Path
) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "tests.lib.cluster_attacker", what, address, str(folder)]
    with subprocess.Popen(
        [*command, str(mark)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(what: str, address: str, folder: Path, mark: Path) -> str:
    with attacker(what, address, folder, mark) as process:
        return process.communicate(timeout=100)[0]


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "touched"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificates of another installation."""
    folder = tmp_path_factory.mktemp("elsewhere")
    certify_roles(folder, "cd" * 8, Derives("another"), datetime.now(UTC))
    return folder


def job(view: FileView) -> Job:
    schema = Schema.from_view(view.describe())
    limits = Limits(seconds=30)
    return Job(check(TABLE, schema), view, schema, Event(), lambda done, total: None, limits)


def handshake(address: str, context: ssl.SSLContext | None) -> bytes:
    """What a peer says to whoever comes like this; nothing when it hangs up."""
    host, port = address.removeprefix("tls://").split(":")
    with socket.create_connection((host, int(port)), 5) as plain:
        try:
            line = plain if context is None else context.wrap_socket(plain)
            line.settimeout(5)
            line.sendall(b"\0" * 64)
            return line.recv(64)
        except (OSError, ssl.SSLError):
            return b""


def context(folder: Path | None) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    if folder is not None:
        made.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return made


def test_without_a_certificate_of_this_installation_nobody_is_spoken_to(
    crew: Cluster, elsewhere: Path
) -> None:
    address = crew.processes.address()

    assert handshake(address, None) == b"", "in the clear"
    assert handshake(address, context(None)) == b"", "without a certificate"
    assert handshake(address, context(elsewhere / "engine")) == b"", "with another's"
    assert handshake(address, context(crew.certificates / "engine")), "with ours it would answer"


def test_a_worker_that_does_not_encrypt_is_refused(crew: Cluster, mark: Path) -> None:
    address = crew.processes.address().replace("tls://", "tcp://")

    assert "in\n" not in said("works", address, crew.certificates / "worker", mark)
    assert crew.crew.workers() == 2


def test_a_worker_of_another_installation_is_refused(
    crew: Cluster, elsewhere: Path, mark: Path
) -> None:
    assert "in\n" not in said("works", crew.processes.address(), elsewhere / "worker", mark)
    assert crew.crew.workers() == 2


@pytest.mark.parametrize("what", ["asks", "orders_scheduler"])
def test_a_workers_certificate_gives_no_orders_to_the_scheduler(
    crew: Cluster, mark: Path, what: str
) -> None:
    said(what, crew.processes.address(), crew.certificates / "worker", mark)

    assert not mark.exists()
    assert compute(crew.executor, job(FileView(crew.views, small_view()))), "it still serves"


@pytest.mark.parametrize("role", ["worker", "engine"])
def test_a_worker_takes_orders_from_the_scheduler_alone(
    crew: Cluster, mark: Path, role: str
) -> None:
    (address, *_) = crew.worker_addresses()

    said("orders_worker", address, crew.certificates / role, mark)

    assert not mark.exists()


def test_a_workers_certificate_does_not_pass_for_a_scheduler(
    crew: Cluster, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew_module, "PATIENCE", 2.0)
    with attacker("deals", "tls://127.0.0.1:0", crew.certificates / "worker", mark) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("tls://")
        stranger = Crew(lambda: address, crew.certificates)
        with pytest.raises(Fault):
            stranger.workers()
        stranger.close()


def test_a_worker_that_was_taken_over_gets_nothing_unpickled_in_the_engine(
    crew: Cluster, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = FileView(crew.views, small_view())
    honest = crew.worker_addresses()
    address = crew.processes.address()
    with attacker("works", address, crew.certificates / "worker", mark) as rogue:
        assert rogue.stdout is not None
        assert rogue.stdout.readline() == "in\n"
        (taken_over,) = set(crew.worker_addresses()) - set(honest)
        client = crew.crew._connection()
        monkeypatch.setattr(client, "submit", partial(client.submit, workers=[taken_over]))
        with pytest.raises(Fault):
            compute(crew.executor, job(view))
    monkeypatch.undo()

    assert not mark.exists()
    assert within(30, lambda: crew.crew.workers() == 2)
    assert compute(crew.executor, job(view)), "the engine goes on without it"


def test_the_attackers_pickle_would_work_on_stock_dask(mark: Path) -> None:
    pickle.loads(pickle.dumps(Touches(str(mark))))

    assert mark.exists()


@pytest.mark.parametrize(
    "value", [Touches("nowhere"), os.system, eval, subprocess.Popen, print, Path("x"), open]
)
def test_a_pickle_of_anything_else_than_the_few_names_is_refused(value: Any) -> None:
    with pytest.raises(pickle.UnpicklingError):
        loads(pickle.dumps(value))


def test_no_task_has_another_function_than_the_workers() -> None:
    from dask._task_spec import Task

    from workbench.engine.cluster.work import run_group

    assert loads(pickle.dumps(Task("one", run_group, "{}"))).func is run_group
    with pytest.raises(pickle.UnpicklingError):
        loads(pickle.dumps(Task("one", len, "{}")))


def test_a_worker_is_given_the_keys_of_what_the_plan_reads_and_of_nothing_else(
    crew: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = crew.crew.ask

    def noted(request: str, *events: Event) -> bytes:
        asked.append(request)
        return ask(request, *events)

    monkeypatch.setattr(crew.crew, "ask", noted)
    view = FileView(crew.views, small_view())
    compute(crew.executor, job(view))

    private = Derives().derive("cluster workers 1")
    for text in asked:
        request = json.loads(text)
        bound = context_of(request["project"], request["version"], request["session"])
        keys = json.loads(unseal(private, b64decode(request["keys"]), bound))
        assert set(keys["datasets"]) == {"person"}
        for part in keys["datasets"]["person"]:
            assert set(part["column_keys"]) == {"_person", "sex", "vital"}
            assert part["footer_key"] not in text, "keys travel sealed to workers"
        other = context_of(request["project"], request["version"], "0" * 32)
        with pytest.raises(Sealed):
            unseal(private, b64decode(request["keys"]), other)
    assert asked


def test_certificates_are_kept_until_they_near_their_end_and_renewed_then(tmp_path: Path) -> None:
    def bytes_of(role: str) -> bytes:
        return (tmp_path / role / "certificate.pem").read_bytes()

    certify_roles(tmp_path, INSTANCE, Derives(), datetime(2026, 1, 1, tzinfo=UTC))
    first = bytes_of("worker")
    certify_roles(tmp_path, INSTANCE, Derives(), datetime(2026, 6, 1, tzinfo=UTC))
    assert bytes_of("worker") == first
    certify_roles(tmp_path, INSTANCE, Derives(), datetime(2026, 12, 1, tzinfo=UTC))
    assert bytes_of("worker") != first
    for path in tmp_path.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_authoritys_key_lies_in_no_file(tmp_path: Path) -> None:
    keys = Derives()
    certify_roles(tmp_path, INSTANCE, keys, datetime.now(UTC))
    private = keys.derive("cluster authority 1")

    for path in tmp_path.rglob("*.*"):
        held = path.read_bytes()
        assert private not in held, path
        assert private.hex().encode() not in held, path


def test_a_cluster_ends_with_the_engine_that_started_it_however_that_ends(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from tests.lib.cluster import cluster\n"
        "with cluster(Path(sys.argv[1]), workers=1) as made:\n"
        "    print(made.processes.scheduler, *made.processes.workers, flush=True)\n"
        "    time.sleep(100)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        processes = [int(one) for one in engine.stdout.readline().split()]
        assert len(processes) == 2
        assert all(Path(f"/proc/{one}").exists() for one in processes)
        engine.kill()
        engine.wait(10)

        assert within(10, lambda: not any(Path(f"/proc/{one}").exists() for one in processes))
