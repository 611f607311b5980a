"""A release's body as tables to read: the last dimension across, the others down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from disclosure.tables import MARGIN
from workbench.portal.formats import Formats
from workbench.portal.language import Words

__all__ = ["Figure", "FigureCell", "Head", "Line", "figures_of", "title_of"]


@dataclass(frozen=True)
class Head:
    """A column's heading."""

    text: str
    margin: bool


@dataclass(frozen=True)
class FigureCell:
    """One cell: its number as text, or withheld and why."""

    text: str
    withheld: bool
    why: str
    margin: bool


@dataclass(frozen=True)
class Line:
    """One row with its heading."""

    text: str
    margin: bool
    cells: tuple[FigureCell, ...]


@dataclass(frozen=True)
class Figure:
    """One table; withheld: how many of its cells are; accuracy: a sentence, or ""."""

    title: str
    corner: str
    columns: tuple[Head, ...]
    lines: tuple[Line, ...]
    withheld: int
    accuracy: str


@dataclass(frozen=True)
class _Axis:
    """A dimension with the labels of its codes in one language."""

    name: str
    label: str
    labels: Mapping[str, str]


def title_of(body: Mapping[str, Any], words: Words) -> str:
    """What the release is, in a few words: the analysis and the variables it goes by."""
    kind = str(body.get("kind", "table"))
    what = words.get(f"release.kind.{kind}") or words("release.kind.table")
    if body.get("variable"):
        what = words("release.of_variable", what=what, variable=body["variable"])
    names = [axis.label for axis in _axes(body, words)]
    return words("release.by_variables", what=what, by=" × ".join(names)) if names else what


def figures_of(body: Mapping[str, Any], words: Words, formats: Formats) -> tuple[Figure, ...]:
    """The body's cells as figures: one a statistic when two or more dimensions, else one in all."""
    cells: Sequence[Mapping[str, Any]] = body.get("cells") or ()
    if not cells:
        return ()
    axes = _axes(body, words)
    statistics = list(dict.fromkeys(name for cell in cells for name in cell["values"]))
    accuracy = _accuracy(body, words, formats)
    if len(axes) < 2:
        return (_narrow(cells, axes, statistics, words, formats, accuracy),)
    return tuple(_wide(cells, axes, name, words, formats, accuracy) for name in statistics)


def _narrow(
    cells: Sequence[Mapping[str, Any]],
    axes: Sequence[_Axis],
    statistics: Sequence[str],
    words: Words,
    formats: Formats,
    accuracy: str,
) -> Figure:
    """No or one dimension: a row a code, a column a statistic."""
    lines = []
    for cell in cells:
        codes = tuple(cell["codes"])
        shown = tuple(_cell(cell, name, words, formats) for name in statistics)
        lines.append(Line(_head(codes, axes, words), _margin(codes), shown))
    withheld = sum(any(cell.withheld for cell in line.cells) for line in lines)
    corner = axes[0].label if axes else ""
    heads = tuple(Head(_statistic(name, words), margin=False) for name in statistics)
    return Figure(words("release.figure"), corner, heads, tuple(lines), withheld, accuracy)


def _wide(
    cells: Sequence[Mapping[str, Any]],
    axes: Sequence[_Axis],
    statistic: str,
    words: Words,
    formats: Formats,
    accuracy: str,
) -> Figure:
    """Two or three dimensions: the last one across."""
    across = list(dict.fromkeys(cell["codes"][-1] for cell in cells))
    down = list(dict.fromkeys(tuple(cell["codes"][:-1]) for cell in cells))
    at = {tuple(cell["codes"]): cell for cell in cells}
    lines = []
    for codes in down:
        shown = tuple(
            _cell(at[(*codes, code)], statistic, words, formats)
            if (*codes, code) in at
            else FigureCell("", withheld=False, why="", margin=False)
            for code in across
        )
        lines.append(Line(_head(codes, axes[:-1], words), _margin(codes), shown))
    heads = tuple(Head(_code(code, axes[-1], words), code == MARGIN) for code in across)
    withheld = sum(cell.withheld for line in lines for cell in line.cells)
    corner = f"{' · '.join(axis.label for axis in axes[:-1])} × {axes[-1].label}"
    title = _statistic(statistic, words)
    return Figure(title, corner, heads, tuple(lines), withheld, accuracy)


def _cell(cell: Mapping[str, Any], statistic: str, words: Words, formats: Formats) -> FigureCell:
    value = cell["values"].get(statistic)
    mark = str(cell.get("mark", ""))
    margin = _margin(cell["codes"])
    if value is None:
        reason = str(cell.get("reason", "")) if mark == "primary" else ""
        found = (words.get(f"release.mark.{one}") for one in (reason, mark) if one)
        why = next(filter(None, found), "") or words("release.mark.withheld")
        return FigureCell("", withheld=True, why=why, margin=margin)
    return FigureCell(formats.number(value), withheld=False, why="", margin=margin)


def _axes(body: Mapping[str, Any], words: Words) -> tuple[_Axis, ...]:
    found = []
    for told in body.get("dimensions") or ():
        name = str(told.get("name", ""))
        codes = told.get("labels") or {}
        labels = {str(code): words.pick(label) for code, label in codes.items()}
        found.append(_Axis(name, words.pick(told.get("label")) or name, labels))
    return tuple(found)


def _head(codes: Sequence[str], axes: Sequence[_Axis], words: Words) -> str:
    shown = [_code(code, axis, words) for code, axis in zip(codes, axes, strict=False)]
    return " · ".join(shown) or words("release.total")


def _code(code: str, axis: _Axis, words: Words) -> str:
    if code == MARGIN:
        return words("release.total")
    return axis.labels.get(code) or code or words("release.missing")


def _margin(codes: Sequence[str]) -> bool:
    return MARGIN in codes


def _statistic(name: str, words: Words) -> str:
    return words.get(f"release.statistic.{name}") or name


def _accuracy(body: Mapping[str, Any], words: Words, formats: Formats) -> str:
    noise = body.get("noise") or {}
    value = noise.get("accuracy_95")
    return "" if value is None else words("release.accuracy", n=formats.number(value))
