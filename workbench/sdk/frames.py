"""Frames as a notebook sees them: variables as attributes, polars' words as methods."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Self

from workbench.plan import Schema, frame_type, nodes
from workbench.plan.check.expressions import Scope, column, type_of
from workbench.plan.errors import Refusal
from workbench.plan.names import listed, nearest
from workbench.plan.schema import ColumnSchema
from workbench.plan.types import FrameType, Type
from workbench.plan.words import say
from workbench.sdk.analyses import Analyses
from workbench.sdk.controls import MatchWords
from workbench.sdk.dated import the_date
from workbench.sdk.expressions import Expr, lit
from workbench.sdk.following import FollowWords
from workbench.sdk.linking import back, kept
from workbench.sdk.periods import PeriodWords
from workbench.sdk.refused import Refused, told
from workbench.sdk.rows import EventWords

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["EventFrame", "Frame", "LinkedFrame", "PeriodFrame", "PersonFrame", "Runs"]

Runs = Callable[[nodes.Analysis], "Release"]
"""Sends an analysis to the engine and waits for its release."""


class Frame:
    """Rows of a dataset, never seen here: every method builds a plan.

    Variables are attributes (frame.age) or items (frame["age"]).
    """

    def __init__(self, node: nodes.Frame, schema: Schema, runs: Runs) -> None:
        self._node = node
        self._schema = schema
        self._runs = runs
        with told():
            self._type: FrameType = frame_type(node, schema)

    def __getitem__(self, name: str) -> Expr:
        with told():
            column(name, self._type, self._schema)
        made = Expr(lambda frame: self._column(name, frame))
        made.__doc__ = self._card(name)
        return made

    def __getattr__(self, name: str) -> Expr:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._type.columns:
            meant = nearest(name, [one for one in dir(type(self)) if not one.startswith("_")])
            if meant is not None and nearest(name, self._type.columns) is None:
                raise Refused(
                    "unknown_name",
                    f"A frame has neither a variable nor a method {name[:64]}.",
                    f"Did you mean .{meant}(…)?",
                )
        return self[name]

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._type.columns})

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._type.columns)

    def labels(self) -> dict[str, str]:
        """What each variable is, by name."""
        return {name: self._told(name)[1] for name in self._type.columns}

    def codes(self, name: str) -> dict[str, str]:
        """The categories of a variable with their labels; empty when it has no public list."""
        found = self._type.columns.get(name)
        if found is None or found.levels is None:
            return {}
        source = self._source(found)
        labels = (source.codes or found.labels) if source else found.labels
        return {code: labels.get(code, {}).get("en", "") for code in found.levels}

    def _source(self, found: Type) -> ColumnSchema | None:
        if found.origin is None:
            return None
        dataset, _, variable = found.origin.partition(".")
        return self._schema.datasets[dataset].columns[variable]

    def _card(self, name: str) -> str:
        """What `frame.name?` shows."""
        _, label, kind, unit, codes = self._told(name)
        lines = [f"{label} ({kind}{f', {unit}' if unit else ''})"]
        lines += [f"Categories: {codes}"] if codes else []
        return "\n".join(lines)

    def filter(self, *conditions: Expr) -> Self:
        """The rows for which every condition is true; missing is not true."""
        frame = self
        for condition in conditions:
            where = lit(condition)._make(frame)
            frame = frame._grown(nodes.Filter(frame=frame._node, where=where))
        return frame

    def with_columns(self, **columns: object) -> Self:
        """The frame with derived variables; all of them see the frame as it is now."""
        derived = tuple(
            nodes.Derived(name=name, value=lit(value)._make(self))
            for name, value in columns.items()
        )
        return self._grown(nodes.Derive(frame=self._node, columns=derived))

    def linked(self, link: str, keep: Sequence[str] | None = None) -> LinkedFrame:
        """These rows as those of whom they name: births.linked("mother") has a mother's children.

        link: as the data contract declares it. keep: the variables that come along; all, if left
        out. Derive what is known of the mother on it, and go .back() to the children.
        """
        kept_ = kept(self._type, self._schema, keep)
        node = nodes.Linked(frame=self._node, link=link, keep=kept_)
        return LinkedFrame(node, self._schema, self._runs)

    def exists(self) -> Expr:
        """Whether the person has a row here."""
        return Expr(lambda _frame: nodes.Exists(frame=self._node))

    def first(self, value: str | Expr) -> Expr:
        """The value in the person's first row; an event frame must be sorted."""
        return self._take("first", value)

    def last(self, value: str | Expr) -> Expr:
        """The value in the person's last row; an event frame must be sorted."""
        return self._take("last", value)

    def explain(self) -> str:
        """The frame in plain words."""
        return say(self._node)

    def _take(self, which: Literal["first", "last"], value: str | Expr) -> Expr:
        node = nodes.Take(which=which, frame=self._node, value=self._value(value))
        return Expr(lambda _frame: node)

    def _value(self, value: str | Expr) -> nodes.Expression:
        return (self[value] if isinstance(value, str) else lit(value))._make(self)

    def _grown(self, node: nodes.Frame) -> Self:
        return type(self)(node, self._schema, self._runs)

    def _column(self, name: str, used_in: Frame | None) -> nodes.Expression:
        """A variable of this frame, as it is written in the frame where it is used."""
        here = nodes.Column(name=name)
        if used_in is None or used_in._holds(self, name):
            return here
        if self._type.kind == "person":
            return nodes.Take(which="first", frame=self._node, value=here)
        raise Refused(
            "wrong_frame",
            f"{self._type.dataset} has many rows a person; {name} is not one value there.",
            f'Say which: {self._type.dataset}.sort("…").first("{name}"), or .count(), .max(…).',
        )

    def _kind_of(self, value: nodes.Expression) -> str:
        """What an expression of this frame is: date, string, …; "" where it is none."""
        try:
            return type_of(value, Scope(self._type, self._schema, frame_type)).kind
        except Refusal:
            return ""  # said where the whole expression is checked

    def _holds(self, other: Frame, name: str) -> bool:
        """Whether `name` means here what it means in `other`."""
        if self._type.dataset != other._type.dataset or name not in self._type.columns:
            return False
        return _definition(self._node, name) == _definition(other._node, name)

    def __repr__(self) -> str:
        many = "one row a person" if self._type.kind == "person" else "many rows a person"
        return f"<{self._type.dataset}: {many}; {', '.join(self._type.columns)}>"

    def _repr_html_(self) -> str:
        if not self._type.columns:
            name = html.escape(self._type.dataset)
            return f"<p>{name}: one row a person; derive variables with .with_columns(…).</p>"
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in self._told(name)) + "</tr>"
            for name in self._type.columns
        )
        many = "one row a person" if self._type.kind == "person" else "many rows a person"
        head = "".join(
            f'<th scope="col">{one}</th>' for one in ("variable", "label", "type", "unit", "codes")
        )
        return (
            f"<table><caption>{html.escape(self._type.dataset)} ({many})</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )

    def _told(self, name: str) -> tuple[str, str, str, str, str]:
        """Name, label, type, unit and codes of a variable, in words."""
        found = self._type.columns[name]
        source = self._source(found)
        label = source.label.get("en", "") if source and source.name == name else "derived"
        unit = source.unit if source else ""
        labels: Mapping[str, Mapping[str, str]] = source.codes or {} if source else found.labels
        codes = [
            f"{code} {labels[code].get('en', '')}".strip() if code in labels else code
            for code in found.levels or ()
        ]
        return name, label, found.kind, unit, listed(codes, 6) if codes else ""


class PeriodFrame(PeriodWords, EventWords, Frame):
    """Intervals of persons, from `start` up to but not on `end`, with their `days`."""


class LinkedFrame(EventWords, Frame):
    """Rows that a link led to whom they name, many a person."""

    def back(self) -> PersonFrame | EventFrame:
        """The rows as their own persons' again, with what was derived; of a person frame one."""
        node = back(self._node, self._type, self._schema)
        kind = PersonFrame if self._type.linked == "person" else EventFrame
        return kind(node, self._schema, self._runs)


class EventFrame(EventWords, Frame):
    """Many rows a person: filter and sort it, then make one value a person of it."""

    def episodes(
        self, start: str | None = None, end: str | None = None, gap: int = 0
    ) -> PeriodFrame:
        """Rows that overlap, touch or lie at most `gap` days apart, merged to periods.

        start, end: the rows' dates; without `end` each row is a moment. Besides start, end and days
        an episode has `rows` (how many it was made of) and `covered` (days with a row).
        """
        begun = the_date(self._type, start)
        node = nodes.Episodes(frame=self._node, start=begun, end=end, gap=gap)
        return PeriodFrame(node, self._schema, self._runs)


class PersonFrame(FollowWords, MatchWords, Analyses, Frame):
    """One row a person, always: derive variables, then ask for an analysis."""

    def follow_up(self, start: str, end: str, keep: Sequence[str] = ()) -> PeriodFrame:
        """One period a person, to be split and summed: from one date variable to another.

        keep: variables that the periods have too. Who lacks a date or has no day between has none.
        """
        node = nodes.Spans(frame=self._node, start=start, end=end, keep=tuple(keep))
        return PeriodFrame(node, self._schema, self._runs)

    def _ask(self, analysis: nodes.Analysis) -> Release:
        return self._runs(analysis)


def _definition(frame: nodes.Frame, name: str) -> nodes.Node | None:
    """What made a variable of a name: an expression, periods, or None for the dataset itself."""
    while not isinstance(frame, nodes.Dataset | nodes.Persons):
        if isinstance(frame, nodes.Derive):
            for one in frame.columns:
                if one.name == name:
                    return one.value
        elif not isinstance(frame, nodes.Filter | nodes.Sort):
            return frame
        frame = frame.frame
    return None
