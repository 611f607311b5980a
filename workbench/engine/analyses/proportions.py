"""Shares and their confidence intervals, worked out from released counts."""

from statistics import NormalDist
from typing import Any

import scipy.special as sc

from disclosure.findings import Mark
from disclosure.results import Block, BlockColumn
from disclosure.tables import MARGIN
from workbench.engine.analyses.computation import computes
from workbench.engine.analyses.tables import Counts
from workbench.engine.released import Released
from workbench.plan.nodes import Proportion, Shares

__all__ = ["Percentages", "Proportions", "interval"]


@computes(Proportion)
class Proportions(Counts):
    """A table by the yes/no variable, the last dimension."""

    def follows(self, released: Released) -> tuple[Block, ...]:
        """{groups…, persons, events, proportion, low, high}, over those with yes or no."""
        asked = self.checked.plan.analysis
        if not isinstance(asked, Proportion):
            raise TypeError("a share is asked for otherwise")
        axes = len(asked.by)
        rows: list[tuple[Any, ...]] = []
        marks = {}
        for at, group in enumerate(released.groups(axes)):
            yes, no = released.count((*group, "true")), released.count((*group, "false"))
            if yes is None or no is None:
                rows.append((*group, None, None, None, None, None))
                mark = released.mark((*group, "true"), (*group, "false"))
                marks.update({(at, axes + column): mark for column in range(5)})
            elif yes + no:
                bounds = interval(yes, yes + no, asked.level, asked.method)
                rows.append((*group, yes + no, yes, yes / (yes + no), *bounds))
            else:
                rows.append((*group, 0, 0, None, None, None))
        percent = f"{100 * asked.level:g} %"
        columns = (
            *released.columns(axes),
            BlockColumn("persons", "persons", {"en": "persons", "nb": "personer"}),
            BlockColumn("events", "persons", {"en": "with yes", "nb": "med ja"}),
            BlockColumn("proportion", "number", {"en": "proportion", "nb": "andel"}),
            BlockColumn("low", "number", {"en": f"{percent} from", "nb": f"{percent} fra"}),
            BlockColumn("high", "number", {"en": f"{percent} to", "nb": f"{percent} til"}),
        )
        label = self.checked.dimensions[-1].label
        title = {
            "en": f"Share with {label.get('en', asked.variable)}",
            "nb": f"Andel med {label.get('nb', asked.variable)}",
        }
        return (Block("proportions", title, columns, tuple(rows), marks),)


def interval(events: int, persons: int, level: float, method: str) -> tuple[float, float]:
    """The two-sided confidence interval of a proportion.

    "wilson": the score interval (Wilson 1927); "exact": from the beta distribution (Clopper and
    Pearson 1934).
    """
    if method == "exact":
        half = (1 - level) / 2
        low = 0.0 if not events else float(sc.betaincinv(events, persons - events + 1, half))
        if events == persons:
            return low, 1.0
        return low, float(sc.betaincinv(events + 1, persons - events, 1 - half))
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share, spread = events / persons, z * z / persons
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * (share * (1 - share) / persons + spread / (4 * persons)) ** 0.5
    return max(middle - half, 0.0), min(middle + half, 1.0)


@computes(Shares)
class Percentages(Counts):
    """A cross table with margins, which the shares are of."""

    def follows(self, released: Released) -> tuple[Block, ...]:
        """{row, column, persons, percent}; a share is withheld where it or its whole is."""
        asked = self.checked.plan.analysis
        if not isinstance(asked, Shares):
            raise TypeError("shares are asked for otherwise")
        rows: list[tuple[Any, ...]] = []
        marks = {}
        for at, cell in enumerate(released.cells):
            row, column = cell.codes
            whole = {"rows": (row, MARGIN), "columns": (MARGIN, column), "all": (MARGIN, MARGIN)}
            part, of = released.count(cell.codes), released.count(whole[asked.of])
            percent = None if part is None or not of else 100 * part / of
            rows.append((row, column, part, percent))
            if part is None:
                marks[at, 2] = cell.mark
            mark = released.mark(cell.codes, whole[asked.of])
            if percent is None and mark is not Mark.SHOWN:
                marks[at, 3] = mark
        of_all = {
            "rows": {"en": "of the row", "nb": "av raden"},
            "columns": {"en": "of the column", "nb": "av kolonnen"},
            "all": {"en": "of all", "nb": "av alle"},
        }[asked.of]
        columns = (
            *released.columns(2),
            BlockColumn("persons", "persons", {"en": "persons", "nb": "personer"}),
            BlockColumn("percent", "number", of_all, "%"),
        )
        title = {"en": "Persons and shares", "nb": "Personer og andeler"}
        return (Block("shares", title, columns, tuple(rows), marks),)
