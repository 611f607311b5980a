"""Tables of three dimensions with many small cells: proofs between layers hold before scipy."""

import numpy as np
import pytest

import disclosure
from disclosure import Table
from tests.lib.gate import policy
from tests.lib.linked_judge import Intruder

NAMES = ("a", "b", "c")


def solid(seed: int) -> tuple[Table, np.ndarray]:
    """6 × 6 × 5 cells, more than half of them small: more than are proven one by one."""
    rng = np.random.default_rng(seed)
    share = np.ones(())
    for codes in (6, 6, 5):
        share = share[..., None] * np.arange(1, codes + 1.0) ** -1.0
    counts = rng.multinomial(2500, (share / share.sum()).ravel()).reshape(6, 6, 5)
    places = list(np.ndindex(counts.shape))
    data: dict[str, list[object]] = {
        name: [f"{name}{place[axis]}" for place in places] for axis, name in enumerate(NAMES)
    }
    data["n"] = [int(counts[place]) for place in places]
    return Table("t", data, NAMES, "n"), counts


@pytest.mark.parametrize("rule", [True, False])
@pytest.mark.parametrize("seed", range(2))
def test_every_withheld_small_cell_stays_open(seed: int, rule: bool) -> None:
    table, counts = solid(seed)
    one = disclosure.protect([table], policy(), rule=rule, coalition=0)[0]
    assert one.primary > 60
    assert "" in one.columns["mark"]
    intruder = Intruder(10 if rule else None)
    intruder.sees(one.columns, NAMES, {})
    truth = {
        intruder.cell(NAMES, [f"{name}{i}" for name, i in zip(NAMES, place, strict=True)]): int(n)
        for place, n in np.ndenumerate(counts)
    }
    for cell in sorted(intruder.primary)[:: 4 if rule else 3]:
        low, high = intruder.interval([cell])
        assert low <= truth[cell] <= high
        assert high - low >= (6 if rule else 10)


def test_the_same_table_always_gives_the_same_pattern() -> None:
    table, _ = solid(3)
    first, second = (disclosure.protect([table], policy(), rule=False)[0] for _ in range(2))
    assert first.columns["mark"] == second.columns["mark"]
