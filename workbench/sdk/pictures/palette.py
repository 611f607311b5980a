"""Colours, dashes and type that anyone can tell apart, on light pages and dark, in print too.

The eight colours of Okabe and Ito (2008) are told apart with every common colour vision; curves
differ in their dashes besides, so that nothing rests on colour alone.
"""

from collections.abc import Sequence
from typing import Any

__all__ = ["COLOURS", "CONFIG", "DASHES", "DIVERGING", "SEQUENTIAL", "WITHHELD", "told_apart"]

COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442",
)  # fmt: skip
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3], [10, 4], [3, 6])
SEQUENTIAL = "blues"
DIVERGING = ("#D55E00", "#ffffff", "#0072B2")
"""From −1 over 0 to 1."""
WITHHELD = "#9a9a9a"
CONFIG: dict[str, Any] = {
    "background": "white",
    "font": "sans-serif",
    "axis": {"labelFontSize": 12, "titleFontSize": 13, "grid": True, "gridColor": "#e5e5e5"},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "symbolStrokeWidth": 3},
    "title": {"fontSize": 14, "anchor": "start", "fontWeight": "normal"},
    "view": {"stroke": None},
    "range": {"category": list(COLOURS)},
}


def told_apart(
    field: str, names: Sequence[str], legend: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Colours and dashes of the groups of a field, as the channels `color` and `strokeDash`."""
    places = range(len(names))
    one: dict[str, Any] = {"field": field, "type": "nominal", **legend}
    colours = {"domain": list(names), "range": [COLOURS[at % len(COLOURS)] for at in places]}
    dashes = {"domain": list(names), "range": [DASHES[at % len(DASHES)] for at in places]}
    return one | {"scale": colours}, one | {"scale": dashes}
