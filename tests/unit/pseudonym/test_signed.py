"""Signed documents: one purpose, one signer, not a byte changed."""

import json
from pathlib import Path

import pytest

from pseudonym.errors import Refusal
from pseudonym.keyring import Keyring
from pseudonym.signed import open_document, sign_document


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.create(tmp_path_factory.mktemp("z") / "keyring.json", b"a long passphrase")


def test_a_document_keeps_the_order_it_was_written_in(ring: Keyring) -> None:
    body = {"z": 1, "a": {"2": "ø", "1": 0.1}, "n": None}

    opened = open_document("that", sign_document("that", body, ring), ring.verify_key)

    assert json.dumps(opened) == json.dumps(body)


def test_a_document_is_not_taken_for_another(ring: Keyring) -> None:
    document = sign_document("this", {"a": 1}, ring)

    with pytest.raises(Refusal) as caught:
        open_document("that", document, ring.verify_key)
    assert caught.value.code == "tampered"


def test_no_byte_can_be_changed(ring: Keyring) -> None:
    document = sign_document("this", {"a": [1, 2], "b": "text"}, ring)

    for place in range(len(document) - 1):
        changed = bytearray(document)
        changed[place] ^= 1
        with pytest.raises(Refusal):
            open_document("this", bytes(changed), ring.verify_key)


def test_another_signer_is_refused(ring: Keyring, tmp_path: Path) -> None:
    other = Keyring.create(tmp_path / "keyring.json", b"a long passphrase")

    with pytest.raises(Refusal):
        open_document("this", sign_document("this", {}, ring), other.verify_key)
