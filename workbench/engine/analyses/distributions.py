"""Histograms and heat maps: tables over intervals, told again with the intervals as numbers."""

from typing import Any

from disclosure.findings import Mark
from disclosure.results import Block, BlockColumn
from workbench.engine.analyses.computation import computes
from workbench.engine.analyses.density import Curve, Interval
from workbench.engine.analyses.tables import Counts
from workbench.engine.released import Released
from workbench.plan import CheckedPlan
from workbench.plan.nodes import Density, Heatmap, Histogram
from workbench.plan.words import bin_bounds

__all__ = ["Densities", "Heatmaps", "Histograms", "interval_block"]

PERSONS = BlockColumn("persons", "persons", {"en": "persons", "nb": "personer"})
NOISE = (
    BlockColumn("low", "integer", {"en": "95 % from", "nb": "95 % fra"}),
    BlockColumn("high", "integer", {"en": "95 % to", "nb": "95 % til"}),
)


def _ends(name: str, unit: str) -> tuple[BlockColumn, BlockColumn]:
    return (
        BlockColumn(f"{name}_from", "number", {"en": "from", "nb": "fra"}, unit),
        BlockColumn(f"{name}_to", "number", {"en": "to below", "nb": "til under"}, unit),
    )


@computes(Histogram)
class Histograms(Counts):
    """Persons by (group and) interval, the last dimension."""

    def follows(self, released: Released) -> tuple[Block, ...]:
        """See interval_block."""
        return (interval_block(self.checked, released),)


def interval_block(checked: CheckedPlan, released: Released) -> Block:
    """{group, interval, from, to, persons}; an end without bound has none.

    Where persons have noise, their limits of 95 % as well: low, high.
    """
    axes = len(checked.dimensions) - 1
    rows: list[tuple[Any, ...]] = []
    marks = {}
    for cell in released.cells:
        persons = released.count(cell.codes)
        if cell.codes[-1] == "" and persons == 0 and released.within is None:
            continue
        if cell.mark is not Mark.SHOWN:
            marks[len(rows), axes + 3] = cell.mark
        ends: tuple[int, ...] = ()
        if released.within is not None and persons is not None:
            ends = (persons - released.within, persons + released.within)
        rows.append((*cell.codes, *bin_bounds(cell.codes[-1]), persons, *ends))
    name = checked.dimensions[-1].name
    unit = checked.unit(name)
    noise = () if released.within is None else NOISE
    columns = (*released.columns(axes + 1), *_ends(name, unit), PERSONS, *noise)
    title = {"en": "Histogram", "nb": "Histogram"}
    return Block("histogram", title, columns, tuple(rows), marks)


@computes(Heatmap)
class Heatmaps(Counts):
    """Persons by two intervals."""

    def follows(self, released: Released) -> tuple[Block, ...]:
        """{y, x, x_from, x_to, y_from, y_to, persons}; who lacks a number is not drawn."""
        rows: list[tuple[Any, ...]] = []
        marks = {}
        for cell in released.cells:
            y, x = cell.codes
            if "" in cell.codes:
                continue
            persons = released.count(cell.codes)
            if persons is None:
                marks[len(rows), 6] = cell.mark
            rows.append((y, x, *bin_bounds(x), *bin_bounds(y), persons))
        names = [one.name for one in self.checked.dimensions]
        units = [self.checked.unit(one) for one in names]
        columns = (
            *released.columns(2),
            *_ends(names[1], units[1]),
            *_ends(names[0], units[0]),
            PERSONS,
        )
        title = {"en": "Heat map", "nb": "Varmekart"}
        return (Block("heatmap", title, columns, tuple(rows), marks),)


@computes(Density)
class Densities(Counts):
    """Persons by (group and) interval, each joined with others until it holds enough."""

    def follows(self, released: Released) -> tuple[Block, ...]:
        """density: {group, x, density}; curves: {group, persons, bandwidth}, one row a curve."""
        asked = self.checked.plan.analysis
        if not isinstance(asked, Density):
            raise TypeError("a density is asked for otherwise")
        axes = len(asked.by)
        points: list[tuple[Any, ...]] = []
        curves: list[tuple[Any, ...]] = []
        marks: dict[tuple[int, int], Mark] = {}
        for group in released.groups(axes):
            cells = [(*group, code) for code in released.codes(axes) if code]
            curve = Curve.of(_intervals(released, cells), self.checked.model, asked.bandwidth)
            if curve is None:
                mark = released.mark(*cells)
                if mark is not Mark.SHOWN:
                    marks.update({(len(curves), axes + at): mark for at in range(2)})
                curves.append((*group, None, None))
                continue
            curves.append((*group, curve.persons, curve.bandwidth))
            points += [(*group, x, curve.at(x)) for x in curve.grid()]
        name = self.checked.dimensions[-1].name
        unit = self.checked.unit(name)
        label = self.checked.dimensions[-1].label
        groups = released.columns(axes)
        return (
            Block(
                "density",
                {"en": "Density", "nb": "Tetthet"},
                (
                    *groups,
                    BlockColumn("x", "number", label, unit),
                    BlockColumn("density", "number", {"en": "density", "nb": "tetthet"}),
                ),
                tuple(points),
            ),
            Block(
                "curves",
                {"en": "Curves", "nb": "Kurver"},
                (
                    *groups,
                    PERSONS,
                    BlockColumn(
                        "bandwidth", "number", {"en": "bandwidth", "nb": "båndbredde"}, unit
                    ),
                ),
                tuple(curves),
                marks,
            ),
        )


def _intervals(released: Released, cells: list[tuple[str, ...]]) -> list[Interval] | None:
    """The intervals of one group; None where one of them is withheld."""
    found = []
    for codes in cells:
        persons = released.count(codes)
        if persons is None:
            return None
        found.append(Interval(*bin_bounds(codes[-1]), persons))
    return found
