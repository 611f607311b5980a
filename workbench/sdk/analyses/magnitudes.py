"""Sums, means and ratios of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking, names

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Magnitudes"]


class Magnitudes(Asking):
    """Analyses of how much there is."""

    def totals(
        self, variable: str, by: str | list[str] | None = None, *, margins: bool = False
    ) -> Release:
        """Sum, mean with 95 % interval, standard deviation and coefficient of variation.

        The sum is the number of persons times the mean as released, so it has the mean's digits.

            cohort.totals("bed_days", by="county", margins=True)
        """
        return self._run(nodes.Totals, variable=variable, by=names(by), margins=margins)

    def ratio(self, numerator: str, denominator: str, by: str | list[str] | None = None) -> Release:
        """The sum of one number over the sum of another, with 95 % interval by linearisation.

        Over the persons that have both:

            cohort.ratio("bed_days", "admissions", by="county")     # days an admission
        """
        return self._run(nodes.Ratio, numerator=numerator, denominator=denominator, by=names(by))
