"""What can be asked of texts, codes and dates: expr.str and expr.dt, in polars' words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from workbench.plan import nodes
from workbench.sdk.refused import Refused

if TYPE_CHECKING:
    from workbench.sdk.expressions import Expr

__all__ = ["CodeWords", "DateWords", "TextWords", "moment"]


class TextWords:
    """expr.str"""

    def __init__(self, expr: Expr) -> None:
        self._expr = expr

    def starts_with(self, *prefixes: str) -> Expr:
        """Whether the text begins with one of the prefixes."""
        return self._expr._with(nodes.StartsWith, prefixes=prefixes)

    def ends_with(self, *suffixes: str) -> Expr:
        """Whether the text ends with one of the suffixes."""
        return self._expr._with(nodes.EndsWith, suffixes=suffixes)

    def contains(self, *pieces: str) -> Expr:
        """Whether the text holds one of the pieces, letter by letter (no patterns)."""
        return self._expr._with(nodes.Contains, pieces=pieces)

    def len_chars(self) -> Expr:
        """How many characters the text has."""
        return self._expr._with(nodes.TextLength)

    def slice(self, offset: int, length: int) -> Expr:
        """`length` characters after the first `offset`."""
        return self._expr._with(nodes.Slice, start=offset, length=length)

    def head(self, n: int) -> Expr:
        """The first n characters: dx.code.str.head(3) is the three-character category."""
        return self.slice(0, n)

    def to_integer(self) -> Expr:
        """The whole number that the text is, missing where it is none."""
        return self._expr._with(nodes.ReadText, to="integer")

    def to_float(self) -> Expr:
        """The number that the text is, missing where it is none."""
        return self._expr._with(nodes.ReadText, to="float")

    def to_date(self) -> Expr:
        """The date that the text is (2020-01-31), missing where it is none."""
        return self._expr._with(nodes.ReadText, to="date")


class CodeWords:
    """expr.code: a code as the coarser category of a public list that it belongs to."""

    def __init__(self, expr: Expr) -> None:
        self._expr = expr

    def icd10_chapter(self) -> Expr:
        """The chapter, I to XXII."""
        return self._to("icd10_chapter")

    def icd10_block(self) -> Expr:
        """The block, such as I20-I25."""
        return self._to("icd10_block")

    def icd10_category(self) -> Expr:
        """The three-character category, such as I21."""
        return self._to("icd10_category")

    def atc(self, level: Literal[1, 2, 3, 4, 5]) -> Expr:
        """The ATC group of a level: C, C10, C10A, C10AA, C10AA05."""
        return self._to(f"atc_{level}")

    def county(self) -> Expr:
        """The county of a municipality's number, as of the year of the number."""
        return self._to("county")

    def health_region(self) -> Expr:
        """The health region of a municipality's number."""
        return self._to("health_region")

    def _to(self, scheme: str) -> Expr:
        return self._expr._with(nodes.RollUp, to=scheme)


class DateWords:
    """expr.dt"""

    def __init__(self, expr: Expr) -> None:
        self._expr = expr

    def year(self) -> Expr:
        """The year."""
        return self._part("year")

    def quarter(self) -> Expr:
        """The quarter, 1 to 4."""
        return self._part("quarter")

    def month(self) -> Expr:
        """The month, 1 to 12."""
        return self._part("month")

    def day(self) -> Expr:
        """The day of the month, 1 to 31."""
        return self._part("day")

    def weekday(self) -> Expr:
        """The day of the week, 1 (Monday) to 7."""
        return self._part("weekday")

    def days_since(self, start: object) -> Expr:
        """Days from `start` to this date."""
        return self._since("days", start)

    def months_since(self, start: object) -> Expr:
        """Completed months from `start` to this date."""
        return self._since("months", start)

    def years_since(self, start: object) -> Expr:
        """Completed years from `start` to this date."""
        return self._since("years", start)

    def age_at(self, when: object) -> Expr:
        """Completed years from this date (of birth) to `when`, a date or a date expression."""
        return self._expr._beside(
            moment(when),
            lambda born, then: nodes.Between(unit="years", start=born, end=then),
        )

    def add_days(self, days: object) -> Expr:
        """The date so many days later; back with a negative number."""
        return self._moved("days", days)

    def add_months(self, months: object) -> Expr:
        """The date so many months later; a day that the month lacks becomes its last."""
        return self._moved("months", months)

    def add_years(self, years: object) -> Expr:
        """The date so many years later; 29 February becomes the 28th where there is none."""
        return self._moved("years", years)

    def month_start(self) -> Expr:
        """The first day of the month."""
        return self._expr._with(nodes.StartOf, unit="month")

    def quarter_start(self) -> Expr:
        """The first day of the quarter."""
        return self._expr._with(nodes.StartOf, unit="quarter")

    def year_start(self) -> Expr:
        """1 January of the year."""
        return self._expr._with(nodes.StartOf, unit="year")

    def _part(self, part: Literal["year", "quarter", "month", "day", "weekday"]) -> Expr:
        return self._expr._with(nodes.DatePart, part=part)

    def _since(self, unit: Literal["days", "months", "years"], start: object) -> Expr:
        return self._expr._beside(
            moment(start), lambda end, begun: nodes.Between(unit=unit, start=begun, end=end)
        )

    def _moved(self, unit: Literal["days", "months", "years"], by: object) -> Expr:
        return self._expr._beside(
            by, lambda start, amount: nodes.Shift(unit=unit, operand=start, by=amount)
        )


def moment(value: object) -> Any:
    """A date that may be written as a text, "2020-01-31"; an expression is left as it is."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Refused(
            "type_mismatch",
            "A date in quotes is written year-month-day.",
            'As in "2020-01-31", or date(2020, 1, 31).',
        ) from None
