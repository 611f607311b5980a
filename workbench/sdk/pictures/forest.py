"""Estimates with their limits, one a line: forests of models, means and shares.

The numbers stand at the right as well, so that nothing has to be read off an axis.
"""

import math
from collections.abc import Sequence
from typing import Any

from workbench.sdk.pictures.drawing import draws
from workbench.sdk.pictures.palette import COLOURS, CONFIG
from workbench.sdk.pictures.reading import Reading

__all__ = ["balance", "forest", "group_of", "line"]

Spec = dict[str, Any]
WIDTH, GAP = 320, 14
Z = 1.959964
_STEPS: tuple[tuple[float, ...], ...] = (
    (1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 7.0),
    (1.0, 2.0, 5.0),
    (1.0, 3.0),
    (1.0,),
)


@draws("regression", "cox", "dp_regression")
def _coefficients(reading: Reading) -> Spec:
    """Ratios on a logarithmic axis, differences on a plain one; references as hollow points."""
    ratio = any("ratio" in row for row in reading.block("coefficients"))
    names = ("ratio", "ratio_low", "ratio_high") if ratio else ("estimate", "low", "high")
    none = 1.0 if ratio else 0.0
    rows = []
    for row in reading.block("coefficients"):
        if row["term"] == "(Intercept)":
            continue
        reference = str(row["level"]).endswith(" (ref.)")
        value, low, high = (row[one] for one in names)
        if value is None and not reference:
            continue
        rows.append(
            {
                "label": _term(reading, row["term"], str(row["level"])),
                "value": none if reference else value,
                "low": low,
                "high": high,
                "told": reading.word("reference") if reference else _with_limits(value, low, high),
                "hollow": reference,
            }
        )
    title = reading.heading("coefficients", names[0])
    return forest(rows, title, none=none, log=ratio)


@draws("restricted_mean")
def _restricted(reading: Reading) -> Spec:
    groups = reading.coded("means")
    rows = [
        line(group_of(reading, row, groups), row["mean"], row["lower"], row["upper"])
        for row in reading.block("means")
    ]
    return forest(rows, reading.heading("means", "mean"))


@draws("mean_test")
def _means(reading: Reading) -> Spec:
    """Means of groups with limits of 95 %: mean ± 1.96 sd/√n, from the numbers shown."""
    groups = reading.coded("groups")
    rows = []
    for row in reading.block("groups"):
        wide = Z * row["sd"] / math.sqrt(row["persons"])
        mean = row["mean"]
        rows.append(line(group_of(reading, row, groups), mean, mean - wide, mean + wide))
    return forest(rows, f"{_outcome(reading, groups)}: {reading.word('mean_limits')}")


@draws("rank_test")
def _ranks(reading: Reading) -> Spec:
    groups = reading.coded("groups")
    rows = [
        line(group_of(reading, row, groups), row["mean_rank"], None, None)
        for row in reading.block("groups")
    ]
    title = f"{_outcome(reading, groups)}: {reading.heading('groups', 'mean_rank')}"
    every = [(row["persons"], row["mean_rank"]) for row in reading.block("groups")]
    whole = sum(n for n, _ in every)
    return forest(rows, title, none=sum(n * rank for n, rank in every) / whole)


@draws("log_rank")
def _observed(reading: Reading) -> Spec:
    """Events over those expected if groups were alike; 1 is the average."""
    groups = reading.coded("groups")
    rows = []
    for row in reading.block("groups"):
        label = group_of(reading, row, groups)
        if not row.get("expected"):
            rows.append(line(label, row["events"] / row["persons"], None, None))
            continue
        rows.append(
            {
                "label": label,
                "value": row["events"] / row["expected"],
                "told": f"{row['events']:,} / {row['expected']:,}",
            }
        )
    expected = any(row.get("expected") for row in reading.block("groups"))
    title = reading.word("observed" if expected else "events_a_person")
    return forest(rows, title, none=1.0 if expected else None, log=expected)


@draws("proportion")
def _shares(reading: Reading) -> Spec:
    groups = reading.coded("proportions")
    rows = []
    for row in reading.block("proportions"):
        value, low, high = (
            None if row[one] is None else 100 * row[one] for one in ("proportion", "low", "high")
        )
        if value is None or not row["persons"]:
            continue
        rows.append(line(group_of(reading, row, groups), value, low, high))
    outcome = reading.title(str(reading.body.get("variable") or ""))
    return forest(rows, f"{outcome} (%)")


@draws("rates")
def _rates(reading: Reading) -> Spec:
    """Standardised ratios or rates when they were asked for, else the rates of every stratum."""
    for block, name in (("expected", "ratio"), ("standardised", "standardised_rate"),
                        ("rates", "rate")):  # fmt: skip
        groups = reading.coded(block)
        rows = [
            line(_stratum(reading, row, groups), row[name], row["lower"], row["upper"])
            for row in reading.block(block)
            if row[name] is not None
        ]
        if rows:
            ratio = name == "ratio"
            return forest(
                rows, reading.heading(block, name), none=1.0 if ratio else None, log=ratio
            )
    return forest([], reading.heading("rates", "rate"))


def _stratum(reading: Reading, row: dict[str, Any], groups: list[str]) -> str:
    """A group, and the age and period of a row that has them."""
    more = [str(row[one]) for one in ("age", "period") if row.get(one)]
    named = [group_of(reading, row, groups)] if groups or not more else []
    return ", ".join((*named, *more))


def forest(
    rows: Sequence[dict[str, Any]], title: str, *, none: float | None = None, log: bool = False
) -> Spec:
    """rows: `label`, `value`, maybe `low`, `high`, `told` (the text at the right), `hollow`.

    none: where the reference line stands; log: a logarithmic axis.
    """
    rows = [row for row in rows if row.get("value") is not None and (row["value"] > 0 or not log)]
    ends = [row[one] for row in rows for one in ("value", "low", "high")
            if row.get(one) is not None and (row[one] > 0 or not log)]  # fmt: skip
    ends += [none] if none is not None else []
    scale: Spec = {"zero": False, "padding": 12}
    axis: Spec = {"tickCount": 4, "labelOverlap": "greedy"}
    if log:
        ticks = _ticks(min(ends, default=1.0), max(ends, default=1.0))
        scale = {"type": "log", "domain": [ticks[0], ticks[-1]], "nice": False}
        axis = {"values": ticks, "format": "~g"}
    y: Spec = {
        "field": "label", "type": "nominal", "sort": [row["label"] for row in rows], "title": None,
        "axis": {"domain": False, "ticks": False, "grid": False, "labelLimit": 420,
                 "labelPadding": 8},
    }  # fmt: skip
    x: Spec = {
        "field": "value",
        "type": "quantitative",
        "title": title,
        "scale": scale,
        "axis": axis,
    }
    some = [row for row in rows if row.get("low") is not None and row.get("high") is not None]
    layers: list[Spec] = []
    if none is not None:
        layers.append(
            {
                "data": {"values": [{"value": none}]},
                "mark": {"type": "rule", "color": "#555", "strokeDash": [3, 3]},
                "encoding": {"x": x},
            }
        )
    layers += [
        {
            "data": {"values": some},
            "mark": {"type": "rule", "strokeWidth": 2, "color": COLOURS[0]},
            "encoding": {"y": y, "x": x | {"field": "low"}, "x2": {"field": "high"}},
        },
        _points([row for row in rows if not row.get("hollow")], y, x, filled=True),
        _points([row for row in rows if row.get("hollow")], y, x, filled=False),
        {
            "data": {"values": list(rows)},
            "mark": {"type": "text", "align": "left", "fontSize": 12, "color": "#222"},
            "encoding": {"y": y, "x": {"value": WIDTH + GAP}, "text": {"field": "told"}},
        },
    ]
    return {"width": WIDTH, "height": {"step": 26}, "layer": [one for one in layers if one]}


def balance(lines: Sequence[tuple[str, float]], title: str) -> Spec:
    """Standardised differences, the largest first, beside the usual limit of 0.1."""
    rows = [line(name, value, None, None) for name, value in lines]
    drawn = forest(sorted(rows, key=lambda row: -row["value"]), title, none=0.1)
    drawn["config"] = CONFIG
    return drawn


def _points(rows: list[dict[str, Any]], y: Spec, x: Spec, *, filled: bool) -> Spec:
    if not rows:
        return {}
    mark = {"type": "point", "size": 80, "opacity": 1, "filled": filled, "color": COLOURS[0]}
    return {"data": {"values": rows}, "mark": mark, "encoding": {"y": y, "x": x}}


def line(label: str, value: float | None, low: float | None, high: float | None) -> dict[str, Any]:
    """A line of a forest, with its numbers as text."""
    told = _with_limits(value, low, high)
    return {"label": label, "value": value, "low": low, "high": high, "told": told}


def _with_limits(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return ""
    if low is None or high is None:
        return _short(value)
    return f"{_short(value)} ({_short(low)} – {_short(high)})"


def _short(value: float) -> str:
    """Three figures: 3.46, 0.0123, 3,469, −0.5."""
    if abs(value) >= 1000:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
        text = f"{float(text):.{_decimals(value)}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def _decimals(value: float) -> int:
    if value == 0 or abs(value) >= 100:
        return 0
    return max(0, min(6, 2 - math.floor(math.log10(abs(value)))))


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers around both ends: 1, 2, 5 times powers of ten, at most about eight."""
    found = [low]
    for steps in _STEPS:
        grid = [step * 10.0**power for power in range(-12, 13) for step in steps]
        below = max((one for one in grid if one <= low * 0.97), default=grid[0])
        above = min((one for one in grid if one >= high * 1.03), default=grid[-1])
        found = [float(f"{one:.3g}") for one in grid if below <= one <= above]
        if len(found) <= 8:
            break
    return found if len(found) > 1 else [found[0] / 2, found[0], found[0] * 2]


def _term(reading: Reading, term: str, level: str) -> str:
    """The variable's label and the category's."""
    title = reading.title(term)
    if not level:
        return title
    plain = level.removesuffix(" (ref.)")
    return f"{title}: {reading.code(term, plain)}"


def group_of(reading: Reading, row: dict[str, Any], groups: list[str]) -> str:
    """What the groups of a row are called."""
    if not groups:
        return reading.word("Σ")
    return ", ".join(reading.said(one, str(row[one])) for one in groups)


def _outcome(reading: Reading, groups: list[str]) -> str:
    """The label of the number that is compared: the only variable that is no group."""
    others = [one for one in reading.body.get("variables", {}) if one not in groups]
    return reading.title(others[0]) if others else ""
