"""What a worker answers: named arrays of plain numbers in an npz, which is never unpickled.

The arrays of all parts of a group stand in one: stacked where they have one shape, one after the
other with their lengths where they have not. The whole is compressed by runs and Huffman codes
alone: the longer search for repetitions finds none in persons' places, and took more time than all
else that a worker does beside its query.
"""

import io
import zipfile
import zlib
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
INSIDE, PLACES, VALUES, CENTRE = "inside", "places", "v.", "c."
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
        width = 1 if cells < 1 << 8 else 2 if cells < 1 << 16 else 4
        together = np.concatenate([one.vector for one in contribution.placed])
        inside = together != cells
        arrays[INSIDE] = np.packbits(inside)  # a bit a person: most are outside most cohorts
        placed = together[np.flatnonzero(inside)]
        # The low bytes of all, then the high bytes, which are all alike.
        planes = [placed >> (8 * at) for at in range(width)]
        arrays[PLACES] = np.stack([one.astype(np.uint8) for one in planes])
        for name in contribution.placed[0].values:
            values = np.concatenate([one.values[name] for one in contribution.placed])
            centre = np.median(values) if values.size else 0.0
            with np.errstate(over="ignore", invalid="ignore"):
                arrays[VALUES + name] = (values - centre).astype(np.float32)
            arrays[CENTRE + name] = np.array([centre])
    target = io.BytesIO()
    np.savez(target, allow_pickle=False, **arrays)
    squeeze = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    return squeeze.compress(target.getbuffer()) + squeeze.flush()


def unpacked(
    content: bytes, parts: int, persons: Sequence[int], cells: int, *, placing: bool
) -> Contribution:
    """So many parts of buckets that hold so many persons; Fault when it is not of that form."""
    try:
        arrays = _arrays(content)
        found = _parts(arrays, parts)
        placed = _placed(arrays, persons, cells) if placing else []
    except (ValueError, KeyError, OSError, zipfile.BadZipFile, EOFError, zlib.error):
        raise fault("a worker's answer is not of the agreed form") from None
    return Contribution(found, placed)


def _arrays(content: bytes) -> Mapping[str, NDArray[Any]]:
    loosen = zlib.decompressobj()
    whole = loosen.decompress(content, LIMIT)
    if not loosen.eof or loosen.unused_data:
        raise ValueError("too large, or more than it says")
    with zipfile.ZipFile(io.BytesIO(whole)) as held:
        if sum(one.file_size for one in held.infolist()) > LIMIT:
            raise ValueError("too large")
    with np.load(io.BytesIO(whole), allow_pickle=False) as found:
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


def _placed(arrays: Mapping[str, NDArray[Any]], persons: Sequence[int], cells: int) -> list[Placed]:
    inside, planes = arrays[INSIDE], arrays[PLACES]
    everybody = sum(persons)
    if inside.ndim != 1 or inside.dtype != np.uint8 or inside.size != -(-everybody // 8):
        raise ValueError("inside")
    who = np.unpackbits(inside, count=everybody).view(np.bool_)
    those = np.flatnonzero(who)  # by number: a mask of everybody takes several times as long
    found = those.size
    if planes.dtype != np.uint8 or planes.shape not in ((1, found), (2, found), (4, found)):
        raise ValueError("places")
    held = np.zeros(found, dtype=np.int64)
    for at, plane in enumerate(planes):
        held |= plane.astype(np.int64) << (8 * at)
    if held.size and (held.min() < 0 or held.max() >= cells):
        raise ValueError("places")
    vector = np.full(everybody, cells, dtype=np.int32)
    vector[those] = held
    ends = np.cumsum(persons)[:-1]
    vectors = np.split(vector, ends)
    lots = np.searchsorted(those, ends)
    parts = np.split(held, lots)
    values = {name: np.split(one, lots) for name, one in _values(arrays, held.size).items()}
    return [
        Placed(
            one,
            np.bincount(part, minlength=cells),
            {name: several[at] for name, several in values.items()},
        )
        for at, (one, part) in enumerate(zip(vectors, parts, strict=True))
    ]


def _values(arrays: Mapping[str, NDArray[Any]], persons: int) -> dict[str, NDArray[np.float64]]:
    found = {}
    for key, one in arrays.items():
        if key.startswith(VALUES):
            name = key[len(VALUES) :]
            if one.dtype != np.float32 or one.shape != (persons,):
                raise ValueError("values")
            found[name] = one.astype(np.float64) + float(arrays[CENTRE + name][0])
    return found
