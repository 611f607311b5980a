"""Protocol buffers on the wire: a message as pairs of field number and value, in plain Python.

Source: protobuf.dev, encoding. Raises ValueError for whatever is not of the form.
"""

from collections.abc import Iterator

from disclosure.freeform.varint import varint

__all__ = ["fields", "packed"]


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field numbers with a whole number (varint), or the bytes of anything longer."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if not number:
            raise ValueError("a field without a number")
        if kind == 0:
            value, at = varint(data, at)
            yield number, value
            continue
        if kind == 2:
            length, at = varint(data, at)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise ValueError("a kind that is not used")
        if length > len(data) - at:
            raise ValueError("the file ends early")
        yield number, data[at : at + length]
        at += length


def packed(data: bytes) -> Iterator[int]:
    """Whole numbers one after the other."""
    at = 0
    while at < len(data):
        value, at = varint(data, at)
        yield value
