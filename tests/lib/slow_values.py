"""The slow engine's functions of numbers, texts and dates, and of all values of a person."""

import math
import re
from calendar import monthrange
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from workbench.plan.codelists import atc, icd10, norway

Row = dict[str, Any]


class Values:
    """The arms of `read` for expressions that need nothing but their operands."""

    def read(self, node: Any, row: Row) -> Any:
        raise NotImplementedError

    def on_startswith(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        return None if found is None else found.startswith(tuple(node.prefixes))

    def on_endswith(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        return None if found is None else found.endswith(tuple(node.suffixes))

    def on_contains(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        return None if found is None else any(one in found for one in node.pieces)

    def on_textlength(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        return None if found is None else len(found)

    def on_slice(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        return None if found is None else found[node.start : node.start + node.length]

    def on_readtext(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        if found is None:
            return None
        if node.to == "integer":
            return int(found) if re.fullmatch("-?[0-9]{1,18}", found) else None
        if node.to == "float":
            form = r"-?[0-9]{1,15}(\.[0-9]{1,15})?"
            return float(found) if re.fullmatch(form, found) else None
        try:
            return (
                date.fromisoformat(found) if re.fullmatch("[0-9]{4}(-[0-9]{2}){2}", found) else None
            )
        except ValueError:
            return None

    def on_rollup(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        return None if found is None else rolled_up(node.to, found)

    def on_coalesce(self, node: Any, row: Row) -> Any:
        for one in node.operands:
            found = self.read(one, row)
            if found is not None:
                return found
        return None

    def on_cast(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        if found is None:
            return None
        if node.to == "string":
            return text(found)
        return float(found) if node.to == "float" else whole(math.trunc(found))

    def on_math(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        if found is None:
            return None
        if node.fn == "abs":
            return wrapped(abs(found)) if isinstance(found, int) else abs(found)
        if node.fn in ("floor", "ceil"):
            return whole(math.floor(found) if node.fn == "floor" else math.ceil(found))
        return finite(lambda: getattr(math, node.fn)(float(found)))

    def on_round(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        if found is None or isinstance(found, int):
            return found
        scale = 10**node.digits
        up = Decimal(found * scale).to_integral_value(ROUND_HALF_UP)
        return finite(lambda: float(up) / scale)

    def on_clip(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        if found is None:
            return None
        if isinstance(node.low, float) or isinstance(node.high, float):
            found = float(found)
        if node.low is not None and found < node.low:
            return type(found)(node.low)
        return type(found)(node.high) if node.high is not None and found > node.high else found

    def on_extreme(self, node: Any, row: Row) -> Any:
        found = [v for one in node.operands if (v := self.read(one, row)) is not None]
        if not found:
            return None
        if any(isinstance(one, float) for one in found):
            found = [float(one) for one in found]
        return min(found) if node.op == "least" else max(found)

    def on_datepart(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        if found is None:
            return None
        if node.part == "quarter":
            return (found.month + 2) // 3
        return found.isoweekday() if node.part == "weekday" else getattr(found, node.part)

    def on_between(self, node: Any, row: Row) -> Any:
        start, end = self.read(node.start, row), self.read(node.end, row)
        if start is None or end is None:
            return None
        if node.unit == "days":
            return (end - start).days
        count = {"months": months, "years": years}[node.unit]
        return count(start, end) if end >= start else -count(end, start)

    def on_shift(self, node: Any, row: Row) -> Any:
        found, by = self.read(node.operand, row), self.read(node.by, row)
        return None if found is None or by is None else moved(found, by, node.unit)

    def on_startof(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        if found is None:
            return None
        first = {"month": found.month, "quarter": (found.month - 1) // 3 * 3 + 1, "year": 1}
        return found.replace(month=first[node.unit], day=1)


def reduced(op: str, values: list[Any]) -> Any:
    """One value of all that a person has."""
    if op in ("any", "all"):
        return any(values) if op == "any" else all(values)
    if op == "n_unique":
        return len(set(values))
    if op == "sum":
        total = sum(values)
        return wrapped(total) if isinstance(total, int) else finite(lambda: total)
    if not values:
        return None
    if op == "mean":
        return finite(lambda: sum(values) / len(values))
    if op == "median":
        middle = sorted(values)[(len(values) - 1) // 2 : len(values) // 2 + 1]
        return finite(lambda: sum(middle) / len(middle))
    if op == "std":
        if len(values) < 2:
            return None
        exact = [Fraction(one) for one in values]
        mean = sum(exact) / len(exact)
        squares = sum((one - mean) ** 2 for one in exact)
        return finite(lambda: math.sqrt(squares / (len(exact) - 1)))
    return (min if op == "min" else max)(values)


def rolled_up(to: str, code: str) -> str | None:
    """The category of a code, from the ranges of the public lists."""
    if to in ("county", "health_region"):
        county = code[:2] if code[:2] in norway.COUNTIES else None
        return county if to == "county" or county is None else norway.REGION_OF_COUNTY[county]
    if to.startswith("atc"):
        length = {"1": 1, "2": 3, "3": 4, "4": 5, "5": 7}[to[-1]]
        start = code[:length]
        if to in ("atc_1", "atc_2"):
            return start if start in (atc.MAIN_GROUPS if length == 1 else atc.SUBGROUPS) else None
        return (
            start
            if re.fullmatch("[A-Z][0-9]{2}[A-Z]{1,2}([0-9]{2})?", start) and len(start) == length
            else None
        )
    category = re.match("[A-Z][0-9]{2}", code)
    if category is None or to == "icd10_category":
        return category and category[0]
    return (chapter_of if to == "icd10_chapter" else block_of)(category[0])


def chapter_of(category: str) -> str | None:
    """The chapter of a three-character category, None outside them."""
    return next((number for number, low, high in icd10.CHAPTERS if low <= category <= high), None)


def block_of(category: str) -> str | None:
    """The block of a three-character category, None outside them."""
    return next((one for one in icd10.BLOCKS if one[:3] <= category <= one[4:]), None)


def moved(start: date, by: int, unit: str) -> date | None:
    """A date so many days, months or years later."""
    try:
        if unit == "days":
            return start + timedelta(days=by)
        total = start.year * 12 + start.month - 1 + by * (12 if unit == "years" else 1)
        year, month = divmod(total, 12)
        return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError):
        return None


def years(start: date, end: date) -> int:
    whole = end.year - start.year
    return whole - ((end.month, end.day) < (start.month, start.day))


def months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def sortable(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def wrapped(value: int) -> int:
    """As 64 bits hold it."""
    return (value + 2**63) % 2**64 - 2**63


def whole(value: int) -> int | None:
    """A whole number, where 64 bits hold it."""
    return value if -(2**63) <= value < 2**63 else None


def finite(make: Any) -> float | None:
    try:
        found = float(make())
    except (OverflowError, ValueError):
        return None
    return found if math.isfinite(found) else None
