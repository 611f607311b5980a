"""Quantiles, the median, box plots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking, names
from workbench.sdk.analyses.noise import Bounds, Dp, bounded

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Quantiles"]


class Quantiles(Asking):
    """Analyses of where the persons' numbers lie."""

    def quantiles(
        self,
        variable: str,
        by: str | list[str] | None = None,
        *,
        at: Sequence[float] = (0.25, 0.5, 0.75),
        dp: Dp | None = None,
        bounds: Bounds | None = None,
        steps: int = 256,
    ) -> Release:
        """Quantiles of a number, over the persons that have it.

        at: any of 0.01, 0.05, 0.10, …, 0.95, 0.99. The k-th smallest of n values is shown, with
        k = p · n rounded up, itself rounded so that enough persons share the rounded value.

        dp: with noise and limits, of values clipped to bounds (the contract's without any) and
        told on a grid of so many steps; any number of quantiles costs the same.

            cohort.quantiles("bmi", by="sex", at=[0.1, 0.5, 0.9])
            cohort.quantiles("bmi", dp=wb.dp(rho="1/20"), bounds=(15, 60), steps=90)
        """
        if dp is not None:
            asked = bounded(bounds) | {"steps": steps, "at": tuple(float(one) for one in at)}
            return self._run(
                nodes.DpQuantiles, variable=variable, by=names(by), rho=dp.rho, **asked
            )
        bounded(bounds, exact=True)
        return self._run(
            nodes.Quantiles,
            variable=variable,
            by=names(by),
            at=tuple(float(one) for one in at),
        )

    def median(
        self,
        variable: str,
        by: str | list[str] | None = None,
        *,
        dp: Dp | None = None,
        bounds: Bounds | None = None,
    ) -> Release:
        """The median of a number: the value that half of the persons do not exceed.

        cohort.median("age", by="county"); with noise as .quantiles.
        """
        return self.quantiles(variable, by, at=(0.5,), dp=dp, bounds=bounds)

    def summary(self, variable: str, by: str | list[str] | None = None) -> Release:
        """Number, mean, standard deviation, median and quartiles of a number at once.

        cohort.summary("age", by="sex")
        """
        return self._run(nodes.Summary, variable=variable, by=names(by))

    def boxplot(self, variable: str, by: str | list[str] | None = None) -> Release:
        """Quartiles as a box, whiskers at p5 and p95; no outliers, as these are persons.

        cohort.boxplot("bmi", by="sex")
        """
        return self._run(nodes.Boxplot, variable=variable, by=names(by))
