"""The type of matched cases and controls."""

from workbench.plan import nodes
from workbench.plan.check.expressions import column
from workbench.plan.errors import Refusal
from workbench.plan.schema import Schema
from workbench.plan.types import BOOLEANS, FrameType, Type

__all__ = ["matched_type"]

_MADE = {
    "case": Type("boolean", nullable=False, levels=BOOLEANS),
    "sets": Type("integer", nullable=False),
}


def matched_type(
    frame: nodes.Matched, cases: FrameType, controls: FrameType, schema: Schema
) -> FrameType:
    """The type of a matched frame; raises Refusal as `check` does."""
    for one in (cases, controls):
        if one.kind != "person":
            raise Refusal(
                "wrong_frame",
                f"{one.dataset} has many rows a person; persons are matched with persons.",
                "Start from a person frame and filter it: persons.filter(dx.exists()).",
            )
    for name in frame.by:
        _alike(name, name in frame.exact, column(name, cases, schema),
               column(name, controls, schema))  # fmt: skip
    shared = {
        name: _either(own, controls.columns[name])
        for name, own in cases.columns.items()
        if name in controls.columns
        and own.kind == controls.columns[name].kind
        and _open(name, cases, schema)
        and _open(name, controls, schema)
    }
    carried = {name: column(name, cases, schema) for name in frame.carry}
    taken = sorted(_MADE.keys() & {*cases.columns, *controls.columns})
    if taken:
        raise Refusal(
            "name_taken",
            f"Matching makes the variables case and sets; {taken[0]} is there already.",
            f"Derive it under another name, {taken[0]}_2 say.",
        )
    columns = {**shared, **carried, **_MADE}
    return FrameType(cases.dataset, "person", columns, derived=frozenset(columns))


def _alike(name: str, exact: bool, case: Type, control: Type) -> None:  # noqa: FBT001 - a word
    if case.kind != control.kind:
        raise Refusal(
            "type_mismatch",
            f"{name} is {case.words} of cases and {control.words} of controls.",
            "Derive it the same way in both frames.",
        )
    if exact and case.kind == "float":
        raise Refusal(
            "type_mismatch",
            f"{name} is a number with decimals; hardly two persons have the same.",
            f'Give it room: calipers={{"{name}": 1.5}}; or cut it first with .bins([...]).',
        )
    if not exact and not case.numeric and case.kind != "date":
        raise Refusal(
            "type_mismatch",
            f"{name} is {case.words}; a caliper is a distance of numbers or dates.",
            f'Match it exactly: exact=["{name}"].',
        )


def _either(one: Type, other: Type) -> Type:
    """What a person has who comes from either frame."""
    if one == other:
        return one
    levels = None if one.levels is None or one.levels != other.levels else one.levels
    return Type(one.kind, one.nullable or other.nullable, levels)


def _open(name: str, frame: FrameType, schema: Schema) -> bool:
    return name in frame.derived or f"{frame.dataset}.{name}" not in schema.closed
