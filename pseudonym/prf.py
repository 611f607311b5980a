"""Pseudonyms of whole columns at once: AES-256 on single blocks, no Python per value.

    block = tag(unit type) (8 bytes) ‖ pid (8 bytes, little-endian, below 2^63)
    rid   = AES-256_Kregistry(block)              16 bytes, reversible by the key's holder
    ppid  = first 63 bits of AES-256_Kproject(block), little-endian

The tag is the first eight bytes of SHA-256 over the unit type's name. It keeps unit types apart
and is the redundancy that makes a forged rid fail: a random one passes with probability 2^-65
(encode-then-encipher, Bellare and Rogaway 2000). Lookup keys of identifiers are AES-256-CMAC
(NIST SP 800-38B), of strings of any length.
"""

import hashlib
import os
import re
from typing import Final

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from numpy.typing import NDArray

from pseudonym.errors import Refusal

__all__ = [
    "PID_BITS",
    "cmac",
    "mint",
    "project_pseudonyms",
    "registry_pseudonyms",
    "shuffle",
    "tag",
    "unit_numbers",
]

Words = NDArray[np.uint64]
PID_BITS: Final = 63
_CHUNK = 1 << 14  # blocks; input and output stay in the second-level cache
_UNIT = re.compile(r"[A-Z][A-Z0-9_]{0,62}")


def tag(unit: str) -> bytes:
    """The eight bytes that stand for a unit type (PERSON, EPISODE …) or a pseudonym domain."""
    if not _UNIT.fullmatch(unit):
        raise Refusal(
            "bad_unit_type",
            "A unit type is written in capitals, digits and underscores.",
            'Write it like "PERSON" or "NPR_EPISODE".',
        )
    return hashlib.sha256(b"workbench unit type\x00" + unit.encode()).digest()[:8]


def registry_pseudonyms(key: bytes, unit: str, pids: Words) -> Words:
    """rids of base pseudonyms: (n,) → (n, 2) little-endian words of the 16 bytes."""
    return _encrypt(key, _encode(unit, pids))


def unit_numbers(key: bytes, unit: str, rids: Words) -> Words:
    """Base pseudonyms of rids: (n, 2) → (n,).

    Raises Refusal("forged_pseudonym") when any does not decrypt to this unit type's redundancy.
    """
    blocks = _aes(_block_cipher(key).decryptor(), rids)
    expected = np.frombuffer(tag(unit), "<u8")[0]
    wrong = int(np.count_nonzero((blocks[:, 0] != expected) | (blocks[:, 1] >> PID_BITS > 0)))
    if wrong:
        raise Refusal(
            "forged_pseudonym",
            f"{wrong} registry pseudonyms were not made with this registry's key.",
            "Restore the dataset version from backup, or load it anew.",
        )
    return np.ascontiguousarray(blocks[:, 1])


def project_pseudonyms(key: bytes, domain: str, pids: Words) -> Words:
    """63-bit pseudonyms of one project and domain: (n,) → (n,)."""
    return _encrypt(key, _encode(domain, pids))[:, 0] >> np.uint64(1)


def cmac(key: bytes, texts: pl.Series) -> Words:
    """AES-256-CMAC of each string's UTF-8 bytes: (n,) without nulls → (n, 2) words."""
    if texts.is_empty():
        return np.empty((0, 2), np.uint64)
    context = _block_cipher(key).encryptor()
    first = _double(context.update(bytes(16)))
    subkeys = np.frombuffer(first + _double(first), "<u8").reshape(2, 2)
    array = texts.cast(pl.String).rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int64)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(data_buffer or b"", np.uint8)
    lengths = np.diff(offsets)
    out = np.empty((len(array), 2), np.uint64)
    for length in np.unique(lengths):  # few in a column: an identifier has one length
        rows = np.flatnonzero(lengths == length)
        out[rows] = _cmac_equal(context, subkeys, data, offsets[rows], int(length))
    return out


def mint(count: int, taken: Words) -> Words:
    """`count` new random base pseudonyms, distinct from each other and from those taken."""
    fresh = np.empty(0, np.uint64)
    while len(fresh) < count:
        more = np.frombuffer(os.urandom(8 * (count - len(fresh))), "<u8") >> np.uint64(1)
        fresh = np.union1d(fresh, more[~np.isin(more, taken)])  # sorted: says nothing, all random
    return fresh[shuffle(count)]


def shuffle(count: int) -> NDArray[np.int64]:
    """A random order of `count` rows, from AES in counter mode under a key used once."""
    counter = np.zeros((count, 2), np.uint64)
    counter[:, 0] = np.arange(count, dtype=np.uint64)
    return np.argsort(_encrypt(os.urandom(32), counter)[:, 0], kind="stable")


def _encode(unit: str, pids: Words) -> Words:
    if len(pids) and int(pids.max()) >> PID_BITS:
        raise ValueError("a base pseudonym has 63 bits")
    blocks = np.empty((len(pids), 2), "<u8")
    blocks[:, 0] = np.frombuffer(tag(unit), "<u8")[0]
    blocks[:, 1] = pids
    return blocks


def _encrypt(key: bytes, blocks: Words) -> Words:
    return _aes(_block_cipher(key).encryptor(), blocks)


def _block_cipher(key: bytes) -> Cipher[modes.ECB]:
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - single blocks: no mode at all


def _aes(context: CipherContext, blocks: Words) -> Words:
    count = len(blocks)
    source = np.ascontiguousarray(blocks, "<u8").view(np.uint8).ravel()
    out = np.empty(16 * count + 16, np.uint8)  # update_into asks for one block of room
    for start in range(0, 16 * count, 16 * _CHUNK):
        piece = source[start : start + 16 * _CHUNK]
        context.update_into(piece.data, out[start : start + len(piece) + 15].data)
    return out[: 16 * count].view("<u8").reshape(count, 2)


def _cmac_equal(
    context: CipherContext, subkeys: Words, data: NDArray[np.uint8], starts: NDArray[np.int64],
    length: int,
) -> Words:  # fmt: skip
    """CMAC of equally long messages, block by block over all rows together."""
    blocks = max(1, -(-length // 16))
    message = np.zeros((len(starts), 16 * blocks), np.uint8)
    message[:, :length] = data[starts[:, None] + np.arange(length)]
    whole = length == 16 * blocks
    if not whole:
        message[:, length] = 0x80
    words = message.view("<u8").reshape(len(starts), blocks, 2)
    words[:, -1] ^= subkeys[0 if whole else 1]
    state = np.zeros((len(starts), 2), np.uint64)
    for block in range(blocks):
        state = _aes(context, state ^ words[:, block])
    return state


def _double(block: bytes) -> bytes:
    """Multiplication by x in GF(2^128), as SP 800-38B makes its subkeys."""
    number = int.from_bytes(block, "big")
    doubled = (number << 1) & ((1 << 128) - 1)
    return (doubled ^ (0x87 if number >> 127 else 0)).to_bytes(16, "big")
