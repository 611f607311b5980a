"""Persons over calendar time, and over their own life."""

import math
from typing import Any

from workbench.sdk.pictures.drawing import draws
from workbench.sdk.pictures.palette import told_apart
from workbench.sdk.pictures.reading import Reading

__all__: list[str] = []

Spec = dict[str, Any]
Z = 1.959964
HEIGHT, WIDTH = 230, 480


@draws("trend")
def _trend(reading: Reading) -> Spec:
    """Persons, a share or a mean in each period; the line is broken where one is withheld."""
    coded = reading.coded("trend")
    period = next(one for one in coded if one in _periods(reading))
    groups = [one for one in coded if one != period]
    rows = [
        {"group": ", ".join(reading.said(one, str(row[one])) for one in groups),
         "at": _period(str(row[period])), **_told(row)}
        for row in reading.block("trend")
    ]  # fmt: skip
    variable = str(reading.body.get("variable") or "")
    share = rows and "proportion" in reading.block("trend")[0]
    title = reading.title(variable) if variable else reading.word("persons")
    order = list(dict.fromkeys(row["at"] for row in rows))
    x: Spec = {"field": "at", "type": "ordinal", "sort": order, "title": reading.title(period),
               "axis": {"labelAngle": 0, "labelOverlap": "greedy", "grid": False}}  # fmt: skip
    return _lines(rows, x, f"{title} (%)" if share else title)


@draws("life_course")
def _life_course(reading: Reading) -> Spec:
    """The share by the end of each interval of age."""
    coded = reading.coded("ages")
    groups = [one for one in coded if one != "age_at"]
    rows = [
        {"group": ", ".join(reading.said(one, str(row[one])) for one in groups),
         "at": row["age_to"], "value": None if row["cumulative"] is None
         else round(100 * row["cumulative"], 2)}
        for row in reading.block("ages")
        if row["age_to"] is not None
    ]  # fmt: skip
    x: Spec = {"field": "at", "type": "quantitative", "title": reading.title("age_at"),
               "scale": {"zero": False}, "axis": {"grid": False}}  # fmt: skip
    return _lines(rows, x, f"{reading.heading('ages', 'cumulative')} (%)")


@draws("concentration")
def _lorenz(reading: Reading) -> Spec:
    """The Lorenz curve of each group, beside the line on which all have the same."""
    groups = reading.coded("lorenz")
    rows = [
        {"group": ", ".join(reading.said(one, str(row[one])) for one in groups),
         "at": 100 * row["persons_up_to"], "value": 100 * row["share"]}
        for row in reading.block("lorenz")
        if row["share"] is not None
    ]  # fmt: skip
    x: Spec = {"field": "at", "type": "quantitative", "axis": {"grid": False},
               "title": f"{reading.heading('lorenz', 'persons_up_to')} (%)"}  # fmt: skip
    drawn = _lines(rows, x, f"{reading.heading('lorenz', 'share')} (%)")
    equal = {
        "data": {"values": [{"at": 0, "value": 0}, {"at": 100, "value": 100}]},
        "mark": {"type": "line", "color": "#555", "strokeDash": [3, 3], "strokeWidth": 1},
        "encoding": {"x": x, "y": {"field": "value", "type": "quantitative"}},
    }
    return drawn | {"width": 300, "height": 300, "layer": [equal, *drawn["layer"]]}


def _lines(rows: list[dict[str, Any]], x: Spec, title: str) -> Spec:
    names = list(dict.fromkeys(str(row["group"]) for row in rows))
    legend: Spec = {"legend": None}
    if len(names) > 1:
        legend = {"legend": {"orient": "top", "title": None, "symbolType": "stroke",
                             "symbolSize": 500, "labelLimit": 240}}  # fmt: skip
    colour, dash = told_apart("group", names, legend)
    y: Spec = {"field": "value", "type": "quantitative", "title": title, "scale": {"zero": True}}
    mark = {"type": "line", "strokeWidth": 2, "point": {"filled": True, "size": 45}}
    layers: list[Spec] = [
        {"data": {"values": rows}, "mark": mark,
         "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash}}
    ]  # fmt: skip
    some = [row for row in rows if row.get("low") is not None]
    if some:
        ends = {"x": x, "y": y | {"field": "low", "scale": {"zero": False}},
                "y2": {"field": "high"}}  # fmt: skip
        rule = {"type": "rule", "strokeWidth": 1.5, "opacity": 0.6}
        layers.append({"data": {"values": some}, "mark": rule, "encoding": ends})
        y["scale"] = {"zero": False}
    return {"width": WIDTH, "height": HEIGHT, "layer": layers}


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """A share in per cent, a mean with limits of 95 %, or the persons."""
    if "proportion" in row:
        share = row["proportion"]
        return {"value": None if share is None else round(100 * share, 2)}
    if "mean" in row:
        if row["mean"] is None or not row["persons"] or row["sd"] is None:
            return {"value": row["mean"]}
        wide = Z * row["sd"] / math.sqrt(row["persons"])
        return {"value": row["mean"], "low": row["mean"] - wide, "high": row["mean"] + wide}
    return {"value": row["persons"]}


def _periods(reading: Reading) -> set[str]:
    """The dimension whose codes are periods."""
    return {
        name
        for name in reading.dimensions
        if all(code.isdigit() and len(code) >= 4 for code in reading.codes(name) if code)
    }


def _period(code: str) -> str:
    """2019, 2019-3 or 2019-07."""
    return code if len(code) == 4 else f"{code[:4]}-{code[4:]}"
