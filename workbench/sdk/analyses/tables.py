"""Tables of persons: counts, exact or with noise, and described numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking, names
from workbench.sdk.refused import Refused

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Dp", "Tables", "dp"]


class Dp:
    """A privacy cost ρ (zero-concentrated differential privacy), exact."""

    def __init__(self, rho: str) -> None:
        self.rho = rho

    def __repr__(self) -> str:
        return f"wb.dp(rho={self.rho!r})"


def dp(rho: str | int) -> Dp:
    """Ask for noise at the cost ρ, written as an exact fraction: wb.dp(rho="1/10")."""
    if isinstance(rho, float):
        raise Refused(
            "bad_budget",
            "A privacy cost is an exact number.",
            'Write it as a fraction in quotes: wb.dp(rho="1/10").',
        )
    return Dp(str(rho))


class Tables(Asking):
    """Analyses that give a table."""

    def crosstab(self, *by: str, margins: bool = True) -> Release:
        """Persons by one to three dimensions."""
        return self._run(nodes.Crosstab, by=by, margins=margins)

    def count(self, by: str | list[str] | None = None, dp: Dp | None = None) -> Release:
        """Persons in all or by up to two dimensions; with dp=wb.dp(rho="1/10") noisy."""
        if dp is not None:
            return self._run(nodes.DpCount, by=names(by), rho=dp.rho)
        return self._run(nodes.Count, by=names(by))

    def describe(
        self, variable: str, by: str | list[str] | None = None, *, margins: bool = False
    ) -> Release:
        """n, mean and standard deviation of a number, over the persons that have one."""
        return self._run(nodes.Describe, variable=variable, by=names(by), margins=margins)
