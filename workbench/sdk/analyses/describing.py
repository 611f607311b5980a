"""Table one: the cohort's persons described by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking
from workbench.sdk.refused import Refused
from workbench.sdk.table_one import Part, TableOne

if TYPE_CHECKING:
    from workbench.plan.schema import ColumnSchema
    from workbench.plan.types import FrameType, Type

__all__ = ["Describing"]


class Describing(Asking):
    """Analyses that put others together."""

    _type: FrameType

    if TYPE_CHECKING:  # what a frame brings

        def _source(self, found: Type) -> ColumnSchema | None:
            """See Frame."""

    def _is_number(self, name: str) -> bool:
        """Whether a variable is told as a number: one without categories, or whose categories are
        only the whole numbers that its contract allows, as weeks of gestation."""
        known = self._type.columns.get(name)
        if known is None or known.levels is None:
            return known is not None
        source = self._source(known)
        return known.numeric and source is not None and not source.codes

    def table_one(
        self,
        by: str | None = None,
        *,
        variables: Sequence[str],
        numeric: Sequence[str] = (),
        overall: bool = True,
        p: bool = False,
    ) -> TableOne:
        """The persons by group: n (%) of categories, mean (sd), median [quartiles], missing.

        variables: in the order of the table. Those without named categories are told as numbers,
        and numeric says which others shall be. overall: a column of all persons. p:
        tests that the groups are alike (chi-squared; Welch's t or F). The standardised mean
        difference is that of the two groups furthest apart.

        Each variable is a release of its own, judged with all before it; .releases has them.

            cohort.table_one(by="sex", variables=["age", "smoking", "bmi"])
        """
        if isinstance(variables, str) or not variables:
            raise Refused(
                "malformed_plan", "The variables are a list.", 'As in variables=["age", "sex"].'
            )
        if by in variables:
            raise Refused(
                "same_variable_twice",
                f"{by} is the group and a variable.",
                "Leave it out of the variables.",
            )
        if len(set(variables)) != len(variables):
            raise Refused(
                "same_variable_twice", "A variable is named twice.", "Name each variable once."
            )
        groups = () if by is None else (by,)
        counted = self._run(nodes.Count, by=groups)
        parts = []
        for name in variables:
            number = name in numeric or self._is_number(name)
            if number:
                grouped = self._run(nodes.Summary, variable=name, by=groups)
                apart = overall and by is not None
                whole = self._run(nodes.Summary, variable=name) if apart else None
                parts.append(Part(name, True, grouped, whole))  # noqa: FBT003 - a field
            elif by is None:
                parts.append(Part(name, False, self._run(nodes.Count, by=(name,))))  # noqa: FBT003 - a field
            else:
                grouped = self._run(nodes.Crosstab, by=(by, name), margins=overall)
                parts.append(Part(name, False, grouped))  # noqa: FBT003 - a field
        return TableOne(by, counted, parts, p=p)
