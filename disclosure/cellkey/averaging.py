"""A budget against averaging: a set's true count is the mean of its many noisy splits.

Every way to split a set into m parts whose noisy counts are shown gives one more estimate of the
set's count, with m times the noise's variance; estimates of other splits are independent of it (240
random splits in two gave the exact count, where nothing counted them). What splits tell is added up
as precision, in units of one noisy count: 1/m each. Nobody may get more than the budget of any set.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from disclosure.errors import Refusal

__all__ = ["Split", "identifying", "looks_random", "spend"]

Int = NDArray[np.int64]
CHANCE = 0.01


@dataclass(frozen=True)
class Split:
    """A set of persons, by its key, and the keys of its parts that hold somebody.

    A set that is shown whole is a split with itself as its only part.
    """

    whole: int
    parts: frozenset[int]


def spend(
    spent: Mapping[int, frozenset[frozenset[int]]], splits: Iterable[Split], budget: Fraction
) -> dict[int, frozenset[frozenset[int]]]:
    """The book with new splits in it: for each set, the splits that were shown.

    A split that stands there already costs nothing: its noise is the same. budget: precision of any
    one set; 4 leaves a set's count uncertain by half the noise's deviation. Raises
    Refusal("averaging_budget"), and then nothing is spent.
    """
    book = dict(spent)
    for one in splits:
        book[one.whole] = book.get(one.whole, frozenset()) | {one.parts}
        if sum(Fraction(1, len(parts)) for parts in book[one.whole]) > budget:
            raise Refusal(
                "averaging_budget",
                "These persons were split in so many ways that their count could be averaged.",
                "Use splits that were shown before, or fewer of them.",
            )
    return book


def identifying(persons: Int, threshold: int) -> bool:
    """Whether a dimension is more of a name than of a group: persons by code, (codes,).

    So it is where codes hold fewer than the threshold on average, or half of the persons are in
    codes below it.
    """
    held = persons[persons > 0]
    few = held[held < threshold].sum()
    return bool(held.size and (held.sum() < threshold * held.size or 2 * few >= held.sum()))


def looks_random(joints: Iterable[Int]) -> bool:
    """Whether a self-made dimension is independent of all that is known: a split by chance.

    joints: its cross tables of counts with each variable of the contract, (codes, values), all of
    the same persons. By the χ² test with CHANCE shared among them; a dimension without any table to
    compare it with looks random.
    """
    import scipy.stats as st

    tables = list(joints)
    for one in tables:
        seen = one[one.sum(axis=1) > 0][:, one.sum(axis=0) > 0]
        if min(seen.shape) < 2:
            continue
        if st.chi2_contingency(seen, correction=False).pvalue < CHANCE / len(tables):
            return False
    return True
