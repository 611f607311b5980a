"""Sealing: only the named reader opens, only whole, only in its context."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonym import sealing
from pseudonym.errors import Refusal


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=40))
def test_what_was_sealed_is_opened_by_its_reader(plaintext: bytes, context: bytes) -> None:
    private, public = sealing.generate()
    blob = sealing.seal(public, plaintext, context)
    assert len(blob) == len(plaintext) + sealing.OVERHEAD
    assert sealing.unseal(private, blob, context) == plaintext


def test_the_same_bytes_sealed_twice_look_unrelated() -> None:
    _, public = sealing.generate()
    one, two = (sealing.seal(public, b"same", b"") for _ in range(2))
    assert one[1:33] != two[1:33]
    assert one[33:] != two[33:]


def test_every_single_changed_byte_is_refused() -> None:
    private, public = sealing.generate()
    blob = sealing.seal(public, b"content", b"context")
    for position in range(len(blob)):
        changed = bytearray(blob)
        changed[position] ^= 1
        with pytest.raises(Refusal) as refused:
            sealing.unseal(private, bytes(changed), b"context")
        assert refused.value.code == "tampered"


def test_every_truncation_is_refused() -> None:
    private, public = sealing.generate()
    blob = sealing.seal(public, b"content", b"context")
    for length in range(len(blob)):
        with pytest.raises(Refusal) as refused:
            sealing.unseal(private, blob[:length], b"context")
        assert refused.value.code == "tampered"


def test_another_reader_or_another_context_is_refused_with_the_same_words() -> None:
    private, public = sealing.generate()
    other, _ = sealing.generate()
    blob = sealing.seal(public, b"content", b"context")
    said = set()
    for key, context in [(other, b"context"), (private, b"contexu"), (private, b"")]:
        with pytest.raises(Refusal) as refused:
            sealing.unseal(key, blob, context)
        assert refused.value.__cause__ is None
        said.add(str(refused.value))
    assert len(said) == 1


@pytest.mark.parametrize("public", [b"", b"short", bytes(32), b"x" * 33])
def test_sealing_to_no_real_key_is_refused(public: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        sealing.seal(public, b"content", b"")
    assert refused.value.code == "bad_key"


def test_the_sealed_bytes_hold_neither_plaintext_nor_key() -> None:
    private, public = sealing.generate()
    blob = sealing.seal(public, b"a sentence to look for", b"")
    assert b"sentence" not in blob
    assert private not in blob
