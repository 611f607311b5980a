"""Pseudonyms of columns, against the same construction one value at a time by the library."""

import hashlib

import numpy as np
import polars as pl
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonym import prf
from pseudonym.errors import Refusal

KEYS = st.binary(min_size=32, max_size=32)
PIDS = st.lists(st.integers(0, 2**63 - 1), max_size=40)
UNITS = st.from_regex(r"\A[A-Z][A-Z0-9_]{0,20}\Z")


def one_block(key: bytes, unit: str, pid: int) -> bytes:
    block = hashlib.sha256(b"workbench unit type\x00" + unit.encode()).digest()[:8]
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block + pid.to_bytes(8, "little"))


@given(KEYS, UNITS, PIDS)
@settings(max_examples=60, derandomize=True)
def test_a_column_of_rids_is_its_blocks_one_by_one(key: bytes, unit: str, pids: list[int]) -> None:
    words = prf.registry_pseudonyms(key, unit, np.array(pids, np.uint64))

    assert [row.tobytes() for row in words] == [one_block(key, unit, pid) for pid in pids]


@given(KEYS, UNITS, PIDS)
@settings(max_examples=60, derandomize=True)
def test_rids_lead_back_to_their_pids(key: bytes, unit: str, pids: list[int]) -> None:
    words = prf.registry_pseudonyms(key, unit, np.array(pids, np.uint64))

    assert prf.unit_numbers(key, unit, words).tolist() == pids


@given(KEYS, PIDS)
@settings(max_examples=40, derandomize=True)
def test_a_project_pseudonym_is_the_first_63_bits(key: bytes, pids: list[int]) -> None:
    found = prf.project_pseudonyms(key, "PERSON", np.array(pids, np.uint64))
    expected = [int.from_bytes(one_block(key, "PERSON", pid)[:8], "little") >> 1 for pid in pids]

    assert found.tolist() == expected


@given(KEYS, st.lists(st.text(max_size=60), max_size=30))
@settings(max_examples=100, derandomize=True)
def test_a_column_of_macs_is_cmac_one_by_one(key: bytes, texts: list[str]) -> None:
    texts = [text for text in texts if text.isprintable()]
    expected = []
    for text in texts:
        mac = CMAC(algorithms.AES(key))
        mac.update(text.encode())
        expected.append(mac.finalize())

    found = prf.cmac(key, pl.Series(texts, dtype=pl.String))

    assert [row.tobytes() for row in found] == expected


def test_macs_of_a_slice_are_those_of_its_strings() -> None:
    whole = pl.Series([f"{number:011d}" for number in range(1000)])

    assert (prf.cmac(b"k" * 32, whole[300:400]) == prf.cmac(b"k" * 32, whole)[300:400]).all()


def test_columns_longer_than_a_chunk_are_whole() -> None:
    pids = np.arange(40_000, dtype=np.uint64)
    words = prf.registry_pseudonyms(b"k" * 32, "PERSON", pids)

    assert words[39_999].tobytes() == one_block(b"k" * 32, "PERSON", 39_999)
    assert (prf.unit_numbers(b"k" * 32, "PERSON", words) == pids).all()


@pytest.mark.parametrize("bit", [0, 7, 63, 64, 100, 127])
def test_a_changed_rid_is_refused_by_count_only(bit: int) -> None:
    words = prf.registry_pseudonyms(b"k" * 32, "PERSON", np.arange(5, dtype=np.uint64))
    words[2, bit // 64] ^= np.uint64(1 << bit % 64)

    with pytest.raises(Refusal) as caught:
        prf.unit_numbers(b"k" * 32, "PERSON", words)
    assert caught.value.code == "forged_pseudonym"
    assert "1 registry pseudonyms" in str(caught.value)


@pytest.mark.parametrize(("key", "unit"), [(b"x" * 32, "PERSON"), (b"k" * 32, "PRESCRIBER")])
def test_another_key_or_unit_type_opens_nothing(key: bytes, unit: str) -> None:
    words = prf.registry_pseudonyms(b"k" * 32, "PERSON", np.arange(9, dtype=np.uint64))

    with pytest.raises(Refusal) as caught:
        prf.unit_numbers(key, unit, words)
    assert "9 registry pseudonyms" in str(caught.value)


@pytest.mark.parametrize("unit", ["", "person", "A B", "É", "A" * 64])
def test_a_unit_type_is_written_in_capitals(unit: str) -> None:
    with pytest.raises(Refusal):
        prf.tag(unit)


def test_new_pids_are_distinct_and_new() -> None:
    taken = prf.mint(1000, np.empty(0, np.uint64))
    fresh = prf.mint(5000, taken)

    assert len(np.unique(np.concatenate([taken, fresh]))) == 6000
    assert int(fresh.max()) < 2**63
    assert abs(np.corrcoef(np.arange(5000), fresh.astype(float))[0, 1]) < 0.1


def test_a_shuffle_is_a_permutation_that_differs_each_time() -> None:
    first, second = prf.shuffle(1000), prf.shuffle(1000)

    assert sorted(first) == sorted(second) == list(range(1000))
    assert (first != second).any()
    assert prf.shuffle(0).tolist() == []
