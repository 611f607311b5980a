"""Row rules of a contract: one comparison of variables and constants, compiled to polars.

    utdato >= inndato        weight > 0        bmi < 100        date <= 2024-12-31

A row with a missing operand keeps the rule: missing values have their own rule.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

__all__ = ["RowRule", "parse_rule"]

_SHAPE = re.compile(r"^\s*(\S+)\s*(>=|<=|==|!=|>|<)\s*(\S+)\s*$")
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_NUMBER = re.compile(r"^[+-]?[0-9]+(\.[0-9]+)?$")
_OPERATORS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}

Operand = str | float | date


@dataclass(frozen=True)
class RowRule:
    """left operator right; a str operand is the name of a variable."""

    left: Operand
    operator: str
    right: Operand

    @property
    def names(self) -> tuple[str, ...]:
        """The variables it compares."""
        return tuple(side for side in (self.left, self.right) if isinstance(side, str))

    def broken(self) -> pl.Expr:
        """Boolean expression: true where the row breaks the rule."""
        holds = _OPERATORS[self.operator](_expression(self.left), _expression(self.right))
        return (~holds).fill_null(value=False)


def parse_rule(text: str) -> RowRule:
    """Read one rule; ValueError with the grammar when it is none."""
    found = _SHAPE.match(text)
    if not found:
        raise ValueError("a rule reads `variable >= variable` (or >, <, <=, ==, != and a constant)")
    rule = RowRule(_operand(found[1]), found[2], _operand(found[3]))
    if not rule.names:
        raise ValueError("a rule names at least one variable")
    return rule


def _operand(text: str) -> Operand:
    if _NAME.match(text):
        return text
    if _NUMBER.match(text):
        return float(text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("a rule compares variables, numbers and dates (YYYY-MM-DD) only") from None


def _expression(side: Operand) -> pl.Expr:
    return pl.col(side) if isinstance(side, str) else pl.lit(side)
