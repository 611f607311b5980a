"""An ordinary user's kernels have one account: what the host counts by account, they share."""

from pathlib import Path

import pytest

from tests.lib.ordinary_user import run_as_user

pytestmark = pytest.mark.sandbox
SENDS_TO_NOBODY = """
import socket
kept = []
file, _ = kept.append(socket.socketpair()) or kept[0]
try:
    for _ in range(20):
        ours, theirs = kept.append(socket.socketpair()) or kept[-1]
        socket.send_fds(ours, [b"x"], [file.fileno()] * 200)
except OSError as error:
    print(error.errno)
"""
WORLD = f"""
import errno
from kernels.host.config import Limits
from tests.lib.gate_house import GateHouse

house = GateHouse(Limits(grid=0.2))
try:
    hostile, sealed = house.notebook(), house.notebook(lane="sealed")
    print(int(hostile.run({SENDS_TO_NOBODY!r}).text) == errno.ETOOMANYREFS)
    print("ended: ok" in sealed.run("1").text)
    print(house.launch(house.grant("beta"), "interactive").answer.k)
    print(house.launch(house.grant("beta"), "workbench").answer.k)
finally:
    house.close()
"""


def test_a_kernel_with_many_descriptors_in_the_mail_keeps_no_other_from_starting() -> None:
    ended = run_as_user(["-c", WORLD], Path(__file__).resolve().parents[3])
    assert ended.stdout.split() == ["True", "True", "launched", "launched"], ended.stderr[-2000:]
