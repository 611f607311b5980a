"""Formulas as R and statsmodels write them: "died ~ age + C(sex, ref="F") + age:sex".

+ adds a term, : is an interaction, * both with their interaction, - takes a term away, 0 or - 1
the intercept. C(x) and C(x, ref="b") are categories, poly(x, 2) powers, rcs(x, [40, 60, 80]) a
restricted cubic spline, hinge(x, [60]) a broken line, offset(x) and offset(log(x)) are added with
coefficient 1. Read by hand into plan nodes; nothing of a formula is ever evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from workbench.plan.nodes.design import (
    Category,
    Design,
    Factor,
    Hinges,
    Number,
    Powers,
    Spline,
    Term,
)
from workbench.plan.types import FrameType
from workbench.sdk.refused import Refused

__all__ = ["Formula", "formula", "right_side"]

EXAMPLE = "Write it like \"died ~ age + C(sex, ref='F') + age:sex\"; see help(frame.regress)."
_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_]\w*)|(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<mark>[-+*:()\[\],=~^]))"
)
Factors = tuple[Factor, ...]


@dataclass(frozen=True)
class Formula:
    """What a formula says. exposure, offset: names, None without."""

    outcome: str | None
    design: Design
    exposure: str | None = None
    offset: str | None = None


def formula(text: str, frame: FrameType) -> Formula:
    """An outcome, "~" and terms. Raises Refused("bad_formula") that says what is wrong where."""
    left, mark, right = text.partition("~")
    outcome = left.strip()
    if not mark or not re.fullmatch(r"[a-z][a-z0-9_]*", outcome):
        raise _bad(
            "A formula begins with the name of the outcome and ~.",
            f'Derive what is not a variable: y = …, then "y ~ {right.strip() or "age"}".',
        )
    found = right_side(right, frame)
    return Formula(outcome, found.design, found.exposure, found.offset)


def right_side(text: str, frame: FrameType) -> Formula:
    """The terms of a formula alone, as survival models have them."""
    reader = _Reader(text, frame)
    terms = reader.sum()
    reader.end()
    ordered = sorted(terms, key=len)
    try:
        design = Design(
            terms=tuple(Term(factors=one) for one in ordered), intercept=reader.intercept
        )
    except ValueError:
        raise _bad(
            "A model has at most 40 terms, each of at most three factors.",
            "Leave out interactions.",
        ) from None
    return Formula(None, design, reader.exposure, reader.offset)


@dataclass
class _Reader:
    """A reader of one right side: one method a level of precedence."""

    text: str
    frame: FrameType
    intercept: bool = True
    exposure: str | None = None
    offset: str | None = None
    tokens: list[tuple[str, str]] = field(default_factory=list)
    at: int = 0

    def __post_init__(self) -> None:
        place, text = 0, self.text.rstrip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise _bad(f"“{text[place:].strip()[:1]}” means nothing in a formula.", EXAMPLE)
            kind = str(found.lastgroup)
            self.tokens.append((kind, found.group(kind)))
            place = found.end()

    def sum(self) -> list[Factors]:
        """Terms with + and - between them, each once."""
        terms: list[Factors] = []
        sign = "+"
        if self._peek() in ("+", "-"):
            sign = self._next()
        while True:
            if self._constant(sign):
                pass
            elif sign == "+":
                terms += [one for one in self._product() if not _among(one, terms)]
            else:
                gone = self._product()
                terms = [one for one in terms if not _among(one, gone)]
            if self._peek() not in ("+", "-"):
                if self._kind() == "number" and self._peek().startswith("-"):
                    sign = "-"  # "x -1" reads as a negative number
                    self.tokens[self.at] = ("number", self._peek()[1:])
                    continue
                return terms
            sign = self._next()

    def end(self) -> None:
        """Refuse what is left over."""
        if self.at < len(self.tokens):
            raise _bad(
                f"“{self._peek()}” stands where + or the end of the formula was expected.", EXAMPLE
            )

    def _constant(self, sign: str) -> bool:
        """Whether a 0 or 1 stands here, and what it says of the intercept."""
        if self._kind() != "number":
            return False
        number = self._next()
        if number not in ("0", "1", "-1"):
            raise _bad(
                "The only numbers among terms are 0 and 1, for the intercept.",
                "Name variables; scale a number with .with_columns(age10 = frame.age / 10).",
            )
        self.intercept = (number == "1") == (sign == "+")
        return True

    def _product(self) -> list[Factors]:
        terms = self._interaction()
        while self._peek() == "*":
            self._next()
            more = self._interaction()
            crossed = [_joined(one, other) for one in terms for other in more]
            terms = [*terms, *more, *crossed]
        return terms

    def _interaction(self) -> list[Factors]:
        terms = self._atom()
        while self._peek() == ":":
            self._next()
            terms = [_joined(one, other) for one in terms for other in self._atom()]
        return terms

    def _atom(self) -> list[Factors]:
        if self._peek() == "(":
            self._next()
            inside = self.sum()
            self._expect(")")
            return inside
        if self._kind() != "name":
            found = f"“{self._peek()}” stands" if self._peek() else "The formula ends"
            raise _bad(f"{found} where a variable was expected.", EXAMPLE)
        name = self._next()
        return self._call(name) if self._peek() == "(" else [(self._plain(name),)]

    def _call(self, name: str) -> list[Factors]:
        makers: dict[str, Callable[[], Factor]] = {
            "C": self._category,
            "poly": self._powers,
            "rcs": lambda: self._knotted(Spline),
            "hinge": lambda: self._knotted(Hinges),
        }
        self._expect("(")
        if name == "offset":
            self._offset()
            return []
        if name not in makers:
            raise _bad(
                f"There is no function {name} in formulas; there are C, poly, rcs, hinge, offset.",
                f"Derive the variable first: frame.with_columns(x = …), then use x in place of "
                f"{name}(…).",
            )
        try:
            made = makers[name]()
        except ValueError:
            raise _bad(f"That is not how {name} is written.", _USES[name]) from None
        self._expect(")")
        return [(made,)]

    def _category(self) -> Factor:
        variable, reference = self._name(), None
        if self._peek() == ",":
            self._next()
            if self._kind() == "name" and self._next() not in ("ref", "reference"):
                raise _bad("C takes a variable and its reference.", _USES["C"])
            if self._peek() == "=":
                self._next()
            if self._kind() not in ("text", "number"):
                raise _bad("The reference is a code in quotes.", _USES["C"])
            kind, value = self.tokens[self.at]
            self._next()
            reference = value[1:-1] if kind == "text" else value
        return Category(variable=variable, reference=reference)

    def _powers(self) -> Factor:
        variable = self._name()
        self._expect(",")
        if self._peek() == "degree":
            self._next()
            self._expect("=")
        return Powers(variable=variable, degree=int(self._next()))

    def _knotted(self, kind: type[Spline | Hinges]) -> Factor:
        variable = self._name()
        self._expect(",")
        if self._peek() == "knots":
            self._next()
            self._expect("=")
        listed = self._peek() == "["
        if listed:
            self._next()
        knots = [self._number()]
        while self._peek() == ",":
            self._next()
            knots.append(self._number())
        if listed:
            self._expect("]")
        return kind(variable=variable, knots=tuple(knots))

    def _offset(self) -> None:
        name = self._name()
        if name == "log" and self._peek() == "(":
            self._next()
            self.exposure = self._name()
            self._expect(")")
        else:
            self.offset = name
        self._expect(")")

    def _plain(self, name: str) -> Factor:
        known = self.frame.columns.get(name)
        if known is not None and known.kind in ("string", "boolean"):
            return Category(variable=name)
        try:
            return Number(variable=name)
        except ValueError:
            raise _bad(f"{name[:64]} is no name of a variable.", EXAMPLE) from None

    def _number(self) -> int | float:
        text = self._next()
        return float(text) if "." in text else int(text)

    def _name(self) -> str:
        if self._kind() != "name":
            raise _bad("A function takes the name of a variable first.", EXAMPLE)
        return self._next()

    def _kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def _next(self) -> str:
        found = self._peek()
        self.at += 1
        return found

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            raise _bad(f"A “{mark}” is missing.", EXAMPLE)


_USES = {
    "C": 'Write C(sex) or C(sex, ref="F").',
    "poly": "Write poly(age, 2): the powers up to 5 of a number.",
    "rcs": "Write rcs(age, [40, 60, 80]): three to ten knots that ascend.",
    "hinge": "Write hinge(year, [2010]): one to ten knots that ascend.",
}


def _joined(one: Factors, other: Factors) -> Factors:
    return (*one, *(factor for factor in other if factor not in one))


def _among(one: Factors, terms: Sequence[Factors]) -> bool:
    return any(set(one) == set(other) for other in terms)


def _bad(reason: str, remedy: str) -> Refused:
    return Refused("bad_formula", reason, remedy)
