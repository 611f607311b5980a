"""Pages of a Parquet column: unpacked, and their values decoded, never beyond a stated size.

Source: apache/parquet-format, README and Encodings; google/snappy, format_description.txt.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from disclosure.freeform.varint import varint

__all__ = ["CODECS", "hybrid", "plain", "unpacked"]

CODECS: Mapping[int, str] = {0: "none", 1: "snappy", 2: "gzip"}
"""Those that are read here; others need a decoder in machine code."""
_BOOLEAN, _INT32, _INT64, _INT96, _FLOAT, _DOUBLE, _BYTES, _FIXED = range(8)
_FORMS: Mapping[int, tuple[str, int]] = {
    _INT32: ("<i", 4), _INT64: ("<q", 8), _FLOAT: ("<f", 4), _DOUBLE: ("<d", 8),
}  # fmt: skip


def unpacked(data: bytes, codec: int, size: int) -> bytes:
    """Exactly `size` bytes; ValueError when it is another number."""
    if codec == 0:
        found = data
    elif codec == 2:
        packed = zlib.decompressobj(31)
        try:
            found = packed.decompress(data, size + 1)
        except zlib.error:
            raise ValueError("not gzip") from None
    elif codec == 1:
        found = _snappy(data, size)
    else:
        raise ValueError("a codec that is not read")
    if len(found) != size:
        raise ValueError("a page of another size than it says")
    return found


def _snappy(data: bytes, size: int) -> bytes:
    length, at = varint(data, 0)
    if length != size:
        raise ValueError("a page of another size than it says")
    out = bytearray()
    while at < len(data):
        tag = data[at]
        at += 1
        if tag & 3 == 0:
            run = tag >> 2
            if run >= 60:
                width = run - 59
                run = int.from_bytes(data[at : at + width], "little")
                at += width
            out += data[at : at + run + 1]
            at += run + 1
        else:
            kind = tag & 3
            run = 4 + (tag >> 2 & 7) if kind == 1 else 1 + (tag >> 2)
            width = 1 if kind == 1 else 2 if kind == 2 else 4
            back = int.from_bytes(data[at : at + width], "little") + ((tag >> 5) << 8) * (kind == 1)
            at += width
            if not 0 < back <= len(out):
                raise ValueError("a copy from nowhere")
            for _ in range(run):
                out.append(out[-back])
        if len(out) > size:
            raise ValueError("a page of another size than it says")
    return bytes(out)


def hybrid(data: bytes, width: int, count: int) -> list[int]:
    """`count` numbers of `width` bits: runs and bit-packed groups of eight."""
    if not 0 <= width <= 32:
        raise ValueError("numbers of a width that there is not")
    found: list[int] = []
    at, whole = 0, (width + 7) // 8
    while len(found) < count:
        head, at = varint(data, at)
        if head & 1:
            groups = head >> 1
            packed = int.from_bytes(data[at : at + groups * width], "little")
            if groups * width > len(data) - at:
                raise ValueError("the page ends early")
            at += groups * width
            mask = (1 << width) - 1
            left = min(8 * groups, count - len(found))
            found += _bits(packed, width, mask, left)
        else:
            value = int.from_bytes(data[at : at + whole], "little")
            at += whole
            found += [value] * min(head >> 1, count - len(found))
            if not head >> 1:
                raise ValueError("an empty run")
    return found


def _bits(packed: int, width: int, mask: int, count: int) -> list[int]:
    text = packed.to_bytes((packed.bit_length() + 7) // 8 + 8, "little")
    found = []
    for place in range(count):
        start = place * width
        window = int.from_bytes(text[start >> 3 : (start >> 3) + 5], "little")
        found.append(window >> (start & 7) & mask)
    return found


def plain(data: bytes, kind: int, width: int, count: int) -> Sequence[Any]:
    """`count` values as they are; width: of fixed-length ones."""
    if kind in _FORMS:
        form, size = _FORMS[kind]
        if size * count > len(data):
            raise ValueError("the page ends early")
        return [one for (one,) in struct.iter_unpack(form, data[: size * count])]
    if kind == _BOOLEAN:
        if count > 8 * len(data):
            raise ValueError("the page ends early")
        return [bool(data[at >> 3] >> (at & 7) & 1) for at in range(count)]
    if kind == _BYTES:
        return _texts(data, count)
    size = 12 if kind == _INT96 else width
    if size < 1 or size * count > len(data):
        raise ValueError("the page ends early")
    return [data[at * size : (at + 1) * size] for at in range(count)]


def _texts(data: bytes, count: int) -> list[bytes]:
    if 4 * count > len(data):
        raise ValueError("the page ends early")
    found, at = [], 0
    for _ in range(count):
        length = int.from_bytes(data[at : at + 4], "little")
        at += 4
        if at + length > len(data):
            raise ValueError("the page ends early")
        found.append(data[at : at + length])
        at += length
    return found
