"""A notebook's project on a small synthetic nation: a real engine, a kernel's socket, no twin."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lib.engine_world import World, attached
from tests.lib.nation_view import PROJECT, nation_view
from workbench.sdk.project import Project, open_project

__all__ = ["nation_project"]


@contextmanager
def nation_project(folder: Path, persons: int = 20_000) -> Iterator[Project]:
    """What `wb.open()` gives in a kernel of the project `nation`, for a nation of this size."""
    world = World(folder)
    world.add(nation_view(persons))
    with (
        world.served() as control,
        attached(control, folder, os.getuid(), project=PROJECT) as path,
    ):
        yield open_project(path)
