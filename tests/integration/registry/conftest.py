"""One running instance a module: its processes take a second to open their keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pseudonym.keys import open_zone_keyring
from pseudonym.view import View, open_view
from tests.lib.registry_world import World, content, contract, people, world


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world() as running:
        yield running


@pytest.fixture(scope="module")
def registries(here: World) -> World:
    """300 people: `visit` (6,000 rows, 250 people) and `person` (one row each, all)."""
    ids = people(300)
    visits = content(ids[:250], 6000)
    here.publish(contract(), visits)
    persons = contract("person", "reg_person", temporality="FIXED")
    here.publish(persons, content(ids, 300, seed=5).with_columns(patient=ids))
    return here


def permit(project: str, **datasets: list[str]) -> dict:
    entries = [{"dataset": name, "variables": columns} for name, columns in datasets.items()]
    return {"project": project, "datasets": entries}


def opened(world: World, built: dict) -> View:
    engine = open_zone_keyring(world.root / "engine", {})
    return open_view(Path(built["path"]), engine.unseal)
