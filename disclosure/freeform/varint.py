"""Whole numbers, seven bits a byte and the lowest first, as in Parquet and protocol buffers."""

__all__ = ["varint"]


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that starts at `at`, and where it ends. Raises ValueError."""
    value = 0
    for place in range(10):
        if at >= len(data):
            raise ValueError("the file ends early")
        byte = data[at]
        at += 1
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value, at
    raise ValueError("a number without end")
