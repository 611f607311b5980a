"""Random valid plans and random small registries over the schema of tests/lib/plain_view.py."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.lib.plans_everybody import by_mother, matched
from tests.lib.plans_periods import PERIODS, periods
from tests.lib.plans_values import CHOICES, operators
from workbench.plan import canonical, nodes

COLUMNS = {
    "person": {
        "string": ["sex", "place"],
        "integer": ["region", "age"],
        "float": ["weight"],
        "boolean": ["vital"],
        "date": ["birth"],
    },
    "visit": {
        "string": ["kind", "code"],
        "integer": ["day"],
        "float": ["value"],
        "boolean": ["planned"],
        "date": ["date"],
    },
}
CODES: dict[str, tuple[Any, ...]] = {
    "sex": ("F", "M"),
    "region": (1, 2, 3),
    "kind": ("in", "out", "day"),
}
TEXTS = st.sampled_from(["C50", "C509", "I21", "J", "ø", ""])
WHOLES = st.integers(-3, 9)
DYADIC = st.integers(-16, 16).map(lambda step: step / 4)
DATES = st.integers(0, 900).map(lambda days: date(1999, 6, 15) + timedelta(days=days))
PERSON = nodes.Dataset(name="person")
EVERYONE = nodes.Derive(
    frame=nodes.Persons(),
    columns=tuple(
        nodes.Derived(
            name=name, value=nodes.Take(which="first", frame=PERSON, value=nodes.Column(name=name))
        )
        for names in COLUMNS["person"].values()
        for name in names
    ),
)
"""All persons of the view with the variables of the person dataset, where they are in it."""
KINDS = ("string", "integer", "float", "boolean", "date")


def registry_for(
    plan: nodes.Plan, persons: int = 30, visits: int = 90
) -> dict[str, list[dict[str, Any]]]:
    """{"person": rows, "visit": rows}, another for each plan: full of ties and nulls."""
    seed = int.from_bytes(hashlib.sha256(canonical(plan)).digest()[:8])
    chance = np.random.default_rng(seed)

    def one(values: Sequence[Any]) -> Any:
        return None if chance.random() < 0.15 else values[int(chance.integers(len(values)))]

    days = [date(1999, 6, 15) + timedelta(days=9 * step) for step in range(100)]
    dyadic = [step / 4 for step in range(-16, 17)]
    texts = ["C50", "C509", "I21", "J", "ø", ""]
    people = [
        {
            "person": person,
            "sex": one(CODES["sex"]),
            "region": one(CODES["region"]),
            "age": one(range(-3, 10)),
            "weight": one(dyadic),
            "vital": one([True, False]),
            "birth": one(days),
            "place": one(texts),
        }
        for person in range(persons)
        if chance.random() < 0.9
    ]
    families = np.random.default_rng(seed + 1)
    for row in people:
        # Some mothers have a row of their own, some none, some are nobody of the view.
        row["mother"] = None if families.random() < 0.2 else int(families.integers(persons + 3))
    events = [
        {
            "person": int(chance.integers(persons)),
            "day": one(range(4)),
            "date": one(days),
            "kind": one(CODES["kind"]),
            "value": one(dyadic),
            "planned": one([True, False]),
            "code": one(texts),
        }
        for _ in range(visits)
    ]
    return {"person": people, "visit": events}


@st.composite
def plans(draw: DrawFn) -> nodes.Plan:
    """A valid plan of any analysis."""
    cohort, derived = draw(cohorts())
    by = ["sex", "region", "vital", *derived]
    some = st.lists(st.sampled_from(by), unique=True, max_size=2)
    which = draw(st.sampled_from(["crosstab", "count", "describe"]))
    analysis: nodes.Analysis
    if which == "crosstab":
        names = draw(st.lists(st.sampled_from(by), unique=True, min_size=1, max_size=3))
        analysis = nodes.Crosstab(cohort=cohort, by=tuple(names))
    elif which == "count":
        analysis = nodes.Count(cohort=cohort, by=tuple(draw(some)))
    else:
        variable = draw(st.sampled_from(["age", "weight"]))
        analysis = nodes.Describe(cohort=cohort, variable=variable, by=tuple(draw(some)))
    return nodes.Plan(analysis=analysis)


@st.composite
def cohorts(draw: DrawFn) -> tuple[nodes.Frame, list[str]]:
    """A person frame and the names of its derived dimensions."""
    frame: nodes.Frame = draw(st.sampled_from([PERSON, PERSON, PERSON, EVERYONE]))
    which = draw(st.integers(0, 9))
    if which > 7:
        frame = matched(draw, expression, frame)
    if which == 7:
        frame = by_mother(draw, expression)
    if draw(st.integers(0, 2)) == 2:
        frame = nodes.Filter(frame=frame, where=draw(expression("boolean", "person", 2)))
    derived = []
    for name in ("d_one", "d_two"):
        if draw(st.integers(0, 3)):
            value = draw(dimension())
            frame = nodes.Derive(frame=frame, columns=(nodes.Derived(name=name, value=value),))
            derived.append(name)
    if draw(st.integers(0, 2)) == 2:
        frame = nodes.Filter(frame=frame, where=draw(expression("boolean", "person", 1)))
    return frame, derived


@st.composite
def dimension(draw: DrawFn) -> Any:
    """A person-level expression with public categories."""
    which = draw(st.sampled_from(["bins", "boolean", "code", "when", "month"]))
    if which == "bins":
        kind = draw(st.sampled_from(["integer", "float"]))
        return nodes.Bins(operand=draw(expression(kind, "person", 2)), edges=(0, 1.5, 4))
    if which == "boolean":
        return draw(expression("boolean", "person", 2))
    if which == "code":
        kind = draw(st.sampled_from(["string", "integer", "boolean"]))
        codes = ("C50", "3", "true", "F")
        return nodes.AsCode(operand=draw(expression(kind, "person", 1)), codes=codes)
    if which == "month":
        return nodes.DatePart(part="month", operand=draw(expression("date", "person", 1)))
    case = nodes.Case(when=draw(expression("boolean", "person", 1)), then=nodes.Value(value="hi"))
    otherwise = draw(st.none() | st.just(nodes.Value(value="lo")))
    return nodes.When(cases=(case,), otherwise=otherwise)


@st.composite
def events(draw: DrawFn, *, ordered: bool) -> nodes.Frame:
    """An event frame; ordered when asked."""
    frame: nodes.Frame = nodes.Dataset(name="visit")
    if draw(st.integers(0, 2)) == 2:
        frame = nodes.Filter(frame=frame, where=draw(expression("boolean", "visit", 1)))
    if ordered:
        by = draw(st.lists(st.sampled_from(["day", "date", "kind"]), unique=True, min_size=1))
        frame = nodes.Sort(frame=frame, by=tuple(by), descending=draw(st.booleans()))
        if draw(st.integers(0, 2)) == 2:
            frame = nodes.Filter(frame=frame, where=draw(expression("boolean", "visit", 0)))
    return frame


@st.composite
def expression(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    """An expression of a type in a frame, at most `depth` operators deep."""
    columns = COLUMNS[frame][kind]
    if depth <= 0:
        return nodes.Column(name=draw(st.sampled_from(columns)))
    choices = {
        "boolean": ["compare", "logic", "not", "is_in", "is_null", "prefix", "exists"],
        "integer": ["arithmetic", "part", "between", "count"],
        "float": ["arithmetic", "mean"],
        "string": [],
        "date": [],
    }[kind]
    more = ["take", "reduce", "when", "fill", "coalesce"]
    if kind in PERIODS:
        more.append("periods")
    which = draw(st.sampled_from([*choices, *CHOICES[kind], *more]))
    return _OPERATORS[which](draw, kind, frame, depth - 1)


def _of_periods(draw: DrawFn, kind: str, _frame: str, _depth: int) -> Any:
    """A value of a person's periods."""
    frame, bands = periods(draw, expression, lambda: events(ordered=False))
    if bands and draw(st.booleans()):
        held: Any = nodes.AsCode(operand=nodes.Column(name=bands[0]), codes=("true", "<0", "0–<1"))
        frame = nodes.Filter(frame=frame, where=nodes.Not(operand=nodes.IsNull(operand=held)))
    value = nodes.Column(name=draw(st.sampled_from(PERIODS[kind])))
    if kind == "integer" and draw(st.integers(0, 3)) == 0:
        return nodes.CountRows(frame=frame)
    ops = ["min", "max"] if kind == "date" else ["sum", "min", "max", "n_unique"]
    return nodes.Reduce(op=draw(st.sampled_from(ops)), frame=frame, value=value)


def _constant(draw: DrawFn, kind: str) -> Any:
    if kind == "date":
        return nodes.DateValue(value=draw(DATES))
    texts = TEXTS.filter(bool)
    values = {"string": texts, "integer": WHOLES, "float": DYADIC, "boolean": st.booleans()}
    return nodes.Value(value=draw(values[kind]))


def _fill(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    return nodes.FillNull(operand=draw(expression(kind, frame, depth)), value=_constant(draw, kind))


def _coalesce(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    parts = draw(st.lists(expression(kind, frame, depth), min_size=2, max_size=3))
    return nodes.Coalesce(operands=tuple(parts))


def _when(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    cases = (
        nodes.Case(
            when=draw(expression("boolean", frame, depth)),
            then=draw(expression(kind, frame, depth)),
        ),
        nodes.Case(when=draw(expression("boolean", frame, 0)), then=_constant(draw, kind)),
    )
    return nodes.When(
        cases=cases[: draw(st.integers(1, 2))],
        otherwise=draw(st.none() | expression(kind, frame, depth)),
    )


def _take(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    which = draw(st.sampled_from(["first", "last"]))
    if draw(st.integers(0, 4)) == 0:
        person = nodes.Dataset(name="person")
        return nodes.Take(which=which, frame=person, value=draw(expression(kind, "person", 0)))
    source = draw(events(ordered=True))
    if draw(st.integers(0, 2)) == 0:
        value = draw(expression(kind, "visit", depth))
        return nodes.Nth(n=draw(st.integers(1, 3)), counted_from=which, frame=source, value=value)
    return nodes.Take(which=which, frame=source, value=draw(expression(kind, "visit", depth)))


def _reduce(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    if kind in ("string", "boolean"):
        return _take(draw, kind, frame, depth)
    ops = ["min", "max"] if kind == "date" else ["sum", "min", "max"]
    return nodes.Reduce(
        op=draw(st.sampled_from(ops)),
        frame=draw(events(ordered=False)),
        value=draw(expression(kind, "visit", depth)),
    )


def _mean(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    value = draw(expression("integer", "visit", 0) | expression("float", "visit", 0))
    return nodes.Reduce(op="mean", frame=draw(events(ordered=False)), value=value)


def _compare(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    of = draw(st.sampled_from(KINDS))
    ops = ["==", "!="] if of == "boolean" else ["==", "!=", "<", "<=", ">", ">="]
    other = "float" if of == "integer" and draw(st.booleans()) else of
    left = draw(expression(of, frame, depth))
    # Constants are checked against code lists, so a computed text stands on the other side.
    right = draw(expression(other, frame, depth)) if of == "string" else _side(draw, other, frame)
    return nodes.Compare(op=draw(st.sampled_from(ops)), left=left, right=right)


def _side(draw: DrawFn, kind: str, frame: str) -> Any:
    coded = kind == "integer" and frame == "person"
    if coded or draw(st.booleans()):
        return draw(expression(kind, frame, 0))
    return _constant(draw, kind)


def _arithmetic(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    ops = ["+", "-", "*", "//"] if kind == "integer" else ["+", "-", "*", "/", "//"]
    other = kind if kind == "integer" else draw(st.sampled_from(["integer", "float"]))
    return nodes.Arithmetic(
        op=draw(st.sampled_from(ops)),
        left=draw(expression(kind, frame, depth)),
        right=draw(expression(other, frame, depth)),
    )


def _logic(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    parts = draw(st.lists(expression("boolean", frame, depth), min_size=2, max_size=3))
    return nodes.Logic(op=draw(st.sampled_from(["and", "or"])), operands=tuple(parts))


def _not(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    return nodes.Not(operand=draw(expression("boolean", frame, depth)))


def _is_in(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    name = draw(st.sampled_from(["sex", "region"] if frame == "person" else ["kind"]))
    values = draw(st.lists(st.sampled_from(CODES[name]), unique=True, min_size=1))
    return nodes.IsIn(operand=nodes.Column(name=name), values=tuple(values))


def _is_null(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    return nodes.IsNull(operand=draw(expression(draw(st.sampled_from(KINDS)), frame, depth)))


def _prefix(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    prefixes = tuple(draw(st.lists(TEXTS, min_size=1, max_size=2)))
    return nodes.StartsWith(operand=draw(expression("string", frame, depth)), prefixes=prefixes)


def _exists(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    return nodes.Exists(frame=draw(events(ordered=False) | st.just(nodes.Persons())))


def _count(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    return nodes.CountRows(frame=draw(events(ordered=False) | st.just(nodes.Persons())))


def _part(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    part = draw(st.sampled_from(["year", "quarter", "month", "day", "weekday"]))
    return nodes.DatePart(part=part, operand=draw(expression("date", frame, depth)))


def _between(draw: DrawFn, kind: str, frame: str, depth: int) -> Any:
    unit = draw(st.sampled_from(["days", "months", "years"]))
    start, end = draw(expression("date", frame, depth)), _constant(draw, "date")
    return nodes.Between(unit=unit, start=start, end=end)


_OPERATORS = {
    "fill": _fill,
    "periods": _of_periods,
    "coalesce": _coalesce,
    "when": _when,
    "take": _take,
    "reduce": _reduce,
    "mean": _mean,
    "compare": _compare,
    "arithmetic": _arithmetic,
    "logic": _logic,
    "not": _not,
    "is_in": _is_in,
    "is_null": _is_null,
    "prefix": _prefix,
    "exists": _exists,
    "count": _count,
    "part": _part,
    "between": _between,
}
_OPERATORS |= operators(expression, lambda: events(ordered=False))
