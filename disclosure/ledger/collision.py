"""What a refusal tells of a collision: which releases, how they meet the new result, which groups.

As JSON a diagram can be drawn from it:

    {"releases": [{"release": "00aa…", "overlap": "inside"}, …],
     "groups": [[{"dimension": "sex", "code": "F"}, …], …]}

`overlap` says how the new cohort meets that of the release: "same", "inside" it, "around" it,
"overlapping", or "apart". Fewer persons than the threshold are nobody for these words, so that none
of them tells whether somebody is there. No count is in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from disclosure.tables import Dimension, Overlap

__all__ = ["NAMED", "Collision", "Group", "Meets", "groups_of", "meets"]

Meets = Literal["same", "inside", "around", "overlapping", "apart"]
Group = tuple[tuple[str, str], ...]
"""The (dimension, code) of a cell; the dimension "" where it has no name."""
NAMED = 4
"""Groups that are named."""


@dataclass(frozen=True)
class Collision:
    """See above."""

    releases: tuple[tuple[str, Meets], ...] = ()
    groups: tuple[Group, ...] = ()

    def json(self) -> dict[str, Any]:
        """The shape above."""
        return {
            "releases": [{"release": one, "overlap": how} for one, how in self.releases],
            "groups": [
                [{"dimension": name, "code": code} for name, code in group] for group in self.groups
            ],
        }

    def words(self) -> str:
        """The groups in a sentence, with the space before it; "" without any."""
        told = [" × ".join(f"{name} {code}".strip() for name, code in one) for one in self.groups]
        return f" ({'; '.join(told)})" if any(told) else ""


def meets(overlap: Overlap, threshold: int) -> Meets:
    """How the new cohort meets an earlier one."""
    joint = overlap.joint
    both, new, old = joint[:-1, :-1].sum(), joint[:-1, -1].sum(), joint[-1, :-1].sum()
    if both < threshold:
        return "apart"
    if new < threshold:
        return "same" if old < threshold else "inside"
    return "around" if old < threshold else "overlapping"


def groups_of(dimensions: Sequence[Dimension], cells: Iterable[int]) -> tuple[Group, ...]:
    """The names of inner cells (C order), the first NAMED of them."""
    shape = tuple(len(one.codes) for one in dimensions)
    flat: NDArray[np.intp] = np.array(sorted(cells)[:NAMED], np.intp)
    if not shape or not flat.size:
        return ()
    places = zip(*(axis.tolist() for axis in np.unravel_index(flat, shape)), strict=True)
    return tuple(
        tuple((one.name, one.codes[at]) for one, at in zip(dimensions, place, strict=True))
        for place in places
    )
