"""Shares of persons: of a yes/no variable, and of the rows or columns of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking, names

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Proportions"]


class Proportions(Asking):
    """Analyses that give shares."""

    def proportion(
        self,
        variable: str,
        by: str | list[str] | None = None,
        *,
        method: Literal["wilson", "exact"] = "wilson",
        level: float = 0.95,
        margins: bool = False,
    ) -> Release:
        """The share of persons with a yes, with its confidence interval.

        variable: yes/no; who has neither is left out. method: "wilson" (score) or "exact"
        (Clopper and Pearson). margins: the shares of all groups together as well.

        A yes/no variable is a comparison away:

            cohort.with_columns(old=cohort.age >= 80).proportion("old", by="sex")
        """
        return self._run(
            nodes.Proportion,
            variable=variable,
            by=names(by),
            method=method,
            level=level,
            margins=margins,
        )

    def shares(
        self, row: str, column: str, *, of: Literal["rows", "columns", "all"] = "rows"
    ) -> Release:
        """Persons by two dimensions in per cent of the rows, the columns or all.

        A share is withheld where its count is, or the count that it is a share of:

            cohort.shares("county", "died")          # of each county, how many per cent died
        """
        return self._run(nodes.Shares, row=row, column=column, of=of)
