"""How numbers are distributed: histograms, densities, heat maps, centres of clusters."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from workbench.sdk.pictures.drawing import draws
from workbench.sdk.pictures.palette import COLOURS, SEQUENTIAL, WITHHELD, told_apart
from workbench.sdk.pictures.reading import Reading

__all__: list[str] = []

Spec = dict[str, Any]
NEAR = 0.09
"""Labels that stand closer than this, of the height, are pushed apart."""


@draws("histogram", "dp_histogram")
def _histogram(reading: Reading) -> Spec:
    """A bar an interval, as high as persons a unit of the number; open ends are pale."""
    variable = str(reading.body["variable"])
    groups = [one for one in reading.coded("histogram") if one != variable]
    names = (f"{variable}_from", f"{variable}_to")
    rows = [
        {"group": ", ".join(reading.said(one, str(row[one])) for one in groups),
         "open": None in (row[names[0]], row[names[1]]), "persons": row["persons"],
         "ends": (row.get("low"), row.get("high")), **edges}
        for row, edges in _closed(reading.block("histogram"), names)
    ]  # fmt: skip
    wide = {round(row["to"] - row["from"], 6) for row in rows if not row["open"]}
    least = min(wide, default=1.0)
    for row in rows:
        scale = least / (row["to"] - row["from"])
        low, high = row.pop("ends")
        if row["persons"] is not None:
            row["height"] = round(row["persons"] * scale, 2)
        if low is not None:
            row |= {"lower": round(low * scale, 2), "upper": round(high * scale, 2)}
    word = reading.word("persons") if len(wide) < 2 else f"{reading.word('persons')} / {least:g}"
    x = {"field": "from", "type": "quantitative", "title": reading.title(variable),
         "scale": {"zero": False, "nice": False}, "axis": {"grid": False}}  # fmt: skip
    y = {"field": "height", "type": "quantitative", "title": word}
    opacity = {"condition": {"test": "datum.open", "value": 0.5}, "value": 1}
    drawn = []
    for group in dict.fromkeys(row["group"] for row in rows):
        own = [row for row in rows if row["group"] == group]
        if all(row["persons"] == 0 for row in own):
            continue
        held = [row | {"at": (row["from"] + row["to"]) / 2} for row in own
                if row["persons"] is None]  # fmt: skip
        some = [row for row in own if row["persons"] is not None]
        dot = {"type": "text", "text": "•", "fontSize": 14, "color": WITHHELD, "dy": -7}
        drawn.append(
            {
                "width": 420,
                "height": 200 if not groups else 110,
                **({"title": {"text": group, "fontSize": 12}} if group else {}),
                "layer": [
                    {
                        "data": {"values": some},
                        "mark": {"type": "bar", "color": COLOURS[0], "stroke": "white"},
                        "encoding": {
                            "x": x,
                            "x2": {"field": "to"},
                            "y": y,
                            "y2": {"datum": 0},
                            "opacity": opacity,
                        },
                    },
                    *_noise([row for row in some if "lower" in row], x, y),
                    {
                        "data": {"values": held},
                        "mark": dot,
                        "encoding": {"x": x | {"field": "at"}, "y": {"datum": 0}},
                    },
                ],
            }
        )
    note = {"text": "", "subtitle": reading.word("open"), "subtitleColor": "#555"}
    return {"vconcat": drawn, "spacing": 10, "resolve": {"scale": {"x": "shared"}},
            **({"title": note} if any(row["open"] for row in rows) else {})}  # fmt: skip


def _noise(rows: list[dict[str, Any]], x: Spec, y: Spec) -> list[Spec]:
    """A rule over each bar, as long as the noise leaves open; none where there is none."""
    if not rows:
        return []
    middles = [row | {"middle": (row["from"] + row["to"]) / 2} for row in rows]
    return [
        {
            "data": {"values": middles},
            "mark": {"type": "rule", "strokeWidth": 2, "color": "#D55E00"},
            "encoding": {
                "x": x | {"field": "middle"},
                "y": y | {"field": "lower"},
                "y2": {"field": "upper"},
            },
        }
    ]


@draws("density")
def _density(reading: Reading) -> Spec:
    groups = [one for one in reading.coded("density") if one != "x"]
    rows = [
        {"group": ", ".join(reading.said(one, str(row[one])) for one in groups),
         "x": float(f"{row['x']:.5g}"), "density": float(f"{row['density']:.4g}")}
        for row in reading.block("density")
        if row["density"] is not None
    ]  # fmt: skip
    names = list(dict.fromkeys(str(row["group"]) for row in rows))
    legend: Spec = {"legend": None}
    if len(names) > 1:
        legend = {"legend": {"orient": "top", "title": None, "symbolSize": 500, "labelLimit": 240}}
    colour, dash = told_apart("group", names, legend)
    return {
        "width": 420,
        "height": 220,
        "data": {"values": rows},
        "mark": {"type": "line", "strokeWidth": 2},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "title": reading.heading("density", "x"),
                  "scale": {"zero": False}, "axis": {"grid": False}},
            "y": {"field": "density", "type": "quantitative",
                  "title": reading.heading("density", "density"),
                  "axis": {"labels": False, "ticks": False}},
            "color": colour,
            "strokeDash": dash,
        },
    }  # fmt: skip


@draws("heatmap")
def _heatmap(reading: Reading) -> Spec:
    """Squares of two numbers; withheld ones are grey, empty ones white."""
    second, first = reading.coded("heatmap")
    rows = [
        {f"{axis}_{end}": value for axis, edges in zip("xy", pair, strict=True)
         for end, value in edges.items()} | {"persons": row["persons"]}
        for row, pair in _both(reading.block("heatmap"), first, second)
    ]  # fmt: skip
    shown = [row for row in rows if row["persons"]]
    held = [row | {"x": (row["x_from"] + row["x_to"]) / 2, "y": (row["y_from"] + row["y_to"]) / 2}
            for row in rows if row["persons"] is None]  # fmt: skip
    plain: Spec = {"type": "quantitative", "scale": {"zero": False, "nice": False}}
    x = plain | {"field": "x_from", "title": reading.title(first), "axis": {"grid": False}}
    y = plain | {"field": "y_from", "title": reading.title(second), "axis": {"grid": False}}
    where = {"x": x, "x2": {"field": "x_to"}, "y": y, "y2": {"field": "y_to"}}
    shade = {"field": "persons", "type": "quantitative", "title": reading.word("persons"),
             "scale": {"scheme": SEQUENTIAL, "zero": True}}  # fmt: skip
    layers: list[Spec] = [
        {
            "data": {"values": shown},
            "mark": {"type": "rect", "stroke": "white"},
            "encoding": where | {"color": shade},
        }
    ]
    if held:
        dot = {"type": "text", "text": "•", "fontSize": 14, "color": WITHHELD}
        layers += [
            {
                "data": {"values": held},
                "mark": {"type": "rect", "color": "#e0e0e0", "stroke": "white"},
                "encoding": where,
            },
            {
                "data": {"values": held},
                "mark": dot,
                "encoding": {"x": x | {"field": "x"}, "y": y | {"field": "y"}},
            },
        ]
    return {"width": 380, "height": 260, "layer": layers}


@draws("clusters")
def _clusters(reading: Reading) -> Spec:
    """A line a cluster over the variables, each from its lowest to its highest centre."""
    rows = reading.block("centres")
    variables = [name for name in rows[0] if name not in ("cluster", "share")] if rows else []
    points = []
    for variable in variables:
        values = [row[variable] for row in rows]
        low, high = min(values), max(values)
        places = [(one - low) / (high - low) if high > low else 0.5 for one in values]
        for row, place, label in zip(rows, places, _apart(places), strict=True):
            points.append(
                {"cluster": f"{row['cluster']} ({row['share']} %)", "variable": variable,
                 "title": reading.title(variable), "place": round(place, 4),
                 "label": round(label, 4), "told": f"{row[variable]:,.4g}"}
            )  # fmt: skip
    names = list(dict.fromkeys(str(one["cluster"]) for one in points))
    x = {"field": "title", "type": "nominal", "sort": [reading.title(one) for one in variables],
         "title": None, "axis": {"labelAngle": 0, "labelLimit": 170, "grid": True}}  # fmt: skip
    y = {"field": "place", "type": "quantitative", "title": reading.word("centres"),
         "axis": {"labels": False, "ticks": False, "grid": False}}  # fmt: skip
    legend = {
        "orient": "right",
        "title": reading.heading("centres", "cluster"),
        "symbolType": "stroke",
    }
    colour, dash = told_apart("cluster", names, {"legend": legend})
    return {
        "width": {"step": 175},
        "height": 240,
        "data": {"values": points},
        "layer": [
            {
                "mark": {"type": "line", "strokeWidth": 2, "point": {"filled": True, "size": 60}},
                "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "dy": -9, "fontSize": 12},
                "encoding": {"x": x, "y": y | {"field": "label"}, "text": {"field": "told"}},
            },
        ],
    }


def _apart(places: Sequence[float]) -> list[float]:
    """Where labels stand, in the order of their points and none upon another."""
    order = sorted(range(len(places)), key=lambda at: places[at])
    found = list(places)
    for before, at in pairwise(order):
        found[at] = max(found[at], found[before] + NEAR)
    return found


def _closed(
    rows: Sequence[dict[str, Any]], names: tuple[str, str]
) -> list[tuple[dict[str, Any], dict[str, float]]]:
    """Rows with both ends; an open end lies as far off as intervals are wide in the middle."""
    wide = sorted(row[names[1]] - row[names[0]] for row in rows
                  if row[names[0]] is not None and row[names[1]] is not None)  # fmt: skip
    usual = wide[len(wide) // 2] if wide else 1.0
    found = []
    for row in rows:
        low, high = row[names[0]], row[names[1]]
        if low is None and high is None:
            low, high = 0.0, usual
        found.append(
            (row, {"from": high - usual if low is None else low,
                   "to": low + usual if high is None else high})
        )  # fmt: skip
    return found


def _both(
    rows: Sequence[dict[str, Any]], first: str, second: str
) -> list[tuple[dict[str, Any], tuple[dict[str, float], dict[str, float]]]]:
    """Rows with both ends of both numbers."""
    x = _closed(rows, (f"{first}_from", f"{first}_to"))
    y = _closed(rows, (f"{second}_from", f"{second}_to"))
    return [(row, (one, other)) for (row, one), (_, other) in zip(x, y, strict=True)]
