"""Links between persons in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.plan import nodes

if TYPE_CHECKING:
    from workbench.plan import Schema
    from workbench.plan.types import FrameType

__all__ = ["back", "kept"]


def kept(frame: FrameType, schema: Schema, names: Sequence[str] | None) -> tuple[str, ...]:
    """The variables that come along: those named, else all that the permit opens."""
    if names is not None:
        return tuple(names)
    return tuple(
        name
        for name in frame.columns
        if name in frame.derived or f"{frame.dataset}.{name}" not in schema.closed
    )[:64]


def back(node: nodes.Frame, frame: FrameType, schema: Schema) -> nodes.Back:
    """The way back of a linked frame, with all that it has."""
    return nodes.Back(frame=node, keep=kept(frame, schema, None))
