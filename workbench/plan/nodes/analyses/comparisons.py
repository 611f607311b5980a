"""Tests whether groups are alike: of categories, of means, of ranks."""

from typing import Literal

from workbench.plan.nodes.base import AnalysisNode, Name

__all__ = ["ChiSquared", "MeanTest", "RankTest"]


class ChiSquared(AnalysisNode):
    """Pearson's test that two categories are independent, over the persons that have both."""

    k: Literal["chi_squared"] = "chi_squared"
    rows: Name
    columns: Name

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (self.rows, self.columns)


class MeanTest(AnalysisNode):
    """Whether a number's mean is the same in all groups: t with two groups, F with more.

    equal_variances: Student's t and Fisher's F; else Welch's, which needs no such belief.
    """

    k: Literal["mean_test"] = "mean_test"
    variable: Name
    by: Name
    equal_variances: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (self.by, self.variable)


class RankTest(AnalysisNode):
    """Whether a number is as often large in each group: Mann–Whitney with two, Kruskal–Wallis."""

    k: Literal["rank_test"] = "rank_test"
    variable: Name
    by: Name

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (self.by, self.variable)
