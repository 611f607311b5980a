"""The supervisor: starts in order, restarts, and leaves nothing behind however it ends."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from kernels.host.sandbox.keeper import is_held
from workbench.adapters.hub.settings import free_ports
from workbench.adapters.processes import Service, Supervisor, _environment, services_of
from workbench.domain.errors import Refusal
from workbench.settings import Instance

LISTEN = """
import os, signal, socket, sys, time
name, path, story = sys.argv[1:4]
with open(story, "a") as f: f.write(f"start {name}\\n")
def bye(*_):
    with open(story, "a") as f: f.write(f"stop {name}\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, bye)
s = socket.socket(socket.AF_UNIX)
if os.path.exists(path): os.unlink(path)
s.bind(path); s.listen()
print("pid", os.getpid(), sorted(k for k in os.environ if k.endswith("PASSPHRASE")), flush=True)
while True: time.sleep(0.05)
"""
FAIL = "import sys; print('a reason'); sys.exit(3)"


@pytest.fixture
def instance(tmp_path, monkeypatch):
    found = Instance.create(tmp_path / "i", "test", port=free_ports(1)[0])
    monkeypatch.setattr(Instance, "runtime", tmp_path / "r")
    return found


def service(instance, name, *, slow=False):
    path = instance.root / f"{name}.s"

    def answers():
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(path)) == 0

    story = str(instance.root / "story")
    return Service(name, (sys.executable, "-c", LISTEN, name, str(path), story), answers, slow=slow)


def story(instance):
    return (instance.root / "story").read_text().splitlines()


def pids(instance, *names):
    logs = [(instance.zone("logs") / f"{name}.log").read_text() for name in names]
    return [int(line.split()[1]) for log in logs for line in log.splitlines() if "pid" in line]


def alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


def wait_until(true, seconds=15):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_processes_start_in_order_and_stop_in_reverse(instance):
    said = []
    with Supervisor(instance, [service(instance, name) for name in "abc"]) as supervisor:
        supervisor.start(said.append)
        running = pids(instance, *"abc")
        assert all(map(alive, running))

    assert said == ["a", "b", "c"]
    assert story(instance) == [*(f"start {n}" for n in "abc"), *(f"stop {n}" for n in "cba")]
    assert not any(map(alive, running))


def test_servers_may_run_until_the_supervisor_stops_and_no_longer(instance):
    def tells():
        return is_held(str(instance.serving))

    assert not tells()
    seen = []
    with Supervisor(instance, [service(instance, "a")]) as supervisor:
        supervisor.start(lambda _: seen.append(tells()))
        begun = supervisor._children[0].process
        terminate = begun.terminate
        begun.terminate = lambda: (seen.append(tells()), terminate())

    assert seen == [True, False]  # let go of before the first process is stopped


def test_a_slow_one_starts_first_but_is_awaited_and_stopped_in_its_turn(instance):
    said = []
    services = [service(instance, "a"), service(instance, "b", slow=True)]
    with Supervisor(instance, services) as supervisor:
        supervisor.start(said.append)

    assert said == ["a", "b"]
    assert story(instance)[2:] == ["stop b", "stop a"]


def test_one_that_fails_is_named_with_its_log_and_the_others_are_stopped(instance):
    bad = Service("bad", (sys.executable, "-c", FAIL), lambda: False)
    supervisor = Supervisor(
        instance, [service(instance, "a"), bad, service(instance, "z", slow=True)]
    )

    with pytest.raises(Refusal) as refused:
        supervisor.start()

    assert refused.value.code == "not_started"
    assert "bad" in refused.value.reason
    assert "logs/bad.log" in refused.value.remedy
    assert "a reason" in (instance.zone("logs") / "bad.log").read_text()
    wait_until(lambda: not any(map(alive, pids(instance, "a"))))


def test_each_gets_the_passphrase_of_its_own_zone_only(instance, monkeypatch):
    for zone in ("VAULT", "STORE", "ENGINE"):
        monkeypatch.setenv(f"WORKBENCH_{zone}_PASSPHRASE", "a passphrase")
    names = ("vault", "linker", "engine", "gated", "hub")
    with Supervisor(instance, [service(instance, name) for name in names]) as supervisor:
        supervisor.start()

    seen = {
        name: (instance.zone("logs") / f"{name}.log").read_text().split(" ", 2)[2].strip()
        for name in names
    }
    assert seen == {
        "vault": "['WORKBENCH_VAULT_PASSPHRASE']",
        "linker": "['WORKBENCH_STORE_PASSPHRASE']",
        "engine": "['WORKBENCH_ENGINE_PASSPHRASE']",
        "gated": "[]",
        "hub": "[]",
    }


def test_the_engine_alone_is_told_to_leave_its_cores_to_its_own_threads(instance, monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)

    told = {
        name: "OPENBLAS_NUM_THREADS" in _environment(name, instance, os.environ)
        for name in ("vault", "linker", "engine", "gated", "hub")
    }

    assert told == {"vault": False, "linker": False, "engine": True, "gated": False, "hub": False}


def test_the_same_instance_is_not_started_twice(instance):
    with Supervisor(instance, [service(instance, "a")]) as first:
        first.start()
        with pytest.raises(Refusal) as refused:
            Supervisor(instance, [service(instance, "b")]).start()
        assert refused.value.code == "already_running"
        assert "start b" not in story(instance)

    with Supervisor(instance, [service(instance, "b")]) as second:
        second.start()


def test_a_taken_port_is_told_before_anything_starts(instance):
    with (
        socket.create_server(("127.0.0.1", instance.port)),
        pytest.raises(Refusal) as refused,
    ):
        Supervisor(instance, [service(instance, "a")]).start()

    assert refused.value.code == "port_taken"
    assert not (instance.root / "story").exists()


def test_one_that_dies_is_started_again(instance):
    with Supervisor(instance, [service(instance, "a"), service(instance, "b")]) as supervisor:
        supervisor.start()
        (first,) = pids(instance, "a")
        os.kill(first, signal.SIGKILL)

        def then():
            wait_until(lambda: len(pids(instance, "a")) == 2)
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=then).start()
        supervisor.wait()
        assert alive(pids(instance, "a")[1])
        assert len(pids(instance, "b")) == 1

    assert not any(map(alive, pids(instance, "a", "b")))


def test_one_that_cannot_be_kept_alive_ends_the_watch(instance):
    once = instance.root / "once"
    code = f"import pathlib; p = pathlib.Path({str(once)!r}); p.touch()"
    flaky = Service("flaky", (sys.executable, "-c", code), once.exists)
    with Supervisor(instance, [flaky]) as supervisor:
        supervisor.start()
        with pytest.raises(Refusal) as refused:
            supervisor.wait()

    assert refused.value.code == "keeps_failing"


PARENT = """
import sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.unit.adapters.test_processes import Instance, Supervisor, service
Instance.runtime = Path({runtime!r})
instance = Instance.open(Path({instance!r}))
supervisor = Supervisor(instance, [service(instance, name) for name in "ab"])
supervisor.start()
print("up", flush=True)
supervisor.wait()
supervisor.stop()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_however_the_parent_ends_nothing_survives(instance, tmp_path, number):
    root = str(Path(__file__).resolve().parents[3])
    code = textwrap.dedent(PARENT).format(
        root=root, runtime=str(tmp_path / "r"), instance=str(instance.root)
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline() == b"up\n"
        running = pids(instance, "a", "b")
        assert all(map(alive, running))
        parent.send_signal(number)
        parent.wait(20)

    wait_until(lambda: not any(map(alive, running)))


def test_a_foreign_runtime_folder_is_refused(instance, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "r").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(Refusal) as refused:
        Supervisor(instance, [service(instance, "a")]).start()

    assert refused.value.code == "foreign_runtime"


def test_everything_of_an_instance_is_started_and_the_hub_last(instance):
    assert [one.name for one in services_of(instance)] == [
        "vault", "linker", "engine", "gated", "hub",
    ]  # fmt: skip
    assert not any(one.answers() for one in services_of(instance))
