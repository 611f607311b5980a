"""How unevenly a number is spread over persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking, names

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Concentrations"]


class Concentrations(Asking):
    """Analyses of inequality."""

    def concentration(self, variable: str, by: str | None = None) -> Release:
        """Gini's coefficient, the Lorenz curve, and the shares of the top tenth and the lower half.

        Over the persons that have the number; less than nothing counts as nothing.

            cohort.concentration("bed_days", by="sex")
        """
        return self._run(nodes.Concentration, variable=variable, by=names(by))

    def gini(self, variable: str, by: str | None = None) -> Release:
        """Gini's coefficient: 0 when all have the same, near 1 when one has it all.

        The same release as `.concentration`:

            cohort.gini("cost", by="county")
        """
        return self.concentration(variable, by)

    def lorenz(self, variable: str, by: str | None = None) -> Release:
        """The Lorenz curve: what share of the sum the lower shares of the persons hold.

        The same release as `.concentration`:

            cohort.lorenz("cost").blocks["lorenz"]
        """
        return self.concentration(variable, by)
