"""A zone's keyring: it opens with its passphrase only, and never shows what it holds."""

import copy
import json
import pickle  # noqa: TID251 - to show that it refuses
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pseudonym.errors import Refusal
from pseudonym.keyring import Keyring, Secret, public_halves
from pseudonym.sealing import seal

PASSPHRASE = b"a passphrase of some length"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("zone") / "keyring.json"
    Keyring.create(path, PASSPHRASE)
    return path


@pytest.fixture(scope="module")
def ring(place: Path) -> Keyring:
    return Keyring.open(place, PASSPHRASE)


def test_what_is_sealed_to_it_opens(ring: Keyring) -> None:
    assert ring.unseal(seal(ring.public, b"secret", b"for"), b"for") == b"secret"


def test_its_signature_verifies_with_the_public_half(ring: Keyring, place: Path) -> None:
    _, verify_key = public_halves(place)

    Ed25519PublicKey.from_public_bytes(verify_key).verify(ring.sign(b"words"), b"words")


def test_a_wrapped_key_opens_under_its_own_context_only(ring: Keyring) -> None:
    wrapped = ring.wrap(b"k" * 32, b"here")

    assert ring.unwrap(wrapped, b"here") == b"k" * 32
    with pytest.raises(Refusal) as caught:
        ring.unwrap(wrapped, b"there")
    assert caught.value.code == "wrong_key"


def test_two_openings_give_the_same_derived_key(ring: Keyring, place: Path) -> None:
    again = Keyring.open(place, PASSPHRASE)

    assert again.derive("x") == ring.derive("x")
    assert again.derive("x") != ring.derive("y")


def test_a_child_of_a_key_is_what_rfc_5869_says() -> None:
    root = bytes(range(32))
    info = "workbench key 1\x00column:été".encode()

    expected = HKDF(SHA256(), 32, salt=None, info=info).derive(root)

    assert Secret(root).child("column:été").reveal() == expected


def test_a_wrong_passphrase_is_refused(place: Path) -> None:
    with pytest.raises(Refusal) as caught:
        Keyring.open(place, b"another passphrase")
    assert caught.value.code == "wrong_key"


@pytest.mark.parametrize("field", ["public", "verify_key", "sealed", "nonce"])
def test_a_changed_file_is_refused(place: Path, tmp_path: Path, field: str) -> None:
    body = json.loads(place.read_text())
    body[field] = ("1" if body[field][0] == "0" else "0") + body[field][1:]
    changed = tmp_path / "keyring.json"
    changed.write_text(json.dumps(body))

    with pytest.raises(Refusal) as caught:
        Keyring.open(changed, PASSPHRASE)
    assert caught.value.code == "wrong_key"


@pytest.mark.parametrize("text", ["", "{}", '{"v": 2}', "not json"])
def test_a_damaged_file_is_refused_without_its_content(tmp_path: Path, text: str) -> None:
    (tmp_path / "keyring.json").write_text(text)

    with pytest.raises(Refusal) as caught:
        Keyring.open(tmp_path / "keyring.json", PASSPHRASE)
    assert caught.value.code == "damaged_keyring"


def test_weak_stretching_is_refused(place: Path, tmp_path: Path) -> None:
    body = json.loads(place.read_text())
    body["kdf"]["memory_kib"] = 8
    (tmp_path / "keyring.json").write_text(json.dumps(body))

    with pytest.raises(Refusal) as caught:
        Keyring.open(tmp_path / "keyring.json", PASSPHRASE)
    assert caught.value.code == "damaged_keyring"


def test_a_keyring_is_never_overwritten(place: Path) -> None:
    before = place.read_bytes()

    with pytest.raises(Refusal) as caught:
        Keyring.create(place, PASSPHRASE)
    assert caught.value.code == "exists"
    assert place.read_bytes() == before


def test_keys_do_not_print_pickle_or_copy(ring: Keyring) -> None:
    secret = Secret(b"\x01" * 32)

    assert repr(ring) == "Keyring(derive, sign, unseal, wrap)"
    assert repr(secret) == "Secret(…)"
    for thing in (ring, secret):
        for way in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                way(thing)


def test_a_keyring_serves_only_its_purposes(tmp_path: Path) -> None:
    signer = Keyring.create(tmp_path / "keyring.json", PASSPHRASE, ["sign"])

    assert len(signer.sign(b"x")) == 64
    with pytest.raises(Refusal) as caught:
        signer.wrap(b"k", b"")
    assert caught.value.code == "key_purpose"


def test_two_keyrings_open_side_by_side(place: Path) -> None:
    opened: list[Keyring] = []
    threads = [
        threading.Thread(target=lambda: opened.append(Keyring.open(place, PASSPHRASE)), daemon=True)
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(opened) == 2
