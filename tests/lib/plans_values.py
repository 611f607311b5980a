"""Random functions of numbers, texts and dates for tests/lib/plans.py."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from workbench.plan import nodes

Of = Callable[[str, str, int], Any]
"""(kind, frame, depth) -> a strategy of expressions."""
Operator = Callable[[Any, str, str, int], Any]
CHOICES: dict[str, list[str]] = {
    "boolean": ["contains", "any_all"],
    "integer": ["cast", "whole", "length", "read", "n_unique", "clip", "extreme", "round"],
    "float": ["cast", "math", "round", "clip", "extreme", "read", "median"],
    "string": ["slice", "cast", "roll_up"],
    "date": ["shift", "start_of", "extreme", "read"],
}
"""Which operators give a value of a kind, besides those of tests/lib/plans.py."""


def operators(of: Of, events: Callable[[], Any]) -> dict[str, Operator]:  # noqa: C901 - one small function each
    """The operators by name; `of` draws operands, `events` an event frame."""

    def contains(draw: Any, _kind: str, frame: str, depth: int) -> Any:
        operand = draw(of("string", frame, depth))
        pieces = tuple(
            draw(st.lists(st.sampled_from(["5", "C5", "ø", "1"]), min_size=1, max_size=2))
        )
        if draw(st.booleans()):
            return nodes.Contains(operand=operand, pieces=pieces)
        return nodes.EndsWith(operand=operand, suffixes=pieces)

    def any_all(draw: Any, _kind: str, _frame: str, depth: int) -> Any:
        op = draw(st.sampled_from(["any", "all"]))
        return nodes.Reduce(op=op, frame=draw(events()), value=draw(of("boolean", "visit", depth)))

    def n_unique(draw: Any, _kind: str, _frame: str, depth: int) -> Any:
        kind = draw(st.sampled_from(["string", "integer", "float", "date", "boolean"]))
        value = draw(of(kind, "visit", depth))
        return nodes.Reduce(op="n_unique", frame=draw(events()), value=value)

    def median(draw: Any, _kind: str, _frame: str, depth: int) -> Any:
        value = draw(of(draw(st.sampled_from(["integer", "float"])), "visit", 0))
        if draw(st.booleans()):
            return nodes.Reduce(op="median", frame=draw(events()), value=value)
        spread = nodes.Reduce(op="std", frame=draw(events()), value=value)
        return nodes.Round(digits=3, operand=spread)

    def cast(draw: Any, kind: str, frame: str, depth: int) -> Any:
        source = {"integer": ["float", "boolean"], "float": ["integer", "boolean"],
                  "string": ["integer", "boolean"]}[kind]  # fmt: skip
        operand = draw(of(draw(st.sampled_from(source)), frame, depth))
        return nodes.Cast(to=kind, operand=operand)

    def whole(draw: Any, _kind: str, frame: str, depth: int) -> Any:
        fn = draw(st.sampled_from(["floor", "ceil", "abs"]))
        kind = "integer" if fn == "abs" else draw(st.sampled_from(["integer", "float"]))
        return nodes.Math(fn=fn, operand=draw(of(kind, frame, depth)))

    def math(draw: Any, _kind: str, frame: str, depth: int) -> Any:
        kind = draw(st.sampled_from(["integer", "float"]))
        number = nodes.Clip(operand=draw(of(kind, frame, depth)), low=-4, high=9)
        fn = draw(st.sampled_from(["abs", "exp", "log", "log10", "sqrt"]))
        # The last bit of exp and log is each library's own, so it is rounded away.
        made = nodes.Round(digits=3, operand=nodes.Math(fn=fn, operand=number))
        return nodes.Cast(to="float", operand=made) if fn == "abs" else made

    def round_(draw: Any, kind: str, frame: str, depth: int) -> Any:
        digits = draw(st.integers(0, 2))
        return nodes.Round(digits=digits, operand=draw(of(kind, frame, depth)))

    def clip(draw: Any, kind: str, frame: str, depth: int) -> Any:
        bounds: list[dict[str, Any]] = [{"low": -1}, {"high": 2}, {"low": 0, "high": 3}]
        return nodes.Clip(operand=draw(of(kind, frame, depth)), **draw(st.sampled_from(bounds)))

    def extreme(draw: Any, kind: str, frame: str, depth: int) -> Any:
        parts = draw(st.lists(of(kind, frame, depth), min_size=2, max_size=3))
        return nodes.Extreme(op=draw(st.sampled_from(["least", "greatest"])), operands=tuple(parts))

    def length(draw: Any, _kind: str, frame: str, depth: int) -> Any:
        return nodes.TextLength(operand=draw(of("string", frame, depth)))

    def read(draw: Any, kind: str, frame: str, depth: int) -> Any:
        operand = draw(of("string", frame, depth))
        if kind != "date":
            start = draw(st.integers(0, 2))
            operand = nodes.Slice(operand=operand, start=start, length=draw(st.integers(1, 3)))
        return nodes.ReadText(to=kind, operand=operand)

    def slice_(draw: Any, _kind: str, frame: str, depth: int) -> Any:
        start, length = draw(st.integers(0, 3)), draw(st.integers(1, 3))
        return nodes.Slice(operand=draw(of("string", frame, depth)), start=start, length=length)

    def roll_up(draw: Any, _kind: str, frame: str, depth: int) -> Any:
        to = draw(
            st.sampled_from(
                [
                    "icd10_chapter",
                    "icd10_block",
                    "icd10_category",
                    "atc_1",
                    "atc_2",
                    "atc_3",
                    "county",
                ]
            )
        )
        return nodes.RollUp(to=to, operand=draw(of("string", frame, depth)))

    def shift(draw: Any, _kind: str, frame: str, depth: int) -> Any:
        unit = draw(st.sampled_from(["days", "months", "years"]))
        constant = st.integers(-40, 40).map(lambda by: nodes.Value(value=by))
        operand = draw(of("date", frame, depth))
        by = draw(constant | of("integer", frame, depth))
        return nodes.Shift(unit=unit, operand=operand, by=by)

    def start_of(draw: Any, _kind: str, frame: str, depth: int) -> Any:
        unit = draw(st.sampled_from(["month", "quarter", "year"]))
        return nodes.StartOf(unit=unit, operand=draw(of("date", frame, depth)))

    return {
        "contains": contains, "any_all": any_all, "n_unique": n_unique, "median": median,
        "cast": cast, "whole": whole, "math": math, "round": round_, "clip": clip,
        "extreme": extreme, "length": length, "read": read, "slice": slice_,
        "roll_up": roll_up, "shift": shift, "start_of": start_of,
    }  # fmt: skip
