"""An instance's keys: founded once, closed to other accounts, public only in the card."""

from pathlib import Path

import pytest

from pseudonym.card import load_card
from pseudonym.errors import Refusal
from pseudonym.keys import found_instance, open_zone_keyring, read_secret

ID = "0123456789abcdef"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("instance")
    found_instance(place, "test", ID)
    return place


def everything(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_founding_again_changes_nothing(root: Path) -> None:
    before = everything(root)

    found_instance(root, "test", ID)

    assert everything(root) == before


def test_a_founding_that_was_interrupted_is_finished(root: Path, tmp_path: Path) -> None:
    zone = tmp_path / "vault"
    zone.mkdir()
    for name in ("keyring.json", "passphrase"):
        (zone / name).write_bytes((root / "vault" / name).read_bytes())
        (zone / name).chmod(0o600)

    found_instance(tmp_path, "test", ID)

    assert load_card(tmp_path / "card.json").vault == load_card(root / "card.json").vault
    assert (tmp_path / "store" / "link.secret").read_bytes() == (zone / "link.secret").read_bytes()


def test_every_private_file_is_closed_to_other_accounts(root: Path) -> None:
    open_files = [
        path.name for path in root.rglob("*") if path.is_file() and path.stat().st_mode & 0o077
    ]

    assert open_files == ["card.json"]


def test_the_card_tells_what_the_keyrings_hold(root: Path) -> None:
    card = load_card(root / "card.json")
    store = open_zone_keyring(root / "store", {})

    assert (card.store, card.signers["store"]) == (store.public.hex(), store.verify_key.hex())
    assert (card.instance, card.kind) == (ID, "test")


def test_another_instances_card_is_refused(root: Path) -> None:
    with pytest.raises(Refusal) as caught:
        found_instance(root, "test", "f" * 16)
    assert caught.value.code == "other_instance"


def test_the_environment_stands_in_for_the_passphrase_file(root: Path, tmp_path: Path) -> None:
    zone = tmp_path / "vault"
    zone.mkdir()
    (zone / "keyring.json").write_bytes((root / "vault" / "keyring.json").read_bytes())
    passphrase = (root / "vault" / "passphrase").read_text()

    with pytest.raises(Refusal) as caught:
        open_zone_keyring(zone, {})
    assert caught.value.code == "no_secret"
    assert open_zone_keyring(zone, {"WORKBENCH_VAULT_PASSPHRASE": passphrase})


@pytest.mark.parametrize(("content", "mode", "code"), [
    (b"x" * 32, 0o644, "open_file"),
    (b"x" * 31, 0o600, "no_secret"),
    (None, 0o600, "no_secret"),
])  # fmt: skip
def test_a_shared_secret_must_be_whole_and_closed(
    tmp_path: Path, content: bytes | None, mode: int, code: str
) -> None:
    place = tmp_path / "link.secret"
    if content is not None:
        place.write_bytes(content)
        place.chmod(mode)

    with pytest.raises(Refusal) as caught:
        read_secret(place)
    assert caught.value.code == code
