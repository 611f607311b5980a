"""Tests that groups have the same survival: weighted log-rank, over strata where asked."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.engine.analyses.lifetimes import Lifetimes

__all__ = ["GroupTest", "Weights", "group_test"]

Floats = NDArray[np.float64]
Weights = Literal["logrank", "wilcoxon", "tarone_ware"]


@dataclass(frozen=True)
class GroupTest:
    """observed, expected: (groups,), weighted events and those expected if all groups were alike.

    chi2 is NaN and dof 0 when nothing can be compared.
    """

    observed: Floats
    expected: Floats
    chi2: float
    dof: int


def group_test(strata: list[Lifetimes], weights: Weights = "logrank") -> GroupTest:
    """The test over strata, each with the same groups.

    Weights at a day with n persons at risk: 1, n (Gehan's Wilcoxon) or √n. Groups without anybody
    at risk take no part. Source: Klein & Moeschberger, Survival Analysis, 2003, §7.3 and §7.5.
    """
    groups = strata[0].ended.shape[0]
    observed, expected = np.zeros(groups), np.zeros(groups)
    variance = np.zeros((groups, groups))
    for one in strata:
        d, n = one.events.sum(axis=0), one.at_risk.sum(axis=0)
        weight = {"logrank": np.ones(n.size), "wilcoxon": n, "tarone_ware": np.sqrt(n)}[weights]
        share = one.at_risk / np.maximum(n, 1)
        observed += one.events @ weight
        expected += (share * d) @ weight
        ties = np.divide(n - d, n - 1, out=np.zeros(n.size), where=n > 1) * d * weight**2
        variance += np.diag(share @ ties) - (share * ties) @ share.T
    there = np.flatnonzero(np.diag(variance) > 0)
    if there.size < 2:
        return GroupTest(observed, expected, float("nan"), 0)
    kept = there[:-1]
    apart = (observed - expected)[kept]
    chi2 = float(apart @ np.linalg.solve(variance[np.ix_(kept, kept)], apart))
    return GroupTest(observed, expected, chi2, int(kept.size))
