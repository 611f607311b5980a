"""No single zone's files lead from an identifier to health data: every zone is tried alone.

vault    opens its own keyring and the book: fingerprints and base pseudonyms, no health data
store    opens its own keyring: health data by base pseudonym, no identifier
engine   opens its own keyring and the views: health data by project pseudonym
files    everything of an instance without any passphrase: nothing
"""

import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pseudonym.errors import Refusal
from pseudonym.keyring import Keyring
from pseudonym.keys import open_zone_keyring
from pseudonym.pack import read_content, read_identity
from pseudonym.prf import unit_numbers
from pseudonym.store.buckets import Place, read_buckets, rids
from pseudonym.store.versions import Shelf
from pseudonym.vault.persons import Persons
from tests.integration.registry.conftest import opened, permit
from tests.lib.registry_world import CANARY, World, content, contract, people

IDS = people(300)
ZONES = ("vault", "store", "engine")


@pytest.fixture(scope="module")
def rings(registries: World) -> dict[str, Keyring]:
    registries.client.build_view(permit("study", visit=["note"], person=["note"]))
    return {zone: open_zone_keyring(registries.root / zone, {}) for zone in ZONES}


def bytes_of(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def shapes(numbers: pl.Series) -> list[bytes]:
    """An identifier as text and as the integers that a file could hold it as."""
    return [
        shape
        for text in numbers
        for shape in (text.encode(), int(text).to_bytes(8, "little"), int(text).to_bytes(8, "big"))
    ]


@pytest.mark.parametrize("zone", ["vault", "store", "views", "engine", "inbox"])
def test_no_identifier_and_no_value_lies_readable_in_any_zone(
    registries: World, rings: dict[str, Keyring], zone: str
) -> None:
    whole = bytes_of(registries.root / zone)

    assert whole or zone == "engine"
    assert not any(shape in whole for shape in shapes(IDS))
    assert CANARY.encode() not in whole


def test_the_check_above_would_see_an_identifier() -> None:
    frame = content(IDS, 10)
    target = io.BytesIO()
    frame.write_parquet(target, compression="uncompressed")

    assert any(shape in target.getvalue() for shape in shapes(IDS))
    assert CANARY.encode() in target.getvalue()


def test_each_part_of_a_pack_opens_in_its_own_zone_only(
    registries: World, rings: dict[str, Keyring]
) -> None:
    pack = registries.pack(contract("sealed"), content(IDS, 20), "sealed.wbpack")

    assert read_identity(pack, rings["vault"].unseal).columns == ["_row", "patient"]
    assert "patient" not in read_content(pack, rings["store"].unseal).columns
    for reader, allowed in ((read_identity, "vault"), (read_content, "store")):
        for zone in set(ZONES) - {allowed}:
            with pytest.raises(Refusal):
                reader(pack, rings[zone].unseal)


def test_a_zones_keyring_opens_with_its_own_passphrase_only(registries: World) -> None:
    for zone, other in pairwise((*ZONES, ZONES[0])):
        passphrase = (registries.root / other / "passphrase").read_bytes()
        with pytest.raises(Refusal):
            Keyring.open(registries.root / zone / "keyring.json", passphrase)


def pids_of(registries: World, ring: Keyring, dataset: str) -> np.ndarray:
    """What the linker itself can know: base pseudonyms of a dataset's rows."""
    shelf = Shelf(registries.root / "store", ring)
    version, manifest = shelf.published(dataset)
    registry = shelf.registry_of(dataset)
    keys = shelf.keys(registry)
    place = Place(registry, dataset, version)
    columns = ["rid.patient.0", "rid.patient.1"]
    folder = shelf.folder(dataset, version)
    parts = [rids(f, "patient") for f in read_buckets(folder, place, manifest, keys, columns)]
    return unit_numbers(keys.pseudonyms.reveal(), "PERSON", np.concatenate(parts))


def test_registry_files_share_no_key_to_join_by(
    registries: World, rings: dict[str, Keyring]
) -> None:
    shelf = Shelf(registries.root / "store", rings["store"])
    found = []
    for dataset in ("visit", "person"):
        version, manifest = shelf.published(dataset)
        registry = shelf.registry_of(dataset)
        place = Place(registry, dataset, version)
        frames = read_buckets(
            shelf.folder(dataset, version), place, manifest, shelf.keys(registry),
            ["rid.patient.0", "rid.patient.1"],
        )  # fmt: skip
        found.append(pl.concat(frames).unique())

    assert [len(frame) for frame in found] == [250, 300]
    for column in ("rid.patient.0", "rid.patient.1"):
        assert not set(found[0][column]) & set(found[1][column])


def test_the_store_alone_has_pseudonyms_that_no_identifier_makes(
    registries: World, rings: dict[str, Keyring]
) -> None:
    pids = set(pids_of(registries, rings["store"], "person").tolist())
    guesses = {int(text) for text in IDS}

    assert len(pids) == 300
    assert not pids & guesses
    with pytest.raises(Refusal):
        Persons(registries.root / "vault", rings["store"])


def test_the_vault_alone_has_no_rows_and_no_project(
    registries: World, rings: dict[str, Keyring]
) -> None:
    names = {path.name for path in (registries.root / "vault").rglob("*")}

    assert not any("visit" in name or "study" in name for name in names)
    assert b"visit" not in bytes_of(registries.root / "vault")
    with pytest.raises(Refusal):
        Shelf(registries.root / "store", rings["vault"]).published("visit")


def test_views_hold_neither_base_nor_registry_pseudonyms(
    registries: World, rings: dict[str, Keyring]
) -> None:
    view = opened(
        registries, registries.client.build_view(permit("study", visit=["note"], person=["note"]))
    )
    mine = set(view.pseudonyms(0).to_list())
    pids = set(pids_of(registries, rings["store"], "person").tolist())

    assert len(mine) == 300
    assert not mine & pids
    assert not mine & {int(text) for text in IDS}
    with pytest.raises(Refusal):
        Shelf(registries.root / "store", rings["engine"]).published("visit")


def test_two_zones_together_would_lead_back(registries: World, rings: dict[str, Keyring]) -> None:
    """The separation is real because the two halves do fit: what one zone lacks, two have."""
    persons = Persons(registries.root / "vault", rings["vault"])
    numbered = persons.of("PERSON/national", IDS)

    assert set(numbered.tolist()) == set(pids_of(registries, rings["store"], "person").tolist())
