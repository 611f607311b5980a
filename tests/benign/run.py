"""Ask every output of every study, each study in a project of its own, over a kernel's socket."""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benign.catalogue import outputs
from tests.benign.outputs import Answered, Output, answered
from tests.benign.studies import STUDIES
from tests.lib.engine_world import World, attached
from tests.lib.nation_view import nation_view
from workbench.sdk.project import Project, open_project

__all__ = ["ask_all", "opened"]

LARGE = 200_000
"""Persons of the nation: the smallest cohorts of these studies are then of a thousand and more."""


def opened(
    folder: Path, persons: int, studies: Sequence[str] = tuple(STUDIES)
) -> Iterator[tuple[str, Project]]:
    """Each study with its project, one after the other."""
    world = World(folder)
    with world.served() as control:
        for number, study in enumerate(studies):
            name = f"study-{number}"
            world.add(nation_view(persons, project=name))
            kernel = f"{number + 1:016x}"
            with attached(control, folder, os.getuid(), name, kernel=kernel) as path:
                yield study, open_project(path)


def ask_all(folder: Path, persons: int, studies: Sequence[str] = tuple(STUDIES)) -> list[Answered]:
    """What came of each output, in order."""
    return [
        _patient(one)
        for study, project in opened(folder, persons, studies)
        for one in outputs(project, study)
    ]


def _patient(output: Output) -> Answered:
    """Asked again where the engine was asked too quickly."""
    while (found := answered(output)).why.startswith("too_many"):
        time.sleep(1)
    return found
