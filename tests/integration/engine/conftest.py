"""A world with one project, `alpha`, over two thousand persons."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import workbench.sdk as wb
from tests.lib.engine_world import World, attached
from tests.lib.small_world import small_view


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.add(small_view())
    return made


@pytest.fixture
def control(world: World) -> Iterator[Path]:
    with world.served() as path:
        yield path


@pytest.fixture
def project(control: Path, tmp_path: Path) -> Iterator[wb.Project]:
    with attached(control, tmp_path, os.getuid(), "alpha") as path:
        yield wb.open(path)
