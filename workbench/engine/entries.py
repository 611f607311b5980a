"""An entry of the ledger as bytes: where each person was, and the numbers that were told of them.

    cells     one unsigned integer a person of the view, the inner cell or `cells` when outside
    numbers   of each: length of its head, head (JSON), float32 a person inside

Numbers are kept about their median in float32: a difference that is lost so is less than a ten
millionth of the distance from there, and no released figure has so many digits. An entry that was
made before numbers were kept ends after the cells.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.engine.faults import fault
from workbench.engine.placed import Placed

__all__ = ["Entry", "Number", "entry_of", "packed", "unpacked"]

HEAD = 4
"""Bytes of a length."""


@dataclass(frozen=True)
class Number:
    """values: float32 about the centre, of the persons inside in their order. squares: whether
    sums of its squares, and of its products with the others, were told as well."""

    centre: float
    values: NDArray[np.float32]
    squares: bool = False


@dataclass(frozen=True)
class Entry:
    """vector: cells of the view's persons, as narrow as may be; numbers: by name."""

    vector: NDArray[np.integer]
    numbers: Mapping[str, Number] = field(default_factory=dict)


def entry_of(placed: Placed) -> Entry:
    """What is remembered of a new result."""
    vector = placed.vector.astype(_width(int(placed.n.size)))
    numbers = {name: _number(one, squares=placed.squares) for name, one in placed.values.items()}
    return Entry(vector, numbers)


def packed(entry: Entry) -> bytes:
    """An entry as bytes, see above."""
    parts = [entry.vector.tobytes()]
    for name, number in entry.numbers.items():
        told = {"name": name, "centre": number.centre, "squares": number.squares}
        head = json.dumps(told).encode()
        parts += [len(head).to_bytes(HEAD, "little"), head, number.values.tobytes()]
    return b"".join(parts)


def _number(values: NDArray[np.float64], *, squares: bool) -> Number:
    centre = float(np.median(values)) if values.size else 0.0
    centre = centre if np.isfinite(centre) else 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        return Number(centre, (values - centre).astype("<f4"), squares)


def unpacked(plain: bytes, persons: int, cells: int) -> Entry:
    """The entry of a view of so many persons. Raises Fault when the bytes are not of that form."""
    width = _width(cells)
    end = persons * width.itemsize
    if len(plain) < end:
        raise fault("an entry of the ledger does not fit its view")
    vector = np.frombuffer(plain[:end], dtype=width)
    if vector.size and vector.max() > cells:
        raise fault("an entry of the ledger does not fit its view")
    inside = int(np.count_nonzero(vector != cells))
    try:
        return Entry(vector, _numbers(plain, end, inside))
    except (ValueError, KeyError, TypeError):
        raise fault("an entry of the ledger does not fit its view") from None


def _numbers(plain: bytes, at: int, inside: int) -> Mapping[str, Number]:
    found: dict[str, Number] = {}
    while at < len(plain):
        length = int.from_bytes(plain[at : at + HEAD], "little")
        head: Mapping[str, object] = json.loads(plain[at + HEAD : at + HEAD + length])
        at += HEAD + length
        kept = np.frombuffer(plain[at : at + 4 * inside], dtype="<f4")
        if kept.size != inside:
            raise ValueError("short")
        found[str(head["name"])] = Number(
            float(str(head["centre"])), kept, head.get("squares") is True
        )
        at += 4 * inside
    return found


def _width(cells: int) -> np.dtype[np.unsignedinteger]:
    """The narrowest little-endian type that holds 0..cells: one byte a person in most tables."""
    return np.dtype("<u1" if cells < 1 << 8 else "<u2" if cells < 1 << 16 else "<u4")
