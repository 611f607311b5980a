"""Missing values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking, names

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Missingness"]


class Missingness(Asking):
    """Analyses of what is not known."""

    def missing(self, variables: str | Sequence[str], by: str | None = None) -> Release:
        """How many persons lack a value of each variable, in all or in each group.

        Up to twelve variables; a number is withheld where fewer than the threshold lack the
        variable or have it.

            cohort.missing(["bmi", "smoking", "education"], by="sex")
        """
        asked = names(variables if isinstance(variables, str) else list(variables))
        return self._run(nodes.Missingness, variables=asked, by=names(by))
