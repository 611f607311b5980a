"""The types of periods: which frames they are made of, and which variables they have."""

from collections.abc import Callable
from dataclasses import replace

from workbench.plan import nodes
from workbench.plan.check.expressions import Scope, column, type_of
from workbench.plan.errors import Refusal
from workbench.plan.names import listed
from workbench.plan.schema import Schema
from workbench.plan.types import BOOLEANS, FrameType, Type
from workbench.plan.words import bin_labels, say

__all__ = ["Enter", "periods_type"]

Enter = Callable[[nodes.Frame, Schema], FrameType]
_DATE, _WHOLE = Type("date", nullable=False), Type("integer", nullable=False)
_PERIOD = {"start": _DATE, "end": _DATE, "days": _WHOLE}


def periods_type(
    frame: nodes.Episodes | nodes.Spans | nodes.Split | nodes.Exposed,
    below: FrameType,
    schema: Schema,
    enter: Enter,
) -> FrameType:
    """The type of a frame of periods over `below`; raises Refusal as `check` does."""
    if isinstance(frame, nodes.Episodes):
        return _episodes(frame, below, schema)
    if isinstance(frame, nodes.Spans):
        return _spans(frame, below, schema)
    _periods(below)
    if frame.name in below.columns:
        raise Refusal(
            "name_taken",
            f"The periods have a variable {frame.name} already.",
            f"Choose another name, {frame.name}_2 say.",
        )
    if isinstance(frame, nodes.Split):
        known = True
        if frame.origin is not None:
            origin = type_of(frame.origin, Scope(below, schema, enter))
            known = not origin.nullable
            if origin.kind != "date":
                raise _no_date(say(frame.origin), origin)
        made = Type("string", not known, bin_labels(frame.edges))
    else:
        _periods(enter(frame.by, schema))
        made = Type("boolean", nullable=False, levels=BOOLEANS)
    return replace(
        below,
        columns=dict(below.columns) | {frame.name: made},
        derived=below.derived | {frame.name},
        sorted=False,
    )


def _episodes(frame: nodes.Episodes, below: FrameType, schema: Schema) -> FrameType:
    if below.kind != "event":
        raise Refusal(
            "wrong_frame",
            f"{below.dataset} has one row a person; episodes are made of many.",
            'Use frame.follow_up("start", "end") for one period a person.',
        )
    for name in (frame.start, frame.end or frame.start):
        _is_date(name, below, schema)
    columns = {**_PERIOD, "rows": _WHOLE, "covered": _WHOLE}
    return FrameType(below.dataset, "event", columns, derived=frozenset(columns), periods=True)


def _spans(frame: nodes.Spans, below: FrameType, schema: Schema) -> FrameType:
    if below.kind != "person":
        raise Refusal(
            "wrong_frame",
            f"{below.dataset} has many rows a person; a follow-up is one period a person.",
            "Merge events to periods with .episodes(...), or start from a person frame.",
        )
    for name in (frame.start, frame.end):
        _is_date(name, below, schema)
    if len(set(frame.keep)) != len(frame.keep) or not _PERIOD.keys().isdisjoint(frame.keep):
        raise Refusal(
            "name_taken",
            "A variable is kept twice, or has the name of what every period has.",
            f"Keep each once, and none called {listed(_PERIOD)}: derive it under another name.",
        )
    columns = {**_PERIOD, **{name: column(name, below, schema) for name in frame.keep}}
    return FrameType(below.dataset, "event", columns, derived=frozenset(columns), periods=True)


def _is_date(name: str, frame: FrameType, schema: Schema) -> None:
    found = column(name, frame, schema)
    if found.kind != "date":
        raise _no_date(name, found)


def _no_date(what: str, found: Type) -> Refusal:
    return Refusal(
        "type_mismatch",
        f"{what} is {found.words}, not a date.",
        "Periods begin, end and are counted from dates; move one with .dt.add_days(...).",
    )


def _periods(frame: FrameType) -> None:
    if not frame.periods:
        raise Refusal(
            "wrong_frame",
            f"{frame.dataset} holds no periods.",
            'Make them first: cohort.follow_up("start", "end"), or events.episodes(gap=30).',
        )
