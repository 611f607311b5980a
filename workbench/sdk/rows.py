"""What is asked of event frames: windows in time, an order, and one value a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from workbench.plan import nodes
from workbench.sdk.dated import the_date
from workbench.sdk.expressions import Expr, lit
from workbench.sdk.words import moment

if TYPE_CHECKING:
    from workbench.plan.types import FrameType

__all__ = ["EventWords"]

Op = Literal["sum", "mean", "min", "max", "median", "std", "n_unique", "any", "all"]


class EventWords:
    """Many rows a person: filter and sort them, then make one value a person of them."""

    _node: nodes.Frame
    _type: FrameType

    # ---- which rows
    def sort(self, *by: str, descending: bool = False) -> Self:
        """An order for .first(), .last() and .nth()."""
        return self._grown(nodes.Sort(frame=self._node, by=by, descending=descending))

    def window(self, start: object, end: object, on: str | None = None) -> Self:
        """The rows from `start` up to but not on `end`, dates or date expressions of the person.

        on: the date variable of the rows; needed only when there are several.
        """
        own = self[the_date(self._type, on)]
        return self.filter(own >= moment(start), own < moment(end))

    def before(self, when: object, days: int | None = None, on: str | None = None) -> Self:
        """The rows before a date (not on it), at most so many days: dx.before(index, days=365)."""
        own, date = self[the_date(self._type, on)], lit(moment(when))
        rows = self.filter(own < date)
        return rows if days is None else rows.filter(own >= date.dt.add_days(-days))

    def after(self, when: object, days: int | None = None, on: str | None = None) -> Self:
        """The rows from a date on (the day itself too), for at most so many days."""
        own, date = self[the_date(self._type, on)], lit(moment(when))
        rows = self.filter(own >= date)
        return rows if days is None else rows.filter(own < date.dt.add_days(days))

    # ---- one value a person
    def count(self) -> Expr:
        """How many rows the person has; 0 without one."""
        return Expr(lambda _frame: nodes.CountRows(frame=self._node))

    def nth(
        self, n: int, value: str | Expr, counted_from: Literal["first", "last"] = "first"
    ) -> Expr:
        """The value in the person's n-th row, 1 the first; the frame must be sorted."""
        node = nodes.Nth(n=n, counted_from=counted_from, frame=self._node, value=self._value(value))
        return Expr(lambda _frame: node)

    def as_of(
        self, when: object, value: str | Expr, days: int | None = None, on: str | None = None
    ) -> Expr:
        """The last value before a date: weight.as_of(index, "kg", days=365); missing without."""
        own = the_date(self._type, on)
        return self.before(when, days, own).sort(own).last(value)

    def sum(self, value: str | Expr) -> Expr:
        """The sum of the person's values; 0 without one."""
        return self._reduce("sum", value)

    def mean(self, value: str | Expr) -> Expr:
        """The mean of the person's values; missing without one."""
        return self._reduce("mean", value)

    def median(self, value: str | Expr) -> Expr:
        """The median of the person's values; missing without one."""
        return self._reduce("median", value)

    def std(self, value: str | Expr) -> Expr:
        """The standard deviation of the person's values; missing for fewer than two."""
        return self._reduce("std", value)

    def min(self, value: str | Expr) -> Expr:
        """The person's least value; missing without one."""
        return self._reduce("min", value)

    def max(self, value: str | Expr) -> Expr:
        """The person's greatest value; missing without one."""
        return self._reduce("max", value)

    def n_unique(self, value: str | Expr) -> Expr:
        """How many different values the person has; 0 without one."""
        return self._reduce("n_unique", value)

    def any(self, condition: str | Expr) -> Expr:
        """Whether a condition holds in any row; false without one."""
        return self._reduce("any", condition)

    def all(self, condition: str | Expr) -> Expr:
        """Whether a condition holds in all rows where it is known; true without one."""
        return self._reduce("all", condition)

    def _reduce(self, op: Op, value: str | Expr) -> Expr:
        node = nodes.Reduce(op=op, frame=self._node, value=self._value(value))
        return Expr(lambda _frame: node)

    if TYPE_CHECKING:  # what a frame brings

        def __getitem__(self, name: str) -> Expr: ...
        def filter(self, *conditions: Expr) -> Self:
            """See Frame."""

        def last(self, value: str | Expr) -> Expr:
            """See Frame."""

        def _grown(self, node: nodes.Frame) -> Self: ...
        def _value(self, value: str | Expr) -> Any: ...
