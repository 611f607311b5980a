"""Dates: their parts, what lies between them, and how they are moved."""

from typing import TYPE_CHECKING, Literal

from workbench.plan.nodes.base import Node

if TYPE_CHECKING:
    from workbench.plan.nodes import Expression

__all__ = ["Between", "DatePart", "Shift", "StartOf"]


class DatePart(Node):
    """The year, quarter (1–4), month (1–12), day (1–31) or weekday (1 Monday – 7) of a date."""

    k: Literal["date_part"] = "date_part"
    part: Literal["year", "quarter", "month", "day", "weekday"]
    operand: "Expression"


class Between(Node):
    """Days, or completed months or years, from `start` to `end`; negative when `end` is first."""

    k: Literal["between"] = "between"
    unit: Literal["days", "months", "years"]
    start: "Expression"
    end: "Expression"


class Shift(Node):
    """A date moved by a whole number of days, months or years; back when it is negative.

    A day that the month lacks becomes the month's last: a month after 31 January is 28 or 29
    February. Null when either is, or outside the years 1 to 9999.
    """

    k: Literal["shift"] = "shift"
    unit: Literal["days", "months", "years"]
    operand: "Expression"
    by: "Expression"


class StartOf(Node):
    """The first day of the date's month, quarter or year."""

    k: Literal["start_of"] = "start_of"
    unit: Literal["month", "quarter", "year"]
    operand: "Expression"
