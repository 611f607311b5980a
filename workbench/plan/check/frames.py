"""The types of frames: which rows and which variables they have, or a refusal."""

from dataclasses import replace

from workbench.plan import nodes
from workbench.plan.check.expressions import Scope, column, type_of
from workbench.plan.check.links import linked_type
from workbench.plan.check.matching import matched_type
from workbench.plan.check.periods import periods_type
from workbench.plan.errors import Refusal
from workbench.plan.names import listed, nearest
from workbench.plan.nodes import Frame
from workbench.plan.schema import Schema
from workbench.plan.types import EVERYBODY, FrameType, frame_of

__all__ = ["frame_type"]


def frame_type(frame: Frame, schema: Schema) -> FrameType:
    """The type of a frame; raises Refusal as `check` does."""
    if isinstance(frame, nodes.Dataset):
        return _dataset(frame, schema)
    if isinstance(frame, nodes.Persons):
        return _persons(schema)
    if isinstance(frame, nodes.Matched):
        cases, controls = frame_type(frame.cases, schema), frame_type(frame.controls, schema)
        return matched_type(frame, cases, controls, schema)
    below = frame_type(frame.frame, schema)
    if isinstance(frame, nodes.Linked | nodes.Back):
        return linked_type(frame, below, schema)
    if isinstance(frame, nodes.Episodes | nodes.Spans | nodes.Split | nodes.Exposed):
        return periods_type(frame, below, schema, frame_type)
    scope = Scope(below, schema, frame_type)
    if isinstance(frame, nodes.Filter):
        where = type_of(frame.where, scope)
        if where.kind != "boolean":
            raise Refusal(
                "type_mismatch",
                f"A filter needs a condition; this one is {where.words}.",
                "Compare it with something, as in frame.filter(frame.age >= 18).",
            )
        return below
    if isinstance(frame, nodes.Sort):
        return _sort(frame, below, schema)
    return _derive(frame, below, scope)


def _dataset(frame: nodes.Dataset, schema: Schema) -> FrameType:
    found = schema.datasets.get(frame.name)
    if found is None:
        near = nearest(frame.name, schema.datasets)
        raise Refusal(
            "unknown_name" if near else "outside_permit",
            f"The permit opens no dataset {frame.name}.",
            f'Did you mean {near}? As in p["{near}"].'
            if near
            else f"It opens {listed(schema.datasets)}; ask for an amendment to use others.",
        )
    return frame_of(found)


def _persons(schema: Schema) -> FrameType:
    if not schema.whole:
        raise Refusal(
            "outside_permit",
            "The view holds a dataset that the permit no longer opens; its persons are in it too.",
            "Have the view built anew: workbench permit grant.",
        )
    return FrameType(EVERYBODY, "person", {})


def _sort(frame: nodes.Sort, below: FrameType, schema: Schema) -> FrameType:
    if below.kind != "event":
        raise Refusal(
            "wrong_frame",
            f"{below.dataset} has one row a person; there is nothing to sort.",
            "Leave the .sort(...) out.",
        )
    for name in frame.by:
        column(name, below, schema)
    return replace(below, sorted=True)


def _derive(frame: nodes.Derive, below: FrameType, scope: Scope) -> FrameType:
    columns = dict(below.columns)
    for one in frame.columns:
        if one.name in columns:
            raise Refusal(
                "name_taken",
                f"{below.dataset} has a variable {one.name} already.",
                f"Choose another name, {one.name}_2 say.",
            )
        columns[one.name] = type_of(one.value, scope)
    derived = below.derived | {one.name for one in frame.columns}
    return replace(below, columns=columns, derived=derived)
