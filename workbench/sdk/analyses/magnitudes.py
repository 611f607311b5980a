"""Sums, means and ratios of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking, names
from workbench.sdk.analyses.noise import Bounds, Dp, bounded

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Magnitudes"]


class Magnitudes(Asking):
    """Analyses of how much there is."""

    def totals(
        self,
        variable: str,
        by: str | list[str] | None = None,
        *,
        margins: bool = False,
        dp: Dp | None = None,
        bounds: Bounds | None = None,
    ) -> Release:
        """Sum, mean with 95 % interval, standard deviation and coefficient of variation.

        The sum is the number of persons times the mean as released, so it has the mean's digits.

        dp: sum and mean with noise, of values clipped to bounds (the contract's without any). A
        count of events a person is such a number, of which each person adds at most so many:

            cohort.totals("bed_days", by="county", margins=True)
            cohort.totals("visits", by="county", dp=wb.dp(rho="1/20"), bounds=(0, 10))
        """
        if dp is not None:
            asked = bounded(bounds, margins=margins)
            return self._run(nodes.DpTotals, variable=variable, by=names(by), rho=dp.rho, **asked)
        bounded(bounds, exact=True)
        return self._run(nodes.Totals, variable=variable, by=names(by), margins=margins)

    def ratio(self, numerator: str, denominator: str, by: str | list[str] | None = None) -> Release:
        """The sum of one number over the sum of another, with 95 % interval by linearisation.

        Over the persons that have both:

            cohort.ratio("bed_days", "admissions", by="county")     # days an admission
        """
        return self._run(nodes.Ratio, numerator=numerator, denominator=denominator, by=names(by))
