"""An entry of the ledger as bytes: cells and numbers come back, and nothing else is taken."""

import numpy as np
import pytest

from workbench.domain.errors import Fault
from workbench.engine.entries import Entry, entry_of, packed, unpacked
from workbench.engine.placed import Placed


def placed(vector: list[int], cells: int, **values: list[float]) -> Placed:
    held = np.array(vector, np.int32)
    n = np.bincount(held, minlength=cells + 1)[:cells]
    return Placed(held, n, {name: np.array(one, float) for name, one in values.items()})


def told(entry: Entry, name: str) -> list[float]:
    number = entry.numbers[name]
    return (number.values.astype(float) + number.centre).tolist()


def test_cells_and_numbers_come_back() -> None:
    entry = unpacked(packed(entry_of(placed([0, 2, 1], 2, age=[70.5, 12.25], y=[0, 1]))), 3, 2)
    assert entry.vector.tolist() == [0, 2, 1]
    assert told(entry, "age") == [70.5, 12.25]
    assert told(entry, "y") == [0, 1]


def test_a_small_number_beside_a_large_constant_is_not_lost() -> None:
    entry = unpacked(packed(entry_of(placed([0, 0, 0], 1, x=[1e9, 1e9 + 1, 1e9]))), 3, 1)
    assert told(entry, "x") == [1e9, 1e9 + 1, 1e9]


def test_an_entry_from_before_numbers_were_kept_has_none() -> None:
    assert unpacked(bytes([0, 2, 1]), 3, 2).numbers == {}


@pytest.mark.parametrize("changed", [b"", b"\1\0\0\0{", b"\xff\0\0\0{}"])
def test_an_entry_that_ends_too_early_or_goes_on_is_a_fault(changed: bytes) -> None:
    whole = packed(entry_of(placed([0, 1, 0], 1, x=[1, 2])))
    with pytest.raises(Fault):
        unpacked(whole[:-1] + changed, 3, 1)
