"""Random valid plans of every kind of analysis, over the registry of tests/lib/every_analysis."""

from dataclasses import fields, is_dataclass
from threading import Event
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.lib.every_analysis import EXAMPLES, PERSONS, everyone, rich_view
from tests.lib.plain_view import PlainView
from tests.lib.plans import dimension, expression, registry_for
from workbench.domain.errors import Refusal
from workbench.engine.compute import compute
from workbench.engine.executor import Executor, Job
from workbench.engine.limits import Limits
from workbench.plan import Plan, Schema, check, nodes
from workbench.plan.errors import Refusal as PlanRefusal

__all__ = ["alike", "analyses", "busy_view", "outcome"]

CLOSE = 1e-9
VISITS = 6000
_COUNT = Plan(analysis=nodes.Count(cohort=nodes.Persons()))


def busy_view(buckets: int = 3, seed: int | None = None) -> PlainView:
    """`rich_view`, where persons have visits too."""
    view = rich_view(buckets=buckets, seed=seed)
    visits = registry_for(_COUNT, PERSONS, VISITS)["visit"]
    empty = view.frames["visit"]
    held = pl.DataFrame(visits, schema_overrides=empty.schema, infer_schema_length=None)
    view.frames = {**view.frames, "visit": held.select(empty.columns)}
    view.version = "busy"
    return view


@st.composite
def analyses(draw: DrawFn, name: str) -> Plan:
    """A valid plan of the kind of an example, of a cohort and by dimensions that are drawn."""
    kind, given = EXAMPLES[name]
    frame: nodes.Frame = everyone()
    if draw(st.booleans()):
        frame = nodes.Filter(frame=frame, where=draw(expression("boolean", "person", 2)))
    value = nodes.Derived(name="drawn", value=draw(dimension()))
    frame = nodes.Derive(frame=frame, columns=(value,))
    if draw(st.integers(0, 2)) == 2:
        frame = nodes.Filter(frame=frame, where=draw(expression("boolean", "person", 1)))
    held = dict(given)
    if isinstance(held.get("by"), tuple) or (
        "by" in kind.model_fields and kind.model_fields["by"].default == ()
    ):
        names = st.sampled_from(["sex", "group", "dead", "drawn"])
        held["by"] = tuple(draw(st.lists(names, unique=True, max_size=2)))
    try:
        plan = Plan(analysis=kind(cohort=frame, **held))  # type: ignore[arg-type]  # any kind
        check(plan, Schema.from_view(_DESCRIBED))
    except (ValueError, PlanRefusal):
        assume(condition=False)  # a kind that cannot be asked by what was drawn
    return plan


_DESCRIBED = rich_view().describe()


def outcome(plan: Plan, view: PlainView, executor: Executor) -> Any:
    """The evidence for the gate, or the code of the refusal."""
    schema = Schema.from_view(view.describe())
    job = Job(check(plan, schema), view, schema, Event(), lambda done, total: None, Limits(60))
    try:
        return compute(executor, job).evidence
    except Refusal as refusal:
        return refusal.code


def alike(one: Any, other: Any, where: str, close: float = CLOSE) -> None:
    """Equal in every field; numbers with a fraction to `close`, 0 for the last bit."""
    assert type(one) is type(other), where
    if is_dataclass(one) and not isinstance(one, type):
        for field in fields(one):
            name = field.name
            alike(getattr(one, name), getattr(other, name), f"{where}.{name}", close)
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype, where
        if one.dtype.kind == "f" and close:
            np.testing.assert_allclose(one, other, rtol=close, atol=close, err_msg=where)
        else:
            np.testing.assert_array_equal(one, other, err_msg=where)
    elif isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for key in one:
            alike(one[key], other[key], f"{where}[{key}]", close)
    elif isinstance(one, tuple | list):
        assert len(one) == len(other), where
        for at, (a, b) in enumerate(zip(one, other, strict=True)):
            alike(a, b, f"{where}[{at}]", close)
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=close, abs=close, nan_ok=True), where
    else:
        assert one == other, where
