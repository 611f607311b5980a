"""One hub for all tests here: it takes ten seconds to start."""

from collections.abc import Iterator

import pytest

from tests.lib.hub_world import World, hub_world
from workbench.adapters.hub.client import HubClient


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with hub_world(tmp_path_factory.mktemp("hub") / "instance") as found:
        yield found


@pytest.fixture(scope="package")
def kari(world: World) -> Iterator[HubClient]:
    """A member of the project `diabetes`, whose server runs."""
    with world.client("kari") as client:
        client.start_server("diabetes")
        yield client


@pytest.fixture
def ola(world: World) -> Iterator[HubClient]:
    """An account without any permit."""
    with world.client("ola") as client:
        yield client
