"""How numbers are distributed: histogram, density, heat map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking, names
from workbench.sdk.analyses.noise import Dp

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Distributions"]


class Distributions(Asking):
    """Analyses of how numbers are distributed."""

    def histogram(
        self,
        variable: str,
        by: str | None = None,
        *,
        edges: Sequence[float] | None = None,
        bins: int = 20,
        dp: Dp | None = None,
    ) -> Release:
        """Persons by intervals of a number.

        edges: where intervals begin, ascending; without them about `bins` round intervals over the
        range that the contract allows. Intervals at either end with too few persons are joined;
        a small one in between is withheld. dp: with noise in each interval, and none withheld.

            cohort.histogram("age", by="sex")
            cohort.histogram("bmi", edges=[18.5, 25, 30, 35, 40], dp=wb.dp(rho="1/50"))
        """
        asked = {"variable": variable, "by": names(by), "edges": tuple(edges or ()), "bins": bins}
        if dp is not None:
            return self._run(nodes.DpHistogram, rho=dp.rho, **asked)
        return self._run(nodes.Histogram, **asked)

    def density(
        self,
        variable: str,
        by: str | None = None,
        *,
        edges: Sequence[float] | None = None,
        bins: int = 100,
        bandwidth: float | None = None,
    ) -> Release:
        """The smoothed distribution of a number: at most 100 points from p1 to p99.

        It is drawn from a histogram of fine intervals, each with enough persons, and tells no more
        than that. bandwidth: the kernel's standard deviation; Silverman's rule without.

            cohort.density("age", by="sex")
        """
        return self._run(
            nodes.Density,
            variable=variable,
            by=names(by),
            edges=tuple(edges or ()),
            bins=bins,
            bandwidth=None if bandwidth is None else float(bandwidth),
        )

    def heatmap(
        self,
        x: str,
        y: str,
        *,
        x_edges: Sequence[float] | None = None,
        y_edges: Sequence[float] | None = None,
        bins: int = 10,
    ) -> Release:
        """Persons by intervals of two numbers: what stands in for a scatter plot.

        Squares with too few persons are withheld; no person is a point.

            cohort.heatmap("age", "bmi")
        """
        return self._run(
            nodes.Heatmap,
            x=x,
            y=y,
            x_edges=tuple(x_edges or ()),
            y_edges=tuple(y_edges or ()),
            bins=bins,
        )
