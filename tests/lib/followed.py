"""Drawn follow-ups: each group a line of days, + where a person was lost, ^2 for a second cause.

F: 6 6 6 6+ 7
M: 1 1 2
"""

from typing import Any

import numpy as np
import polars as pl

from tests.lib.engines import run
from tests.lib.gate import lenient
from tests.lib.plain_view import PlainView, frame
from workbench.plan import Plan, Schema, check, nodes

CAUSE = ("none", "first", "second")
PERSONS = nodes.Derive(
    frame=nodes.Dataset(name="person"),
    columns=(
        nodes.Derived(
            name="cause", value=nodes.AsCode(operand=nodes.Column(name="place"), codes=CAUSE)
        ),
    ),
)
"""`age` holds the days, `vital` whether there was an event, `cause` which."""


def drawn(text: str, *, days: int = 1) -> list[dict[str, Any]]:
    """One row a person: sex (the group), age (the time in days), vital (the event), place."""
    rows: list[dict[str, Any]] = []
    for line in text.strip().splitlines():
        group, _, told = line.partition(":")
        for one in told.split():
            cause = 0 if one.endswith("+") else 2 if one.endswith("^2") else 1
            rows.append(
                {
                    "person": len(rows),
                    "sex": group.strip() or None,
                    "age": int(one.removesuffix("+").removesuffix("^2")) * days,
                    "vital": cause > 0,
                    "place": CAUSE[cause],
                }
            )
    return rows


def of_arrays(group: Any, time: Any, event: Any) -> list[dict[str, Any]]:
    """The same rows from arrays of a published dataset; group is one of F and M."""
    return [
        {"person": at, "sex": str(g), "age": int(t), "vital": bool(e)}
        for at, (g, t, e) in enumerate(zip(group, time, event, strict=True))
    ]


def evidence(analysis: nodes.Analysis, rows: list[dict[str, Any]], *, near: float = 0.0) -> Any:
    """What the gate is told; the same whole, in buckets, and with the persons shuffled.

    near: how far apart, relatively, these may be (sums of weights that are no whole numbers).
    """
    told = []
    shuffled = np.random.default_rng(len(rows)).permutation(len(rows))
    for buckets, order in ((1, None), (3, None), (5, shuffled)):
        ids = range(len(rows)) if order is None else order.tolist()
        people = [row | {"person": at} for row, at in zip(rows, ids, strict=True)]
        frames = {"person": frame("person", people), "visit": frame("visit", [])}
        view = PlainView(frames, len(rows), buckets)
        schema = Schema.from_view(view.describe())
        told.append(run(check(Plan(analysis=analysis), schema), view, schema).evidence)
    for other in told[1:]:
        same(told[0], other, near)
    return told[0]


def same(one: Any, other: Any, near: float = 0.0) -> None:
    """Two evidences agree, to the last bit unless something is said."""
    for name, value in vars(one).items():
        held = getattr(other, name)
        if isinstance(value, np.ndarray):
            equal = (
                np.allclose(value, held, near, near, equal_nan=True)
                if near
                else (np.array_equal(value, held, equal_nan=True))
            )
            assert equal, name
        elif hasattr(value, "__dataclass_fields__"):
            same(value, held, near)
        elif not near or isinstance(value, (str, int)):
            assert repr(value) == repr(held), name  # NaN is itself here


def rules(threshold: int) -> Any:
    """The default policy with a small threshold, so that a drawing can show it."""
    return lenient(threshold=threshold, spread=1)


def block(judgement: Any, name: str) -> pl.DataFrame:
    """A block as a frame."""
    found = next(one for one in judgement.blocks if one.name == name)
    return pl.DataFrame(found.rows, schema=[one.name for one in found.columns], orient="row")
