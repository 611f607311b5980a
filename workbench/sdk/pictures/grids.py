"""Squares shaded by a number that stands in them: shares, correlations, loadings."""

import math
from collections.abc import Sequence
from typing import Any

from workbench.sdk.pictures.drawing import draws
from workbench.sdk.pictures.palette import COLOURS, DIVERGING, SEQUENTIAL, WITHHELD
from workbench.sdk.pictures.reading import Reading

__all__ = ["grid"]

Spec = dict[str, Any]


@draws("shares")
def _shares(reading: Reading) -> Spec:
    row, column = reading.coded("shares")
    cells = [
        {"row": one[row], "column": one[column], "value": one["percent"],
         "told": None if one["percent"] is None else f"{one['percent']:.1f}"}
        for one in reading.block("shares")
    ]  # fmt: skip
    whole = reading.word("Σ")
    told = [{one[which] for one in cells if one["value"] not in (None, 100)}
            for which in ("row", "column")]  # fmt: skip
    orders = tuple(
        [one for one in (*reading.order(name), whole) if one in there]
        for name, there in zip((row, column), told, strict=True)
    )
    cells = [one for one in cells if one["row"] in orders[0] and one["column"] in orders[1]]
    titles = (reading.title(row), reading.title(column))
    legend = f"% {reading.heading('shares', 'percent').removesuffix(' (%)')}"
    top = max((one["value"] for one in cells if one["value"] is not None), default=100.0)
    return grid(cells, orders, titles, legend, [0.0, top])


@draws("correlations")
def _correlations(reading: Reading) -> Spec:
    return _matrix(reading, {})


@draws("covariances")
def _covariances(reading: Reading) -> Spec:
    """Numbers are covariances, shades the correlations that follow from them."""
    rows = reading.block("matrix")
    return _matrix(reading, {row["variable"]: math.sqrt(row[row["variable"]]) for row in rows})


@draws("components")
def _components(reading: Reading) -> Spec:
    explained = reading.block("explained")
    loadings = reading.block("loadings")
    names = [str(row["component"]) for row in explained]
    x = {"field": "component", "type": "nominal", "sort": names, "title": None,
         "axis": {"labelAngle": 0}}  # fmt: skip
    y = {"field": "share", "type": "quantitative", "title": reading.word("share"),
         "axis": {"format": ".0%", "tickCount": 5}}  # fmt: skip
    scree = {
        "data": {"values": [dict(row) for row in explained]},
        "width": {"step": 44},
        "height": 160,
        "layer": [
            {"mark": {"type": "bar", "color": COLOURS[0]}, "encoding": {"x": x, "y": y}},
            {
                "mark": {"type": "line", "point": True, "color": COLOURS[1], "strokeDash": [4, 3]},
                "encoding": {"x": x, "y": y | {"field": "cumulative"}},
            },
        ],
    }
    cells = [
        {"row": reading.title(str(row["variable"])), "column": name, "value": row[name],
         "told": _signed(row[name])}
        for row in loadings
        for name in names
        if name in row
    ]  # fmt: skip
    rows = [reading.title(str(row["variable"])) for row in loadings]
    there = [name for name in names if any(name in row for row in loadings)]
    told = grid(cells, (rows, there), ("", ""), reading.heading_of("loadings"), [-1.0, 1.0])
    return {"hconcat": [scree, told], "spacing": 30, "resolve": {"scale": {"color": "independent"}}}


def _matrix(reading: Reading, spread: dict[str, float]) -> Spec:
    """spread: standard deviations by variable, to shade by; none where values are in ±1 already."""
    names = [str(row["variable"]) for row in reading.block("matrix")]
    cells = [
        {
            "row": reading.title(str(row["variable"])),
            "column": reading.title(name),
            "value": row[name] / (spread[row["variable"]] * spread[name]) if spread else row[name],
            "told": _signed(row[name]),
        }
        for row in reading.block("matrix")
        for name in names
        if row[name] is not None
    ]
    order = [reading.title(name) for name in names]
    legend = "r" if spread else reading.heading_of("matrix")
    return grid(cells, (order, order), ("", ""), legend, [-1.0, 1.0])


def grid(
    cells: Sequence[dict[str, Any]],
    orders: tuple[list[str], ...],
    titles: tuple[str, str],
    legend: str,
    domain: list[float],
) -> Spec:
    """cells: `row`, `column`, `value` (None: withheld), `told`, the text in the square.

    A domain that lies on both sides of zero is shaded in two colours with white between.
    """
    plain = {"grid": False, "domain": False, "ticks": False, "labelLimit": 220}
    y = {"field": "row", "type": "nominal", "sort": orders[0], "title": titles[0] or None,
         "axis": plain, "scale": {"domain": orders[0]}}  # fmt: skip
    x = {"field": "column", "type": "nominal", "sort": orders[1], "title": titles[1] or None,
         "axis": plain | {"labelAngle": -35}, "scale": {"domain": orders[1]}}  # fmt: skip
    where = {"x": x, "y": y}
    low, high = domain
    shade = {
        "field": "value",
        "type": "quantitative",
        "title": legend,
        "scale": {"domain": [low, 0, high], "range": list(DIVERGING), "interpolate": "rgb"}
        if low < 0
        else {"scheme": SEQUENTIAL, "domain": domain},
        "legend": {"gradientLength": 120},
    }
    dark = f"abs(datum.value) > {0.6 * high}"
    ink = {"condition": {"test": dark, "value": "white"}, "value": "#222"}
    shown = [one for one in cells if one["value"] is not None]
    withheld = [one for one in cells if one["value"] is None]
    grey = {"type": "rect", "color": "#e0e0e0", "stroke": "white"}
    dot = {"type": "text", "text": "•", "fontSize": 14, "color": WITHHELD}
    layers: list[Spec] = [
        {"mark": {"type": "rect", "stroke": "white"}, "encoding": where | {"color": shade}},
        {
            "mark": {"type": "text", "fontSize": 12},
            "encoding": where | {"text": {"field": "told"}, "color": ink},
        },
    ]
    layers = [{"data": {"values": shown}, **layer} for layer in layers]
    if withheld:
        layers += [{"data": {"values": withheld}, "mark": one, "encoding": where}
                   for one in (grey, dot)]  # fmt: skip
    return {"width": {"step": 64}, "height": {"step": 30}, "layer": layers}


def _signed(value: float | None) -> str:
    """Two decimals, or three figures of what is large; with a real minus."""
    if value is None:
        return ""
    text = f"{value:.2f}" if abs(value) < 10 else f"{value:,.4g}"
    return text.replace("-", "\N{MINUS SIGN}")
