"""Curves of follow-up: steps with their limits, and the persons at risk in rows below.

A curve is drawn as it is told: constant from one public time to the next. Groups differ in colour
and in dashes. Numbers at risk stand only where they were released.
"""

from typing import Any

from workbench.sdk.pictures.drawing import draws
from workbench.sdk.pictures.palette import COLOURS, told_apart
from workbench.sdk.pictures.reading import Reading

__all__: list[str] = []

Spec = dict[str, Any]
WIDTH = 480
YEAR, LONG = 365.25, 3 * 365
"""Days of a year; from how many days on a curve is drawn in years."""
Z = 1.959964


@draws("kaplan_meier")
def _survival(reading: Reading) -> Spec:
    return _drawn(reading, "survival", [0.0, 1.0])


@draws("nelson_aalen")
def _hazard(reading: Reading) -> Spec:
    return _drawn(reading, "hazard", None)


@draws("cumulative_incidence")
def _incidence(reading: Reading) -> Spec:
    return _drawn(reading, "incidence", None)


@draws("life_table")
def _life_table(reading: Reading) -> Spec:
    """Survival at the end of each interval, and who entered it."""
    groups = reading.coded("life_table")
    rows = reading.block("life_table")
    first: dict[str, Any] = {}
    curve: list[dict[str, Any]] = []
    for row in rows:
        group = _named(reading, row, groups)
        if group not in first:
            first[group] = row["start"]
            curve.append(
                {"group": group, "time": row["start"], "value": 1.0, "low": 1.0, "high": 1.0}
            )
        if row["survival"] is not None:
            wide = Z * (row["error"] or 0.0)
            curve.append(
                {"group": group, "time": row["end"], "value": row["survival"],
                 "low": max(0.0, row["survival"] - wide), "high": min(1.0, row["survival"] + wide)}
            )  # fmt: skip
    risk = [
        {
            "group": _named(reading, row, groups),
            "time": row["start"],
            "told": f"{row['entering']:,}",
        }
        for row in rows
        if row["entering"] is not None
    ]
    title = reading.heading("life_table", "survival")
    return _panels(reading, curve, risk, title, straight=True, domain=[0.0, 1.0])


def _drawn(reading: Reading, value: str, domain: list[float] | None) -> Spec:
    groups = reading.coded("curve")
    curve = [
        {"group": _named(reading, row, groups), "time": row["time"], "value": row[value],
         "low": row[value] if row["lower"] is None else row["lower"],
         "high": row[value] if row["upper"] is None else row["upper"]}
        for row in reading.block("curve")
        if row[value] is not None
    ]  # fmt: skip
    kept = [one for one in groups if one in reading.coded("at_risk")]
    persons = [
        {"group": _named(reading, row, kept), "time": 0, "told": f"{row['persons']:,}"}
        for row in reading.block("summary")
        if row.get("persons") is not None
    ]
    later = [
        {"group": _named(reading, row, kept), "time": row["time"], "told": f"{row['at_risk']:,}"}
        for row in reading.block("at_risk")
        if row["at_risk"] is not None
    ]
    title = reading.heading("curve", value)
    return _panels(reading, curve, persons + later, title, straight=False, domain=domain)


def _panels(
    reading: Reading,
    curve: list[dict[str, Any]],
    risk: list[dict[str, Any]],
    title: str,
    *,
    straight: bool,
    domain: list[float] | None,
) -> Spec:
    """straight: what lies between two times is not known, so that they are only joined."""
    path: Spec = {"interpolate": "linear" if straight else "step-after"}
    end = max((row["time"] for row in curve), default=1)
    unit, word = (YEAR, "years") if end >= LONG else (1.0, "days")
    for row in (*curve, *risk):
        row["time"] = round(row["time"] / unit, 4)
    x = {
        "field": "time",
        "type": "quantitative",
        "title": reading.word(word),
        "scale": {"domain": [0, end / unit], "nice": False},
        "axis": {"tickCount": 10 if unit > 1 else 6, "tickMinStep": 1, "grid": False},
    }
    names = list(dict.fromkeys(str(row["group"]) for row in curve))
    legend: Spec = {
        "legend": {"orient": "top", "direction": "horizontal", "title": None, "labelLimit": 240,
                   "columns": 3, "symbolType": "stroke", "symbolSize": 500}
    } if len(names) > 1 else {"legend": None}  # fmt: skip
    colour, dash = told_apart("group", names, legend)
    y = {
        "field": "value",
        "type": "quantitative",
        "title": title,
        "scale": {"domain": domain} if domain else {"zero": True},
    }
    layers: list[Spec] = [
        {
            "data": {"values": _banded(curve, group)},
            "mark": {"type": "area", "opacity": 0.16, "color": COLOURS[at % len(COLOURS)], **path},
            "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}},
        }
        for at, group in enumerate(names)
    ]
    layers.append(
        {
            "data": {"values": curve},
            "mark": {"type": "line", "strokeWidth": 2, "point": straight, **path},
            "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash},
        }
    )
    top: Spec = {"width": WIDTH, "height": 260, "layer": layers}
    if not risk:
        return top
    rows = list(dict.fromkeys(row["group"] for row in risk))
    below: Spec = {
        "width": WIDTH,
        "height": {"step": 18},
        "data": {"values": _spread(risk, end / unit)},
        "mark": {"type": "text", "fontSize": 11},
        "title": {"text": reading.word("at_risk"), "fontSize": 12},
        "encoding": {
            "x": x | {"axis": None},
            "y": {
                "field": "group", "type": "nominal", "sort": rows, "title": None,
                "axis": {"domain": False, "ticks": False, "grid": False, "labelLimit": 150,
                         "labels": len(rows) > 1, "labelPadding": 24},
            },
            "text": {"field": "told"},
        },
    }  # fmt: skip
    return {"vconcat": [top, below], "spacing": 8}


def _banded(curve: list[dict[str, Any]], group: str) -> list[dict[str, Any]]:
    """A group's rows with both limits."""
    return [
        {"time": row["time"], "low": row["low"], "high": row["high"]}
        for row in curve
        if row["group"] == group and row["low"] is not None and row["high"] is not None
    ]


def _spread(risk: list[dict[str, Any]], end: float) -> list[dict[str, Any]]:
    """Without the numbers that would be written over the one before."""
    last: dict[str, float] = {}
    shown = []
    for row in risk:
        if row["time"] - last.get(row["group"], -end) >= end / 12:
            last[row["group"]] = row["time"]
            shown.append(row)
    return shown


def _named(reading: Reading, row: dict[str, Any], groups: list[str]) -> str:
    return ", ".join(reading.said(one, str(row[one])) for one in groups)
