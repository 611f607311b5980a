"""Tables of persons: counts, exact or with noise, and described numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking, names
from workbench.sdk.analyses.noise import Bounds, Dp, bounded

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Tables"]


class Tables(Asking):
    """Analyses that give a table."""

    def crosstab(self, *by: str, margins: bool = True, dp: Dp | None = None) -> Release:
        """Persons by one to three dimensions; with dp=wb.dp(rho="1/10") noisy."""
        if dp is not None:
            return self._run(nodes.DpCrosstab, by=by, margins=margins, rho=dp.rho)
        return self._run(nodes.Crosstab, by=by, margins=margins)

    def count(self, by: str | list[str] | None = None, dp: Dp | None = None) -> Release:
        """Persons in all or by up to two dimensions; with dp=wb.dp(rho="1/10") noisy."""
        if dp is not None:
            return self._run(nodes.DpCount, by=names(by), rho=dp.rho)
        return self._run(nodes.Count, by=names(by))

    def describe(
        self,
        variable: str,
        by: str | list[str] | None = None,
        *,
        margins: bool = False,
        dp: Dp | None = None,
        bounds: Bounds | None = None,
    ) -> Release:
        """n, mean and standard deviation of a number, over the persons that have one.

        dp: with noise, which is made for values between bounds; the contract's without any:

            cohort.describe("bmi", by="sex", dp=wb.dp(rho="1/20"), bounds=(15, 60))
        """
        if dp is not None:
            asked = bounded(bounds, margins=margins)
            return self._run(nodes.DpDescribe, variable=variable, by=names(by), rho=dp.rho, **asked)
        bounded(bounds, exact=True)
        return self._run(nodes.Describe, variable=variable, by=names(by), margins=margins)
