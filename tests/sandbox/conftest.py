"""One gate daemon and one kernel a module: real sandboxes, a fake engine."""

from collections.abc import Iterator

import pytest

from kernels.host.config import Limits
from tests.lib.gate_house import GateHouse, Notebook


@pytest.fixture(scope="module")
def limits() -> Limits:
    return Limits(grid=0.2)


@pytest.fixture(scope="module")
def house(limits: Limits) -> Iterator[GateHouse]:
    house = GateHouse(limits)
    yield house
    house.close()


@pytest.fixture(scope="module")
def notebook(house: GateHouse) -> Iterator[Notebook]:
    notebook = house.notebook("alpha")
    yield notebook
    notebook.close()
