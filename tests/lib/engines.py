"""One plan through three engines: polars whole, polars bucket by bucket, plain Python."""

from threading import Event
from typing import Any

from tests.lib.plain_view import PlainView, frame
from tests.lib.slow_engine import SlowEngine
from workbench.engine.compute import Computed, compute
from workbench.engine.executor import Job
from workbench.engine.local import LocalExecutor
from workbench.plan import CheckedPlan, Plan, Schema, check

Answer = dict[tuple[str, ...], tuple[int, float, float, float, float]]
"""Codes -> persons, Σx, Σx², the two largest |x|; only cells with persons."""

EXECUTOR = LocalExecutor()


def answers(plan: Plan, data: dict[str, list[dict[str, Any]]], persons: int) -> dict[str, Answer]:
    """The answer of each engine to one plan over one registry."""
    frames = {name: frame(name, rows) for name, rows in data.items()}
    found: dict[str, Answer] = {}
    for name, buckets in (("whole", 1), ("buckets", 3)):
        view = PlainView(frames, persons, buckets)
        schema = Schema.from_view(view.describe())
        checked = check(plan, schema)
        found[name] = of_evidence(run(checked, view, schema).evidence)
    found["slow"] = slow_answer(plan, data, persons)
    return found


def slow_answer(plan: Plan, data: dict[str, list[dict[str, Any]]], persons: int) -> Answer:
    """The answer of plain Python alone."""
    frames = {name: frame(name, rows) for name, rows in data.items()}
    full = {
        name: [dict.fromkeys(frames[name].columns) | row for row in rows]
        for name, rows in data.items()
    }
    checked = check(plan, Schema.from_view(PlainView(frames, persons).describe()))
    return _of_values(SlowEngine(full, persons).table(checked))


def run(checked: CheckedPlan, view: PlainView, schema: Schema) -> Computed:
    """What a plan over a plain view hands to the gate."""
    return compute(EXECUTOR, Job(checked, view, schema, Event(), lambda done, total: None))


def of_evidence(evidence: Any) -> Answer:
    measure = evidence.magnitudes[0] if evidence.magnitudes else None
    answer: Answer = {}
    for place in zip(*evidence.n.nonzero(), strict=True) if evidence.n.ndim else [()]:
        n = int(evidence.n[place])
        if not n:
            continue
        codes = tuple(axis.codes[at] for axis, at in zip(evidence.dimensions, place, strict=True))
        values = (
            (measure.total, measure.total_sq, measure.largest, measure.second) if measure else ()
        )
        answer[codes] = (n, *(float(one[place]) for one in values))  # type: ignore[assignment]
    return answer


def _of_values(cells: dict[tuple[str, ...], list[float | None]]) -> Answer:
    answer: Answer = {}
    for codes, values in cells.items():
        numbers = [value for value in values if value is not None]
        if not numbers:
            answer[codes] = (len(values),)  # type: ignore[assignment]
            continue
        top = sorted((abs(one) for one in numbers), reverse=True)
        second = top[1] if len(top) > 1 else 0.0
        squares = sum(one * one for one in numbers)
        answer[codes] = (len(values), sum(numbers), squares, top[0], second)
    return answer
