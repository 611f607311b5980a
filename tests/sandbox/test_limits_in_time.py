"""Kernels end when they are not used, and when they have run for long enough."""

import time

import pytest

from kernels.host.config import Limits
from tests.lib.gate_house import GateHouse

pytestmark = pytest.mark.sandbox


@pytest.mark.parametrize(
    ("limits", "word"),
    [(Limits(idle=1.5), "not used"), (Limits(wall=2.5), "the limit")],
)
def test_a_kernel_ends_at_its_limit_and_says_so(limits: Limits, word: str) -> None:
    house = GateHouse(limits)
    try:
        notebook = house.notebook()
        begun = time.monotonic()
        assert word in notebook.ended().why
        assert time.monotonic() - begun < 10
        notebook.close()
    finally:
        house.close()


def test_without_its_limit_a_kernel_runs_on() -> None:
    for_ever = Limits(idle=1e9, wall=1e9)
    house = GateHouse(for_ever)
    try:
        notebook = house.notebook()
        time.sleep(4)
        assert notebook.run("6 * 7").of("execute_result")[0]["data"]["text/plain"] == "42"
        notebook.close()
    finally:
        house.close()
