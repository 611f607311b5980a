"""One analysis of the NAFLD study, from the plan to what the gate lets through, without books."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from disclosure.findings import Decision
from disclosure.gate import decide
from disclosure.policy import Policy
from disclosure.results import decide_result
from disclosure.tables import TableEvidence
from tests.lib.engines import run
from tests.lib.gate import policy
from tests.lib.nafld_view import description, frames
from tests.lib.plain_view import PlainView, frame
from workbench.engine.body import body_of
from workbench.plan import Plan, Schema, check, nodes
from workbench.sdk.blocks import block_frame

NAFLD = nodes.Dataset(name="nafld_person")
DEFAULT = policy()
DEALT = ((1, 7), (4, 7), (5, 11))
"""Buckets, and the seed of the order in which persons are dealt into them."""


def nafld(buckets: int = 1, seed: int = 7) -> PlainView:
    """The study, its persons in some order."""
    people = frames()["nafld_person"].height
    keys = np.random.default_rng(seed).permutation(people).astype(np.uint64)
    return PlainView(frames(), people, buckets, keys=keys, description=description())


def nafld_rows() -> pl.DataFrame:
    """Its persons, for an oracle."""
    return frames()["nafld_person"]


def derived(cohort: nodes.Frame = NAFLD, **columns: Any) -> nodes.Derive:
    """The cohort with further variables."""
    named = tuple(nodes.Derived(name=name, value=value) for name, value in columns.items())
    return nodes.Derive(frame=cohort, columns=named)


def body(
    analysis: nodes.Analysis, view: PlainView | None = None, rules: Policy = DEFAULT
) -> dict[str, Any]:
    """What would be released; an AssertionError with the findings when the gate refuses."""
    checked, decision = judged(analysis, view or nafld(), rules)
    assert decision.verdict == "release", [one.text["en"] for one in decision.findings]
    return body_of(checked, decision)


def judged(
    analysis: nodes.Analysis, view: PlainView, rules: Policy = DEFAULT
) -> tuple[Any, Decision]:
    """The checked plan and the gate's decision."""
    schema = Schema.from_view(view.describe())
    checked = check(Plan(analysis=analysis), schema)
    evidence = run(checked, view, schema).evidence
    if isinstance(evidence, TableEvidence):
        return checked, decide(evidence, rules, ())
    return checked, decide_result(evidence, rules, ())


def block(found: dict[str, Any], name: str) -> pl.DataFrame:
    """A block of a body as a frame."""
    return next(block_frame(one) for one in found["blocks"] if one["name"] == name)


def the_same_whatever_the_buckets(analysis: nodes.Analysis) -> bool:
    """Whether whole, in buckets, and in other buckets exactly the same is released."""
    first, *others = (body(analysis, nafld(buckets, seed)) for buckets, seed in DEALT)
    return all(one == first for one in others)


def people(**columns: Sequence[Any]) -> PlainView:
    """A view of the test schema with one person a row of the columns."""
    return _view(tuple((name, tuple(values)) for name, values in columns.items()))


@cache
def _view(columns: tuple[tuple[str, tuple[Any, ...]], ...]) -> PlainView:
    count = len(columns[0][1])
    rows = [{"person": at} | {name: values[at] for name, values in columns} for at in range(count)]
    return PlainView({"person": frame("person", rows)}, count, 3)
