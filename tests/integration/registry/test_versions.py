"""Publishing: one pointer; nothing old, foreign or changed gets past it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from pseudonym.errors import Refusal
from tests.integration.registry.conftest import opened, permit
from tests.lib.registry_world import World, content, contract, people, world

IDS = people(120)
ORDER = permit("study", visit=["age"])


@pytest.fixture
def here() -> Iterator[World]:
    """Two versions of `visit`: 1.0.0 published with 400 rows, 1.0.1 staged with 410."""
    with world() as running:
        running.publish(contract(), content(IDS, 400))
        more = pl.concat([content(IDS, 400), content(IDS, 10, seed=9)])
        assert running.load(contract(version="1.0.1"), more)["state"] == "staged"
        yield running


def version_in_view(world: World, project: str = "study") -> str:
    built = world.client.build_view(ORDER | {"project": project})
    return opened(world, built).datasets["visit"].version


def refusal_of(question: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        question()
    assert caught.value.remedy
    return caught.value.code


def test_the_published_version_is_what_views_are_built_from(here: World) -> None:
    assert version_in_view(here) == "1.0.0"
    here.client.publish("visit", "1.0.1")
    assert version_in_view(here) == "1.0.1"
    here.client.publish("visit", "1.0.1")
    assert here.client.rollback("visit") == "1.0.0"
    assert version_in_view(here) == "1.0.0"
    assert refusal_of(lambda: here.client.rollback("visit")) == "nothing_before"


def test_a_version_rolled_back_is_not_for_views(here: World) -> None:
    here.client.publish("visit", "1.0.1")
    here.client.rollback("visit")
    order = permit("study", visit=["age"])
    order["datasets"][0]["version"] = "1.0.1"

    assert refusal_of(lambda: here.client.build_view(order)) == "not_published"
    here.client.publish("visit", "1.0.1")
    assert here.client.build_view(order)["version"]


@pytest.mark.parametrize(("dataset", "version", "code"), [
    ("visit", "9.9.9", "no_version"),
    ("nothing", "1.0.0", "unknown_dataset"),
    ("visit", "../1.0.0", "bad_request"),
])  # fmt: skip
def test_what_is_not_there_cannot_be_published(
    here: World, dataset: str, version: str, code: str
) -> None:
    assert refusal_of(lambda: here.client.publish(dataset, version)) == code


def test_the_contract_of_the_current_version_is_told(here: World) -> None:
    assert here.client.contract("visit") == contract().to_json()


def folder(world: World, version: str) -> Path:
    return world.root / "store" / "registries" / "reg_visit" / "visit" / version


def flip(path: Path, place: int) -> None:
    whole = bytearray(path.read_bytes())
    whole[place] ^= 1
    path.write_bytes(whole)


def test_a_flipped_byte_in_any_part_of_a_file_is_refused(here: World) -> None:
    bucket = folder(here, "1.0.1") / "bucket=00.parquet"
    whole = bucket.read_bytes()

    for place in (0, 5, len(whole) // 3, len(whole) // 2, len(whole) - 5, len(whole) - 1):
        flip(bucket, place)
        assert refusal_of(lambda: here.client.publish("visit", "1.0.1")) == "tampered"
        bucket.write_bytes(whole)
    here.client.publish("visit", "1.0.1")


@pytest.mark.parametrize("name", ["bucket=00.parquet", "manifest.json"])
def test_a_file_of_another_version_in_its_place_is_refused(here: World, name: str) -> None:
    shutil.copy(folder(here, "1.0.1") / name, folder(here, "1.0.0") / name)

    assert refusal_of(lambda: here.client.build_view(ORDER)) == "tampered"


def test_a_bucket_changed_after_publishing_is_refused_when_read(here: World) -> None:
    bucket = folder(here, "1.0.0") / "bucket=00.parquet"
    # Polars reads only the column that the permit names: damage its pages, not another's.
    whole = bucket.read_bytes()
    flipped = bytearray(whole)
    flipped[100 : len(whole) - 100 : 50] = bytes(len(flipped[100 : len(whole) - 100 : 50]))
    bucket.write_bytes(flipped)

    assert refusal_of(lambda: here.client.build_view(ORDER)) == "tampered"
    assert not list(here.root.glob("views/study/*"))


def test_an_older_list_of_published_versions_is_refused(here: World) -> None:
    pointer = here.root / "store" / "published.json"
    old = pointer.read_bytes()
    here.client.publish("visit", "1.0.1")
    new = pointer.read_bytes()

    pointer.write_bytes(old)
    assert refusal_of(lambda: here.client.build_view(ORDER)) == "rolled_back"
    pointer.unlink()
    assert refusal_of(lambda: here.client.build_view(ORDER)) == "rolled_back"
    pointer.write_bytes(new.replace(b"1.0.1", b"1.0.0"))
    assert refusal_of(lambda: here.client.build_view(ORDER)) == "tampered"
    pointer.write_bytes(new)
    assert here.client.build_view(ORDER)["version"]


def test_a_linker_does_not_start_on_a_store_that_was_put_back(here: World) -> None:
    pointer = here.root / "store" / "published.json"
    old = pointer.read_bytes()
    here.client.publish("visit", "1.0.1")
    here.stop()
    pointer.write_bytes(old)

    with pytest.raises(Refusal) as caught:
        here.start()
    assert caught.value.code == "rolled_back"


@pytest.mark.parametrize(("path", "code"), [
    ("store/registries/reg_visit/keys.json", "wrong_key"),
    ("store/keyring.json", "wrong_key"),
    ("vault/keyring.json", "wrong_key"),
])  # fmt: skip
def test_keys_of_another_instance_open_nothing(here: World, path: str, code: str) -> None:
    here.stop()
    with world() as other:
        other.publish(contract(), content(IDS, 10))
        shutil.copy(other.root / path, here.root / path)
        if path.endswith("keyring.json"):
            # The template's passphrase is the same: only the sealed keys must differ.
            text = (other.root / path).read_text().replace('"sealed": "', '"sealed": "00')
            (here.root / path).write_text(text)

    if "registries" in path:
        here.start()
        assert refusal_of(lambda: here.client.build_view(ORDER)) == code
    else:
        with pytest.raises(Refusal) as caught:
            here.start()
        assert caught.value.code == code


def test_a_registry_that_lost_its_keys_gets_no_new_ones(here: World) -> None:
    (here.root / "store" / "registries" / "reg_visit" / "keys.json").unlink()

    assert refusal_of(lambda: here.client.build_view(ORDER)) == "lost_keys"
    assert not (here.root / "store" / "registries" / "reg_visit" / "keys.json").exists()


def test_a_vault_that_lost_its_book_does_not_start_a_new_one(here: World) -> None:
    here.load(contract("second"), content(people(50, seed=99), 100))
    here.stop()
    (here.root / "vault" / "persons" / "index.json").unlink()

    with pytest.raises(Refusal) as caught:
        here.start()
    assert caught.value.code == "tampered"


def test_an_open_zone_is_not_served(here: World) -> None:
    here.stop()
    (here.root / "store").chmod(0o755)

    with pytest.raises(Refusal) as caught:
        here.start()
    assert caught.value.code == "open_folder"
