"""A notebook's project on a synthetic nation: a real engine, a kernel's socket, no twin."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lib.engine_world import World, attached
from tests.lib.nation_view import PROJECT, nation_view
from workbench.domain.permit import Permit
from workbench.sdk.project import Project, open_project

__all__ = ["nation_project", "permitted_project"]


@contextmanager
def nation_project(folder: Path, persons: int = 20_000) -> Iterator[Project]:
    """What `wb.open()` gives in a kernel of the project `nation`, for a nation of this size."""
    world = World(folder)
    world.add(nation_view(persons))
    with _opened(world, folder, PROJECT) as project:
        yield project


@contextmanager
def permitted_project(folder: Path, permit: Permit, persons: int) -> Iterator[Project]:
    """The same under a permit of its own, which opens what it says and no more."""
    world = World(folder)
    datasets = tuple(grant.dataset for grant in permit.datasets)
    view = nation_view(persons, datasets=datasets, project=permit.project)
    world.add(view, **{name: value for name, value in permit if name != "members"})
    with _opened(world, folder, permit.project) as project:
        yield project


@contextmanager
def _opened(world: World, folder: Path, project: str) -> Iterator[Project]:
    with (
        world.served(watched=True) as control,
        attached(control, folder, os.getuid(), project=project) as path,
    ):
        yield open_project(path)
