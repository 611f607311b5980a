"""What a worker answers: named arrays of plain numbers in an npz, which is never unpickled.

The arrays of all parts of a group stand in one: stacked where they have one shape, one after the
other with their lengths where they have not.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.analyses import Parts
from workbench.engine.faults import fault
from workbench.engine.placed import Placed
from workbench.engine.rounds import Contribution

__all__ = ["packed", "unpacked"]

STACKED, JOINED, LENGTHS = "s.", "j.", "n."
INSIDE, PLACES = "inside", "places"
LIMIT = 256 << 20
"""Bytes of one answer once it is unpacked."""


def packed(contribution: Contribution, cells: int) -> bytes:
    """A group's contribution as bytes. cells: of the plan, which bounds the persons' places."""
    arrays: dict[str, NDArray[Any]] = {}
    for name in contribution.parts[0] if contribution.parts else ():
        held = [part[name] for part in contribution.parts]
        if len({(one.shape, one.dtype) for one in held}) == 1:
            arrays[STACKED + name] = np.stack(held)
        else:
            arrays[JOINED + name] = np.concatenate(held)
            arrays[LENGTHS + name] = np.array([len(one) for one in held], dtype=np.int64)
    if contribution.placed:
        width = np.uint8 if cells < 1 << 8 else np.uint16 if cells < 1 << 16 else np.int32
        together = np.concatenate([one.vector for one in contribution.placed])
        inside = together != cells
        arrays[INSIDE] = np.packbits(inside)  # a bit a person: most are outside most cohorts
        arrays[PLACES] = together[inside].astype(width)
    target = io.BytesIO()
    np.savez_compressed(target, allow_pickle=False, **arrays)
    return target.getvalue()


def unpacked(
    content: bytes, parts: int, persons: Sequence[int], cells: int, *, placing: bool
) -> Contribution:
    """So many parts of buckets that hold so many persons; Fault when it is not of that form."""
    try:
        arrays = _arrays(content)
        found = _parts(arrays, parts)
        placed = _placed(arrays[INSIDE], arrays[PLACES], persons, cells) if placing else []
    except (ValueError, KeyError, OSError, zipfile.BadZipFile, EOFError):
        raise fault("a worker's answer is not of the agreed form") from None
    return Contribution(found, placed)


def _arrays(content: bytes) -> Mapping[str, NDArray[Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as held:
        if sum(one.file_size for one in held.infolist()) > LIMIT:
            raise ValueError("too large")
    with np.load(io.BytesIO(content), allow_pickle=False) as found:
        arrays = {name: found[name] for name in found.files}
    if any(one.dtype.kind not in "biuf" or one.ndim == 0 for one in arrays.values()):
        raise ValueError("not numbers")
    return arrays


def _parts(arrays: Mapping[str, NDArray[Any]], count: int) -> list[Parts]:
    parts: list[dict[str, NDArray[Any]]] = [{} for _ in range(count)]
    for key, held in arrays.items():
        name = key[len(STACKED) :]
        if key.startswith(STACKED):
            divided = list(held)
        elif key.startswith(JOINED):
            lengths = arrays[LENGTHS + name]
            if lengths.min(initial=0) < 0 or lengths.sum() != len(held):
                raise ValueError("lengths")
            divided = np.split(held, np.cumsum(lengths)[:-1])
        else:
            continue
        for part, one in zip(parts, divided, strict=True):
            part[name] = np.asarray(one)
    return list(parts)


def _placed(
    inside: NDArray[Any], held: NDArray[Any], persons: Sequence[int], cells: int
) -> list[Placed]:
    everybody = sum(persons)
    if inside.ndim != 1 or inside.dtype != np.uint8 or inside.size != -(-everybody // 8):
        raise ValueError("inside")
    who = np.unpackbits(inside, count=everybody).astype(np.bool_)
    if held.ndim != 1 or held.dtype.kind not in "iu" or held.size != np.count_nonzero(who):
        raise ValueError("places")
    if held.size and (held.min() < 0 or held.max() >= cells):
        raise ValueError("places")
    vector = np.full(everybody, cells, dtype=np.int32)
    vector[who] = held
    vectors = np.split(vector, np.cumsum(persons)[:-1])
    return [Placed(one, np.bincount(one, minlength=cells + 1)[:cells]) for one in vectors]
