"""Trends over calendar time and ages, worked out from released counts and means."""

from typing import Any

import numpy as np

from disclosure.findings import Mark
from disclosure.results import Block, BlockColumn
from workbench.engine.analyses.computation import Computation, computes
from workbench.engine.analyses.slopes import Slope, of_counts, of_means, of_shares
from workbench.engine.analyses.tables import Counts, Described
from workbench.engine.released import Released
from workbench.plan import CheckedPlan
from workbench.plan.nodes import LifeCourse, Trend
from workbench.plan.words import bin_bounds

__all__ = ["Ages", "CountTrend", "MeanTrend"]

PERSONS = BlockColumn("persons", "persons", {"en": "persons", "nb": "personer"})


class CountTrend(Counts):
    """Persons by (group,) period (and yes or no)."""

    def follows(self, released: Released) -> tuple[Block, ...]:
        """trend: {group, period, persons[, events, proportion]}; test: one row a group."""
        return _told(self, released, share=self.checked.model == "share")


class MeanTrend(Described):
    """Persons with a number by (group and) period, and its moments."""

    def follows(self, released: Released) -> tuple[Block, ...]:
        """trend: {group, period, persons, mean, sd}; test: one row a group."""
        return _told(self, released, share=False)


@computes(Trend)
def trend(checked: CheckedPlan) -> Computation:
    """Which of both, by what the trend is of."""
    return MeanTrend(checked) if checked.model == "mean" else CountTrend(checked)


def _told(computation: Computation, released: Released, *, share: bool) -> tuple[Block, ...]:
    asked = computation.checked.plan.analysis
    if not isinstance(asked, Trend):
        raise TypeError("a trend is asked for otherwise")
    axes, mean = len(asked.by), computation.checked.model == "mean"
    names = ["persons", *(["events", "proportion"] if share else ["mean", "sd"] if mean else [])]
    periods = [code for code in released.codes(axes) if code]
    rows: list[tuple[Any, ...]] = []
    tests: list[tuple[Any, ...]] = []
    marks: dict[tuple[int, int], Mark] = {}
    for group in released.groups(axes):
        told: list[tuple[Any, ...]] = []
        for period in periods:
            values, mark = _values(released, (*group, period), share=share, mean=mean)
            if values[0] is None:
                marks.update({(len(rows), axes + 1 + at): mark for at in range(len(names))})
            rows.append((*group, period, *values))
            told.append(values)
        slope = _slope(told, share=share, mean=mean)
        tests.append((*group, *(slope.row() if slope else [None] * 5)))
    columns = (*released.columns(axes + 1), *(_COLUMNS[name] for name in names))
    return (
        Block("trend", {"en": "Trend", "nb": "Trend"}, columns, tuple(rows), marks),
        Block("test", _TITLES[str(computation.checked.model)],
              (*released.columns(axes), *_TEST), tuple(tests)),
    )  # fmt: skip


def _values(
    released: Released, codes: tuple[str, ...], *, share: bool, mean: bool
) -> tuple[tuple[Any, ...], Mark]:
    if share:
        yes, no = released.count((*codes, "true")), released.count((*codes, "false"))
        mark = released.mark((*codes, "true"), (*codes, "false"))
        if yes is None or no is None:
            return (None, None, None), mark
        return (yes + no, yes, yes / (yes + no) if yes + no else None), mark
    n = released.count(codes)
    if mean:
        return (n, released.value(codes, "mean"), released.value(codes, "sd")), released.mark(codes)
    return (n,), released.mark(codes)


def _slope(told: list[tuple[Any, ...]], *, share: bool, mean: bool) -> Slope | None:
    """The trend over the periods 0, 1, …; None where a period is withheld or there are too few."""
    if any(values[0] is None for values in told):
        return None
    if share:
        return of_shares([values[0] for values in told], [values[1] for values in told])
    if mean:
        known = [(at, *values) for at, values in enumerate(told) if values[1] is not None]
        return of_means(known)
    return of_counts([values[0] for values in told])


_COLUMNS = {
    "persons": PERSONS,
    "events": BlockColumn("events", "persons", {"en": "with yes", "nb": "med ja"}),
    "proportion": BlockColumn("proportion", "number", {"en": "proportion", "nb": "andel"}),
    "mean": BlockColumn("mean", "number", {"en": "mean", "nb": "gjennomsnitt"}),
    "sd": BlockColumn("sd", "number", {"en": "sd", "nb": "standardavvik"}),
}
_TEST = (
    BlockColumn("slope", "number", {"en": "change a period", "nb": "endring per periode"}),
    BlockColumn("se", "number", {"en": "standard error", "nb": "standardfeil"}),
    BlockColumn("statistic", "number", {"en": "t or z", "nb": "t eller z"}),
    BlockColumn("df", "integer", {"en": "df", "nb": "frihetsgrader"}),
    BlockColumn("p", "number", {"en": "p", "nb": "p"}),
)
_TITLES = {
    "persons": {
        "en": "Linear trend of the counts (least squares)",
        "nb": "Lineær trend i antallene (minste kvadrater)",
    },
    "share": {
        "en": "Linear trend of the share (Cochran–Armitage)",
        "nb": "Lineær trend i andelen (Cochran–Armitage)",
    },
    "mean": {
        "en": "Linear trend of the mean (least squares over persons)",
        "nb": "Lineær trend i gjennomsnittet (minste kvadrater over personer)",
    },
}


@computes(LifeCourse)
class Ages(Counts):
    """Persons by (group and) age at the date."""

    def follows(self, released: Released) -> tuple[Block, ...]:
        """ages: {group, age, from, to, persons, cumulative}: the share of those with the date who
        had it by the end of the interval."""
        axes = len(self.checked.dimensions) - 1
        rows: list[tuple[Any, ...]] = []
        marks: dict[tuple[int, int], Mark] = {}
        for group in released.groups(axes):
            cells = [(*group, code) for code in released.codes(axes) if code]
            counts = [released.count(one) for one in cells]
            known = [one for one in counts if one is not None]
            whole = len(known) == len(counts) and sum(known) > 0
            held = np.cumsum(known).tolist() if whole else [None] * len(counts)
            for codes, n, until in zip(cells, counts, held, strict=True):
                if n is None:
                    marks[len(rows), axes + 3] = released.mark(codes)
                share = None if until is None else until / held[-1]
                rows.append((*codes, *bin_bounds(codes[-1]), n, share))
        years = {"en": "from (years)", "nb": "fra (år)"}
        columns = (
            *released.columns(axes + 1),
            BlockColumn("age_from", "number", years),
            BlockColumn("age_to", "number", {"en": "to below (years)", "nb": "til under (år)"}),
            PERSONS,
            BlockColumn("cumulative", "number", {"en": "share by then", "nb": "andel til da"}),
        )
        title = {"en": "By age", "nb": "Etter alder"}
        return (Block("ages", title, columns, tuple(rows), marks),)
