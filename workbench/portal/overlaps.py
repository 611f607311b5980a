"""How a project's releases overlap, as a linear diagram: a line a release, a column a group.

A group of persons is a column, as wide as it has persons; a release is a line that covers the
columns of its persons. Linear diagrams are read faster and with fewer mistakes than circles that
overlap (Rodgers, Stapleton and Chapman 2015), and need no more than three columns for three sets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

__all__ = ["Bar", "Column", "OverlapPicture", "Row", "picture_of_overlaps"]

LEFT, WIDTH, EDGE, LINE, TOP = 210.0, 560.0, 24.0, 34.0, 30.0
NARROWEST, FEW, LABEL = 16.0, 16.0, 48.0


@dataclass(frozen=True)
class Column:
    """A group: where it stands, and its persons (None: fewer than the threshold)."""

    number: int
    x: float
    width: float
    persons: int | None
    inside: tuple[bool, ...]

    @property
    def middle(self) -> float:
        """Where its label is centred."""
        return self.x + self.width / 2

    @property
    def labelled(self) -> bool:
        """Whether the number of its persons fits above it."""
        return self.persons is not None and self.width >= LABEL


@dataclass(frozen=True)
class Bar:
    """A piece of a release's line over neighbouring groups."""

    x: float
    width: float


@dataclass(frozen=True)
class Row:
    """A release: its line from top, and the pieces of it."""

    release: str
    created: datetime
    kind: str
    explained: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class OverlapPicture:
    """width, height: of the drawing. few: how many groups are below the threshold."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    threshold: int
    width: float
    height: float
    few: int
    left_out: Mapping[str, int]


def picture_of_overlaps(told: Mapping[str, Any]) -> OverlapPicture:
    """The drawing of what the engine told; see workbench.engine.overlapping."""
    releases: Sequence[Mapping[str, Any]] = told["releases"]
    columns = _columns(_ordered(told["groups"]), len(releases))
    rows = tuple(
        Row(
            str(one["release"]),
            datetime.fromisoformat(str(one["created"])),
            str(one["kind"]),
            str(one["explained"]),
            TOP + place * LINE,
            _bars(columns, place),
        )
        for place, one in enumerate(releases)
    )
    height = TOP + len(rows) * LINE + 8
    few = sum(one.persons is None for one in columns)
    return OverlapPicture(
        rows, columns, int(told["threshold"]), LEFT + WIDTH + EDGE, height, few, told["left_out"]
    )


def _ordered(groups: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The groups so that lines have few gaps: each beside the one most like it of those left."""
    left = sorted(groups, key=lambda one: (len(one["in"]), one["in"]))
    found = left[:1]
    while len(found) < len(left):
        last = set(found[-1]["in"])
        found.append(
            min(
                (one for one in left if one not in found),
                key=lambda one: (len(last ^ set(one["in"])), one["in"]),
            )
        )
    return found


def _columns(groups: Sequence[Mapping[str, Any]], releases: int) -> tuple[Column, ...]:
    total = sum(one["persons"] or 0 for one in groups)
    raw = [
        FEW if one["persons"] is None else max(NARROWEST, WIDTH * one["persons"] / max(total, 1))
        for one in groups
    ]
    # What is narrow stays as wide as it must be to be seen; the others share what is left.
    fixed = sum(width for width in raw if width <= NARROWEST)
    rest = sum(width for width in raw if width > NARROWEST)
    share = max(0.0, WIDTH - fixed) / rest if rest else 1.0
    found, x = [], LEFT
    for number, (one, width) in enumerate(zip(groups, raw, strict=True), 1):
        wide = width if width <= NARROWEST else width * share
        inside = tuple(place in one["in"] for place in range(releases))
        found.append(Column(number, round(x, 1), round(wide, 1), one["persons"], inside))
        x += wide
    return tuple(found)


def _bars(columns: Sequence[Column], place: int) -> tuple[Bar, ...]:
    bars: list[Bar] = []
    for one in columns:
        if not one.inside[place]:
            continue
        last = bars[-1] if bars else None
        if last is not None and abs(last.x + last.width - one.x) < 0.5:
            bars[-1] = Bar(last.x, round(one.x + one.width - last.x, 1))
        else:
            bars.append(Bar(one.x, one.width))
    return tuple(bars)
