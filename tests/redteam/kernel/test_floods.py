"""Floods of messages from real kernels: the daemon answers, and other people's kernels run on."""

import os
import threading
import time
from collections.abc import Iterator

import pytest

from kernels.host.config import Limits
from tests.lib.gate_house import Cell, GateHouse, Notebook

pytestmark = pytest.mark.sandbox

LONG = bool(os.environ.get("WORKBENCH_LONG"))
DISPLAYS = (
    "from IPython.display import display\n"
    "for number in range(10_000):\n"
    "    display({'text/plain': 'x'}, raw=True)"
)
FORGED = (
    "kernel = get_ipython().kernel\n"
    "parent = kernel.get_parent()\n"
    "for number in range(10_000):\n"
    "    kernel.session.send(kernel.iopub_socket, 'unknown', {'text': 'x'}, parent={})\n"
    "    kernel.session.send(kernel.shell_stream, 'inspect_reply', {}, parent=parent,\n"
    "                        ident=kernel._parent_ident['shell'])"
)


@pytest.fixture(scope="module")
def house() -> Iterator[GateHouse]:
    made = GateHouse(Limits(grid=0.25))
    yield made
    made.close()


FLOODS = {"forged messages": FORGED, **({"displays": DISPLAYS} if LONG else {})}


@pytest.mark.parametrize("code", FLOODS.values(), ids=FLOODS)
def test_ten_thousand_messages_keep_nobody_else_waiting(house: GateHouse, code: str) -> None:
    flooding, other = house.notebook("alpha"), house.notebook("beta")
    found: list[Cell] = []
    flood = threading.Thread(target=lambda: found.append(flooding.run(code, timeout=60)))
    try:
        flood.start()
        waits = []
        while flood.is_alive():
            begun = time.monotonic()
            assert other.run("1").reply["status"] == "ok"
            waits.append(time.monotonic() - begun)
        assert found[0].reply["status"] == "ok"
        assert max(waits) < 3.0
        assert flooding.run("2").reply["status"] == "ok"
    finally:
        flood.join(60)
        flooding.close()
        other.close()


def test_a_flood_of_a_sealed_kernel_ends_it_alone(house: GateHouse) -> None:
    flooding, other = house.notebook("alpha", "interactive"), house.notebook("beta")
    try:
        flooding.client.execute(FORGED)
        assert other.run("1").reply["status"] == "ok"
        assert "because it sent a message" in flooding.ended().why
        assert other.run("2").reply["status"] == "ok"
    finally:
        flooding.close()
        other.close()


def test_what_is_displayed_quickly_arrives_whole(house: GateHouse) -> None:
    """What the relay has not read waits in the kernel's own memory; nothing is dropped."""
    notebook: Notebook = house.notebook("alpha")
    try:
        shown = notebook.run(DISPLAYS, timeout=60).of("display_data")
        assert len(shown) == 10_000
    finally:
        notebook.close()
