"""Tables as pictures: bars for one dimension, a shaded grid for two, grouped bars for three."""

from typing import Any

from workbench.sdk.pictures.drawing import draws
from workbench.sdk.pictures.palette import SEQUENTIAL, WITHHELD
from workbench.sdk.pictures.reading import Reading

__all__: list[str] = []

Spec = dict[str, Any]


@draws("crosstab", "count", "dp_count", "dp_crosstab")
def _counts(reading: Reading) -> Spec:
    names, cells = list(reading.dimensions), reading.cells()
    if not names:
        return _bars(reading, [one | {"all": reading.word("Σ")} for one in cells], "all", "")
    if len(names) == 1:
        return _bars(reading, cells, names[0], reading.title(names[0]))
    if len(names) == 2:
        return _grid(reading, cells, names[0], names[1])
    third = names[2]
    present = {one[third] for one in cells}
    return {
        "hconcat": [
            _grid(reading, [one for one in cells if one[third] == level], names[0], names[1])
            | {"title": f"{reading.title(third)}: {level}"}
            for level in reading.order(third)
            if level in present
        ],
        "resolve": {"scale": {"color": "shared"}},
    }


@draws("describe")
def _described(reading: Reading) -> Spec:
    names = list(reading.dimensions)
    rows = [
        one | {"low": one["mean"] - one["sd"], "high": one["mean"] + one["sd"]}
        for one in reading.cells()
        if one.get("mean") is not None and one.get("sd") is not None
    ]
    first = names[0] if names else "all"
    rows = [one | {"all": reading.word("Σ")} for one in rows]
    title = f"{reading.title(str(reading.body['variable']))}: {reading.word('mean')}"
    y = {
        "field": first,
        "type": "nominal",
        "sort": reading.order(first) if names else None,
        "title": reading.title(first) if names else "",
    }
    x = {"type": "quantitative", "title": title, "scale": {"zero": False}}
    more: Spec = {}
    shape: Spec = {}
    if len(names) > 1:
        shape = {"shape": {"field": names[1], "type": "nominal", "title": reading.title(names[1])}}
        more = {
            "color": {"field": names[1], "type": "nominal", "title": reading.title(names[1])},
            "yOffset": {"field": names[1]},
        }
    return {
        "data": {"values": rows},
        "width": 420,
        "height": {"step": 28},
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {"y": y, "x": x | {"field": "low"}, "x2": {"field": "high"}, **more},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                "encoding": {"y": y, "x": x | {"field": "mean"}, **more, **shape},
            },
        ],
    }


def _bars(reading: Reading, cells: list[dict[str, Any]], name: str, title: str) -> Spec:
    order = reading.order(name) if name in reading.dimensions else None
    y = {"field": name, "type": "nominal", "sort": order, "title": title}
    shown = [one for one in cells if one["n"] is not None]
    withheld = [one for one in cells if one["n"] is None]
    noise = reading.body.get("noise")
    layers: list[Spec] = [
        {
            "data": {"values": shown},
            "mark": {"type": "bar", "color": "#0072B2"},
            "encoding": {
                "y": y,
                "x": {"field": "n", "type": "quantitative", "title": reading.word("persons")},
            },
        },
        {
            "data": {"values": withheld},
            "mark": {
                "type": "text",
                "text": "•",
                "align": "left",
                "dx": 4,
                "color": WITHHELD,
                "fontSize": 14,
            },
            "encoding": {"y": y, "x": {"datum": 0}},
        },
    ]
    if noise:
        wide = float(noise["accuracy_95"])
        rows = [one | {"low": one["n"] - wide, "high": one["n"] + wide} for one in shown]
        layers.append(
            {
                "data": {"values": rows},
                "mark": {"type": "rule", "strokeWidth": 2, "color": "#D55E00"},
                "encoding": {
                    "y": y,
                    "x": {"field": "low", "type": "quantitative"},
                    "x2": {"field": "high"},
                },
            }
        )
    return {"width": 420, "height": {"step": 26}, "layer": layers}


def _grid(reading: Reading, cells: list[dict[str, Any]], rows: str, columns: str) -> Spec:
    plain = {"grid": False, "domain": False, "ticks": False}
    y = {
        "field": rows, "type": "nominal", "sort": reading.order(rows), "title": reading.title(rows),
        "axis": plain,
    }  # fmt: skip
    x = {
        "field": columns, "type": "nominal", "sort": reading.order(columns),
        "title": reading.title(columns), "axis": plain | {"labelAngle": -35},
    }  # fmt: skip
    noise = reading.body.get("noise")
    near = f" ± {noise['accuracy_95']:g}" if noise else ""
    shown = [one | {"told": f"{one['n']:,}{near}"} for one in cells if one["n"] is not None]
    top = max((one["n"] for one in shown), default=1) or 1
    where = {"x": x, "y": y}
    shade = {
        "field": "n",
        "type": "quantitative",
        "title": reading.word("persons"),
        "scale": {"scheme": SEQUENTIAL, "domain": [0, top]},
    }
    ink = {"condition": {"test": f"datum.n > {0.6 * top}", "value": "white"}, "value": "#222"}
    return {
        "data": {"values": shown},
        "width": {"step": 64},
        "height": {"step": 30},
        "layer": [
            {"mark": {"type": "rect", "stroke": "white"}, "encoding": where | {"color": shade}},
            {
                "mark": {"type": "text", "fontSize": 12},
                "encoding": where | {"text": {"field": "told"}, "color": ink},
            },
            *_withheld([one for one in cells if one["n"] is None], where),
        ],
    }


def _withheld(cells: list[dict[str, Any]], where: Spec) -> list[Spec]:
    """Withheld cells: grey with a dot, as in the table."""
    grey = {"type": "rect", "color": "#e0e0e0", "stroke": "white"}
    dot = {"type": "text", "text": "•", "fontSize": 14, "color": WITHHELD}
    return [{"data": {"values": cells}, "mark": mark, "encoding": where} for mark in (grey, dot)]
