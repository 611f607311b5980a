"""Expressions as a notebook writes them: polars' words, which build nodes of the plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from workbench.plan import nodes
from workbench.plan.words import say
from workbench.sdk.refused import Refused
from workbench.sdk.words import CodeWords, DateWords, TextWords, moment

if TYPE_CHECKING:
    from workbench.sdk.frames import Frame

__all__ = ["Expr", "Then", "When", "lit", "when"]

Make = Callable[["Frame | None"], nodes.Expression]
_PLACE = nodes.Column(name="operand")


class Expr:
    """One value a row. `make` gives its node for the frame that it is used in."""

    __hash__ = None  # type: ignore[assignment]  # == builds a condition, so it cannot be a key

    def __init__(self, make: Make) -> None:
        self._make = make

    # ---- comparisons
    def __eq__(self, other: object) -> Expr:  # type: ignore[override]  # builds a condition
        return _compare("==", self, other)

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]  # builds a condition
        return _compare("!=", self, other)

    def __lt__(self, other: object) -> Expr:
        return _compare("<", self, other)

    def __le__(self, other: object) -> Expr:
        return _compare("<=", self, other)

    def __gt__(self, other: object) -> Expr:
        return _compare(">", self, other)

    def __ge__(self, other: object) -> Expr:
        return _compare(">=", self, other)

    def is_between(self, low: object, high: object) -> Expr:
        """Whether low <= value <= high."""
        return (self >= low) & (self <= high)

    def is_in(self, values: Sequence[object]) -> Expr:
        """Whether the value is one of those listed."""
        return self._with(nodes.IsIn, values=tuple(_scalar(value) for value in values))

    def is_null(self) -> Expr:
        """Whether the value is missing."""
        return Expr(lambda frame: nodes.IsNull(operand=self._make(frame)))

    def is_not_null(self) -> Expr:
        """Whether there is a value."""
        return ~self.is_null()

    # ---- logic
    def __and__(self, other: object) -> Expr:
        return _logic("and", self, other)

    def __rand__(self, other: object) -> Expr:
        return _logic("and", other, self)

    def __or__(self, other: object) -> Expr:
        return _logic("or", self, other)

    def __ror__(self, other: object) -> Expr:
        return _logic("or", other, self)

    def __invert__(self) -> Expr:
        return Expr(lambda frame: nodes.Not(operand=self._make(frame)))

    # ---- arithmetic
    def __add__(self, other: object) -> Expr:
        return _arithmetic("+", self, other)

    def __radd__(self, other: object) -> Expr:
        return _arithmetic("+", other, self)

    def __sub__(self, other: object) -> Expr:
        return _arithmetic("-", self, other)

    def __rsub__(self, other: object) -> Expr:
        return _arithmetic("-", other, self)

    def __mul__(self, other: object) -> Expr:
        return _arithmetic("*", self, other)

    def __rmul__(self, other: object) -> Expr:
        return _arithmetic("*", other, self)

    def __truediv__(self, other: object) -> Expr:
        return _arithmetic("/", self, other)

    def __rtruediv__(self, other: object) -> Expr:
        return _arithmetic("/", other, self)

    def __floordiv__(self, other: object) -> Expr:
        return _arithmetic("//", self, other)

    def __rfloordiv__(self, other: object) -> Expr:
        return _arithmetic("//", other, self)

    # ---- categories and missing values
    def bins(self, edges: Sequence[float]) -> Expr:
        """The interval between public edges: .bins([40, 60]) gives <40, 40–<60, ≥60."""
        return self._with(nodes.Bins, edges=tuple(_scalar(edge) for edge in edges))

    def as_code(self, codes: Sequence[str]) -> Expr:
        """One of the listed categories, missing where it is none of them."""
        return self._with(nodes.AsCode, codes=tuple(codes))

    def fill_null(self, value: object) -> Expr:
        """The value, or another where it is missing."""
        return self._beside(value, lambda own, other: nodes.FillNull(operand=own, value=other))

    def cast(self, to: Literal["integer", "float", "string"]) -> Expr:
        """A number or yes/no value as another type; for texts see .str.to_integer()."""
        return self._with(nodes.Cast, to=to)

    # ---- functions of numbers
    def abs(self) -> Expr:
        """Without its sign."""
        return self._with(nodes.Math, fn="abs")

    def exp(self) -> Expr:
        """e to the power of it."""
        return self._with(nodes.Math, fn="exp")

    def log(self) -> Expr:
        """The natural logarithm; missing for 0 and below."""
        return self._with(nodes.Math, fn="log")

    def log10(self) -> Expr:
        """The logarithm to base 10; missing for 0 and below."""
        return self._with(nodes.Math, fn="log10")

    def sqrt(self) -> Expr:
        """The square root; missing below 0."""
        return self._with(nodes.Math, fn="sqrt")

    def floor(self) -> Expr:
        """The whole number at or below it."""
        return self._with(nodes.Math, fn="floor")

    def ceil(self) -> Expr:
        """The whole number at or above it."""
        return self._with(nodes.Math, fn="ceil")

    def round(self, decimals: int = 0) -> Expr:
        """To so many decimals, halves away from zero."""
        return self._with(nodes.Round, digits=decimals)

    def clip(self, lower: float | None = None, upper: float | None = None) -> Expr:
        """Kept between public bounds: what lies outside becomes the bound."""
        bounds = {"low": lower, "high": upper}
        given = {name: None if one is None else _scalar(one) for name, one in bounds.items()}
        return self._with(nodes.Clip, **given)

    @property
    def str(self) -> TextWords:
        """What can be asked of texts."""
        return TextWords(self)

    @property
    def dt(self) -> DateWords:
        """What can be asked of dates."""
        return DateWords(self)

    @property
    def code(self) -> CodeWords:
        """Coarser categories of codes: ICD-10, ATC, municipalities."""
        return CodeWords(self)

    def _with(self, kind: Any, **fields: Any) -> Expr:
        """A node of this operand; its fields are judged here, on the line that is at fault."""
        node = _node(kind, operand=_PLACE, **fields)
        return Expr(lambda frame: node.model_copy(update={"operand": self._make(frame)}))

    def _beside(
        self, other: object, join: Callable[[nodes.Expression, nodes.Expression], nodes.Expression]
    ) -> Expr:
        """A node of this operand and another one."""
        beside = lit(other)
        return Expr(lambda frame: join(self._make(frame), beside._make(frame)))

    @staticmethod
    def joined(kind: Any, parts: Sequence[Expr], **fields: Any) -> Expr:
        """A node of many operands, flat and in order."""
        _node(kind, operands=(_PLACE,) * len(parts), **fields)
        return Expr(lambda frame: kind(operands=tuple(one._make(frame) for one in parts), **fields))

    def __bool__(self) -> NoReturn:
        raise Refused(
            "no_truth_value",
            "An expression is neither true nor false until the engine has run it.",
            "Join conditions with &, | and ~, each in parentheses, in place of and, or, not.",
        )

    def __iter__(self) -> NoReturn:
        raise Refused(
            "no_rows", "An expression holds no rows to loop over.", "Use p.preview(frame)."
        )

    def __repr__(self) -> str:  # type: ignore[valid-type]  # `str` is polars' namespace here
        try:
            return f"<Expr {say(self._make(None))}>"
        except Refused:
            return "<Expr>"


class When:
    """wb.when(condition), waiting for its .then(value)."""

    def __init__(self, cases: tuple[tuple[Expr, Expr], ...], condition: Expr) -> None:
        self._cases = cases
        self._condition = condition

    def then(self, value: object) -> Then:
        """What it is when the condition holds."""
        return Then((*self._cases, (self._condition, lit(value))))


class Then(Expr):
    """An expression by cases, missing where none holds; go on with .when or .otherwise."""

    def __init__(self, cases: tuple[tuple[Expr, Expr], ...]) -> None:
        self._cases = cases
        super().__init__(lambda frame: self._built(frame, None))

    def when(self, condition: Expr) -> When:
        """The next condition, tried when none before it holds."""
        return When(self._cases, condition)

    def otherwise(self, value: object) -> Expr:
        """What it is when no condition holds."""
        return Expr(lambda frame: self._built(frame, lit(value)))

    def _built(self, frame: Frame | None, otherwise: Expr | None) -> nodes.When:
        cases = tuple(
            nodes.Case(when=condition._make(frame), then=value._make(frame))
            for condition, value in self._cases
        )
        last = None if otherwise is None else otherwise._make(frame)
        built: nodes.When = _node(nodes.When, cases=cases, otherwise=last)
        return built


def when(condition: Expr) -> When:
    """Values by cases: wb.when(x > 5).then("high").otherwise("low")."""
    return When((), lit(condition))


def lit(value: object) -> Expr:
    """A constant: yes/no, number, text or date; an expression is left as it is."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        day = nodes.DateValue(value=value)
        return Expr(lambda _frame: day)
    constant = _node(nodes.Value, value=_scalar(value))
    return Expr(lambda _frame: constant)


def _scalar(value: object) -> Any:
    plain = value.item() if hasattr(value, "item") and not isinstance(value, Expr) else value
    if isinstance(plain, (bool, int, float, str)):
        return plain
    raise Refused(
        "type_mismatch",
        f"A {type(value).__name__} cannot stand in a plan.",
        "Use yes/no values, numbers, texts and dates.",
    )


def _node(kind: Any, **fields: Any) -> Any:
    """A node, or Refused when its fields are out of bounds (too long, not ascending, infinite)."""
    try:
        return kind(**fields)
    except ValueError:
        raise Refused(
            "malformed_plan",
            f"The values given to {kind.__name__} are not of the agreed form.",
            f"{(kind.__doc__ or '').strip().splitlines()[0]} See docs/reference/plan.md.",
        ) from None


def _compare(op: Any, left: object, right: object) -> Expr:
    one, other = lit(left), lit(right)

    def make(frame: Frame | None) -> nodes.Compare:
        first, second = one._make(frame), other._make(frame)
        if frame is not None:
            first, second = _dated(first, second, frame), _dated(second, first, frame)
        return nodes.Compare(op=op, left=first, right=second)

    return Expr(make)


def _dated(value: nodes.Expression, beside: nodes.Expression, frame: Frame) -> nodes.Expression:
    """A text beside a date is a date, when it is written as one: dx.day >= "2020-01-31"."""
    if not (isinstance(value, nodes.Value) and isinstance(value.value, str)):
        return value
    if frame._kind_of(beside) != "date":
        return value
    return nodes.DateValue(value=moment(value.value))


def _arithmetic(op: Any, left: object, right: object) -> Expr:
    one, other = lit(left), lit(right)
    return Expr(
        lambda frame: nodes.Arithmetic(op=op, left=one._make(frame), right=other._make(frame))
    )


def _logic(op: Any, left: object, right: object) -> Expr:
    one, other = lit(left), lit(right)

    def make(frame: Frame | None) -> nodes.Logic:
        parts: list[nodes.Expression] = []
        for part in (one._make(frame), other._make(frame)):
            # a & b & c is one node of three, so that long conditions stay flat.
            flat = isinstance(part, nodes.Logic) and part.op == op
            parts += part.operands if flat and isinstance(part, nodes.Logic) else (part,)
        node: nodes.Logic = _node(nodes.Logic, op=op, operands=tuple(parts))
        return node

    return Expr(make)
