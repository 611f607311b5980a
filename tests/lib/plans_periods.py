"""Random frames of periods for tests/lib/plans.py."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.lib.plans_values import Of
from workbench.plan import nodes

PERIODS = {"integer": ["days"], "date": ["start", "end"]}


def periods(draw: Any, of: Of, events: Callable[[], Any]) -> tuple[nodes.Frame, list[str]]:
    """Periods, split up to two times, and the names of the bands (texts or yes/no)."""
    frame, names = _made(draw, of, events), []
    for name in ("band", "band_two")[: draw(st.integers(0, 2))]:
        if draw(st.booleans()):
            by = _made(draw, of, events)
            frame = nodes.Exposed(frame=frame, name=name, by=by)
        else:
            frame = _split(draw, of, frame, name)
        names.append(name)
    return frame, names


def _made(draw: Any, of: Of, events: Callable[[], Any]) -> nodes.Frame:
    if draw(st.integers(0, 2)) == 0:
        columns = tuple(
            nodes.Derived(name=name, value=draw(of("date", "person", 1))) for name in ("a", "b")
        )
        person = nodes.Derive(frame=nodes.Dataset(name="person"), columns=columns)
        keep = draw(st.sampled_from([(), ("age",), ("birth",)]))
        return nodes.Spans(frame=person, start="a", end="b", keep=keep)
    rows = draw(events())
    gap = draw(st.sampled_from([0, 1, 9, 30, 400]))
    if draw(st.booleans()):
        return nodes.Episodes(frame=rows, start="date", gap=gap)
    by = draw(of("integer", "visit", 1))
    moved = nodes.Shift(unit="days", operand=nodes.Column(name="date"), by=by)
    ended = nodes.Derive(frame=rows, columns=(nodes.Derived(name="out", value=moved),))
    return nodes.Episodes(frame=ended, start="date", end="out", gap=gap)


def _split(draw: Any, of: Of, frame: nodes.Frame, name: str) -> nodes.Frame:
    if draw(st.booleans()):
        return nodes.Split(
            frame=frame, name=name, edges=draw(st.sampled_from([(2000,), (1999, 2001, 2002)]))
        )
    person = nodes.Dataset(name="person")
    origin = nodes.Take(which="first", frame=person, value=draw(of("date", "person", 0)))
    unit = draw(st.sampled_from(["days", "months", "years"]))
    edges = {"days": (-30, 10, 300), "months": (-1, 0, 5), "years": (-1, 0, 1)}[unit]
    return nodes.Split(frame=frame, name=name, edges=edges, unit=unit, origin=origin)
