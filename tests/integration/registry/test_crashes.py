"""kill -9 at any write, and a full disk: the old state or the new, and the next try works."""

from collections.abc import Iterator

import polars as pl
import pytest

from pseudonym.errors import Refusal
from pseudonym.keys import open_zone_keyring
from pseudonym.store.versions import Shelf
from tests.integration.registry.conftest import opened, permit
from tests.lib.registry_world import World, content, contract, people, world

IDS = people(150)
OLD = content(IDS[:100], 400)
NEW = pl.concat([OLD, content(IDS[100:], 8, seed=9)])
ORDER = permit("study", visit=["age", "note"])


@pytest.fixture
def here() -> Iterator[World]:
    """Version 1.0.0 is published; vault and linker are stopped."""
    with world() as running:
        running.publish(contract(), OLD)
        running.stop()
        yield running


def work(world: World) -> int:
    """Load, publish, build; returns how many steps were done before the process died."""
    steps = (
        lambda: world.load(contract(version="1.0.1"), NEW),
        lambda: world.client.publish("visit", "1.0.1"),
        lambda: world.client.build_view(ORDER),
    )
    for done, step in enumerate(steps):
        try:
            step()
        except Refusal as refusal:
            if refusal.code != "not_running":
                raise
            return done
    return len(steps)


def check(world: World, done: int) -> None:
    """Exactly one published version, whole; no drafts; the same work can be finished."""
    shelf = Shelf(world.root / "store", open_zone_keyring(world.root / "store", {}))
    version, manifest = shelf.published("visit")
    assert (version, manifest.rows) in (("1.0.0", 400), ("1.0.1", 408))
    assert version == "1.0.1" or done < 2
    assert not list(world.root.rglob(".draft-*"))
    for name in shelf.versions("reg_visit", "visit"):
        assert shelf.manifest("visit", name).rows in (400, 408)
    if "1.0.1" not in shelf.versions("reg_visit", "visit"):
        assert done < 1
        world.load(contract(version="1.0.1"), NEW)
    world.client.publish("visit", "1.0.1")
    view = opened(world, world.client.build_view(ORDER))
    found = view.scan("visit", 0).select("age", "note").collect()
    assert found.sort("age", "note").equals(NEW.select("age", "note").sort("age", "note"))
    assert sum(view.persons) == NEW["patient"].n_unique()


@pytest.mark.parametrize("kill_at", [2, 6, 8, 11, 15])  # in load, load, publish, build, build
def test_a_linker_killed_at_any_write_leaves_one_version(here: World, kill_at: int) -> None:
    here.start_vault()
    with here.doomed("linker", kill_at=kill_at) as process:
        here.wait()
        done = work(here)
        assert done < 3, "it was not killed"
        assert process.wait(10) == -9
    here.start_linker()

    check(here, done)


@pytest.mark.parametrize("kill_at", [2, 4])
def test_a_vault_killed_at_any_write_numbers_everybody_once(here: World, kill_at: int) -> None:
    with here.doomed("vault", kill_at=kill_at) as process:
        here.start_linker()
        done = work(here)
        assert done < 3, "it was not killed"
        assert process.wait(10) == -9
    here.stop()
    here.start()

    check(here, done)


def test_a_full_disk_refuses_the_load_and_keeps_nothing(here: World) -> None:
    before = set((here.root / "store").rglob("*"))
    here.start_vault()
    with here.doomed("linker", file_limit=6000):
        here.wait()
        with pytest.raises(Refusal) as caught:
            here.load(contract(version="1.0.1"), NEW)
        assert caught.value.code == "disk_full"
        with pytest.raises(Refusal) as caught:
            here.client.build_view(ORDER)
        assert caught.value.code == "disk_full"
        assert set((here.root / "store").rglob("*")) - before == {
            here.root / "store" / "projects",
            here.root / "store" / "projects" / "study.json",
        }
        assert not list(here.root.rglob(".draft-*"))
        assert not list((here.root / "views").glob("study/*"))
    here.start_linker()

    check(here, 0)


def test_a_full_disk_in_the_vault_refuses_the_load(here: World) -> None:
    with here.doomed("vault", file_limit=1500):
        here.start_linker()
        with pytest.raises(Refusal) as caught:
            here.load(contract(version="1.0.1"), NEW)
        assert caught.value.code == "disk_full"
    here.stop()
    here.start()

    check(here, 0)
