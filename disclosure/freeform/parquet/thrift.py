"""Thrift's compact protocol, as far as Parquet uses it: structs as dicts by field number.

Bounded by the bytes that are there: a list cannot be longer than what is left to read, and nesting
ends at DEPTH. Raises ValueError for whatever is not of the form.
Source: apache/thrift, doc/specs/thrift-compact-protocol.md.
"""

from typing import Any

from disclosure.freeform.varint import varint

__all__ = ["DEPTH", "Reader"]

DEPTH = 12
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 12
_WHOLE = (4, 5, 6)


class Reader:
    """Reads from `at` on; `at` is where it stopped."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self.at = at

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """A struct: field number to value."""
        if depth > DEPTH:
            raise ValueError("too deep")
        found: dict[int, Any] = {}
        number = 0
        while (head := self._byte()) & 15 != _STOP:
            number = number + (head >> 4) if head >> 4 else self._zigzag()
            found[number] = self._value(head & 15, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        if kind == _BYTE:
            return self._byte()
        if kind in _WHOLE:
            return self._zigzag()
        if kind == _DOUBLE:
            return self._taken(8)
        if kind == _BINARY:
            return self._taken(self._varint())
        if kind in (_LIST, _SET):
            head = self._byte()
            length = head >> 4 if head >> 4 != 15 else self._varint()
            if length > len(self._data) - self.at:
                raise ValueError("a list longer than the file")
            return [self._element(head & 15, depth + 1) for _ in range(length)]
        if kind == _STRUCT:
            return self.struct(depth + 1)
        raise ValueError("a kind that Parquet does not use")

    def _element(self, kind: int, depth: int) -> Any:
        if kind in (_TRUE, _FALSE):
            return self._byte() == _TRUE
        return self._value(kind, depth)

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _varint(self) -> int:
        value, self.at = varint(self._data, self.at)
        return value

    def _byte(self) -> int:
        if not 0 <= self.at < len(self._data):
            raise ValueError("the file ends early")
        self.at += 1
        return self._data[self.at - 1]

    def _taken(self, length: int) -> bytes:
        if not 0 <= length <= len(self._data) - self.at:
            raise ValueError("the file ends early")
        self.at += length
        return self._data[self.at - length : self.at]
