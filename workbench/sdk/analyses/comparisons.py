"""Tests whether groups are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Comparisons"]


class Comparisons(Asking):
    """Analyses that compare groups."""

    def chi_squared(self, rows: str, columns: str) -> Release:
        """Whether two categories are independent: Pearson's χ² with Cramér's V.

        cohort.chi_squared("smoker", "died"). Over the persons that have both.
        """
        return self._run(nodes.ChiSquared, rows=rows, columns=columns)

    def t_test(self, variable: str, by: str, *, equal_variances: bool = False) -> Release:
        """Whether a number's mean differs between two groups: Welch's t, or Student's.

        cohort.t_test("birth_weight", by="smoker") gives t, p and the difference with its limits.
        """
        return self._run(nodes.MeanTest, variable=variable, by=by, equal_variances=equal_variances)

    def anova(self, variable: str, by: str, *, equal_variances: bool = False) -> Release:
        """Whether a number's mean is the same in all groups: Welch's F, or Fisher's.

        cohort.anova("bmi", by="region").
        """
        return self._run(nodes.MeanTest, variable=variable, by=by, equal_variances=equal_variances)

    def rank_test(self, variable: str, by: str) -> Release:
        """The same by ranks: Mann–Whitney's U for two groups, Kruskal–Wallis for more.

        cohort.rank_test("los", by="sex"): right where a few values are very large.
        """
        return self._run(nodes.RankTest, variable=variable, by=by)
