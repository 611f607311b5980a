"""The keeper: what it ends, when, and what it does not take for a hub."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kernels.host.sandbox import keeper
from kernels.host.sandbox.keeper import hold, is_held

ECHO = """
import os, sys, time
print(os.getpid(), sys.stdin.readline(), flush=True)
time.sleep(60)
"""
CHILD = (sys.executable, "-I", "-S", "-c", ECHO)
HOLD = """
import sys, time
from kernels.host.sandbox.keeper import hold
hold(sys.argv[1])
print(flush=True)
time.sleep(60)
"""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[subprocess.Popen[str]] = []

    def begin(patience: float = 1.5, serving: str = "") -> "subprocess.Popen[str]":
        files = [serving, str(tmp_path / "hub"), str(patience)]
        line = [sys.executable, "-I", "-S", keeper.__file__, *files, "job", *CHILD]
        pipe = subprocess.PIPE
        process = subprocess.Popen(line, stdin=pipe, stdout=pipe, text=True, start_new_session=True)
        begun.append(process)
        return process

    yield begin
    for one in begun:
        with suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGKILL)
        one.wait()
        for pipe in (one.stdin, one.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()


def given(process: "subprocess.Popen[str]", job: str = "a job", noted: bool = True) -> int:
    """Hand over the job; the child's number, once the child has read it."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{job}\n{'k' if noted else ''}")
    process.stdin.flush()
    number, got = process.stdout.readline().split(" ", 1)
    assert got == f"{job}\n"
    return int(number)


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_file_is_held_by_the_living_and_by_several_at_once(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    assert not is_held(path)
    first, second = hold(path), hold(path)
    os.close(first)
    assert is_held(path)
    os.close(second)
    assert not is_held(path)


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    line = [sys.executable, "-c", HOLD, path]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert is_held(path)
        holder.kill()
        holder.wait()
        assert not is_held(path)


def test_what_it_keeps_outlasts_a_hub_that_comes_back_and_no_other(
    tmp_path: Path, start: Start
) -> None:
    hub = hold(str(tmp_path / "hub"))
    kept = start()
    child = given(kept)
    os.close(hub)
    time.sleep(0.8)
    hub = hold(str(tmp_path / "hub"))
    time.sleep(1.5)
    assert lives(child)
    os.close(hub)
    begun = time.monotonic()
    assert kept.wait(10) == 0
    assert time.monotonic() - begun > 1
    assert not lives(child)


def test_a_server_that_the_hub_never_noted_ends_with_the_hub(tmp_path: Path, start: Start) -> None:
    hub = hold(str(tmp_path / "hub"))
    kept = start(patience=60)
    child = given(kept, noted=False)
    assert kept.stdin is not None
    kept.stdin.close()
    assert kept.wait(5) == 0
    assert not lives(child)
    os.close(hub)


def test_a_server_that_was_noted_outlasts_the_hubs_line(tmp_path: Path, start: Start) -> None:
    hub = hold(str(tmp_path / "hub"))
    kept = start(patience=60)
    child = given(kept)  # the note comes together with the job
    assert kept.stdin is not None
    kept.stdin.close()
    time.sleep(1.2)
    assert lives(child)
    os.close(hub)


def test_it_ends_at_once_when_nobody_serves_any_more(tmp_path: Path, start: Start) -> None:
    path = str(tmp_path / "serving")
    hub, serving = hold(str(tmp_path / "hub")), hold(path)
    kept = start(patience=60, serving=path)
    child = given(kept)
    time.sleep(1.2)
    assert lives(child)
    os.close(serving)
    assert kept.wait(3) == 0
    assert not lives(child)
    late = start(patience=60, serving=path)  # of a hub that has not heard of it yet
    given(late)
    assert late.wait(3) == 0
    os.close(hub)


def test_it_tells_how_the_command_ended_and_passes_on_the_request_to_end(
    tmp_path: Path, start: Start
) -> None:
    hub = hold(str(tmp_path / "hub"))
    told = start()
    child = given(told)
    told.send_signal(signal.SIGTERM)
    assert told.wait(3) == 0
    assert not lives(child)
    failed = start()
    os.kill(given(failed), signal.SIGKILL)
    assert failed.wait(3) == 0
    os.close(hub)
