"""Persons as arrays: what the rounds of a model read, kept from one round to the next."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.sdk.compile import CELL, PERSON

__all__ = ["CHUNK", "Rows", "crossed", "turned"]

Floats = NDArray[np.float64]
CHUNK = 16_384
"""Rows that are worked on at a time: their columns stay near the processor."""
BLOCK = 1024
"""Rows of one product of narrow matrices: OpenBLAS takes half the time for small ones."""


class Rows:
    """Some persons, one array for each column of their frames; all of one length."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._arrays = dict(arrays)
        self._parts: dict[int, Rows] = {}
        self.height = len(next(iter(self._arrays.values())))

    @classmethod
    def of(cls, frames: Sequence[pl.DataFrame]) -> "Rows":
        """The persons of some buckets, without their numbers and cells."""
        whole = pl.concat([one.drop(PERSON, CELL) for one in frames], rechunk=True)
        return cls({name: whole[name].to_numpy() for name in whole.columns})

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name]

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def get(self, name: str, otherwise: int) -> NDArray[Any] | int:
        """One array, or what holds for everybody where there is none."""
        return self._arrays.get(name, otherwise)

    def estimated_size(self) -> int:
        """Bytes."""
        return sum(one.nbytes for one in self._arrays.values())

    def chunks(self) -> "Iterator[Rows]":
        """The same persons, CHUNK at a time."""
        for start in range(0, self.height, CHUNK):
            yield Rows({name: one[start : start + CHUNK] for name, one in self._arrays.items()})

    def every(self, stride: int) -> "Rows":
        """Each stride-th person; kept."""
        if stride == 1:
            return self
        if stride not in self._parts:
            part = {name: one[::stride].copy() for name, one in self._arrays.items()}
            self._parts[stride] = Rows(part)
        return self._parts[stride]

    def keep(self, name: str, make: "Callable[[Rows], NDArray[Any]]") -> None:
        """One more array, made chunk by chunk unless it is there."""
        if name not in self._arrays:
            made = [make(one) for one in self.chunks()]
            self._arrays[name] = np.concatenate(made) if made else make(self)


def crossed(x: Floats, y: Floats) -> Floats:
    """(p, q): xᵀy of (rows, p) and (rows, q), both column by column in memory."""
    rows = len(x) - len(x) % BLOCK
    found: Floats = x[rows:].T @ y[rows:]
    if rows:
        found += np.matmul(_blocks(x, rows), _blocks(y, rows).transpose(0, 2, 1)).sum(axis=0)
    return found


def turned(x: Floats, by: Floats) -> Floats:
    """(rows, q): x·by of (rows, p) and (p, q), column by column in memory, as x is."""
    rows = len(x) - len(x) % BLOCK
    found = np.empty((len(x), by.shape[1]), order="F")
    np.matmul(by.T, x[rows:].T, out=found[rows:].T)
    if rows:
        np.matmul(by.T, _blocks(x, rows), out=_blocks(found, rows))
    return found


def _blocks(x: Floats, rows: int) -> Floats:
    """(blocks, p, BLOCK) of the first rows, the same numbers in memory."""
    return x.T[:, :rows].reshape(x.shape[1], -1, BLOCK).transpose(1, 0, 2)
