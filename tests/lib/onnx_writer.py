"""ONNX files written by hand, field by field: small models of any operations, and hostile ones."""

import struct
from collections.abc import Iterable

__all__ = ["attribute", "message", "model", "node", "tensor", "text"]


def varint(value: int) -> bytes:
    """A whole number, seven bits a byte."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def message(number: int, content: bytes) -> bytes:
    """A field of bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def text(number: int, value: str) -> bytes:
    """A field of text."""
    return message(number, value.encode())


def tensor(values: Iterable[float], name: str = "w") -> bytes:
    """A tensor of floats as raw bytes."""
    packed = b"".join(struct.pack("<f", one) for one in values)
    return varint(2 << 3) + varint(1) + text(8, name) + message(9, packed)


def attribute(name: str, *, texts: Iterable[str] = (), floats: Iterable[float] = ()) -> bytes:
    """An attribute of a node."""
    packed = b"".join(struct.pack("<f", one) for one in floats)
    found = text(1, name) + b"".join(text(9, one) for one in texts)
    return found + (message(7, packed) if packed else b"")


def node(operation: str, *attributes: bytes, doc: str = "") -> bytes:
    """A node of a graph."""
    found = text(1, "x") + text(2, "y") + text(4, operation)
    found += b"".join(message(5, one) for one in attributes)
    return found + (text(6, doc) if doc else b"")


def model(*nodes: bytes, tensors: Iterable[bytes] = (), extra: bytes = b"") -> bytes:
    """A model with one graph."""
    graph = b"".join(message(1, one) for one in nodes) + text(2, "graph")
    graph += b"".join(message(5, one) for one in tensors)
    return varint(1 << 3) + varint(9) + text(2, "test") + message(7, graph) + extra
