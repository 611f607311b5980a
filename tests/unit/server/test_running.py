"""A process found again by number and birth."""

import asyncio
import os
import signal
import subprocess
import sys

from kernels.server.running import Running, birth


def test_a_process_is_found_again_and_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        found = Running(process.pid, birth(process.pid))
        assert not found.ended
        found.send(signal.SIGKILL)
        assert asyncio.run(found.wait(5))
        assert found.ended
    found.send(signal.SIGKILL)  # nobody's by now


def test_a_number_used_again_is_not_taken_for_the_process() -> None:
    before = Running(os.getpid(), birth(os.getpid()) + "0")  # had our number, began at another time
    assert before.ended
    before.send(signal.SIGKILL)  # we would not be here any more


def test_what_was_never_there_has_ended() -> None:
    assert birth(1 << 30) == ""
    for pid, born in ((1 << 30, ""), (1 << 30, "boot/1"), (os.getpid(), ""), (-1, "boot/1")):
        assert Running(pid, born).ended
