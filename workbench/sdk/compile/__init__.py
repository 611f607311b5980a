"""A plan as polars: the one place that makes polars expressions.

The engine runs it over the project's view, a notebook's preview over the twin, so that both mean
the same. It sees only checked plans and the frames that it is given.
"""

from workbench.sdk.compile import codes, dates, links, matching, numbers, periods, settled, texts
from workbench.sdk.compile.cells import CELL, cells, place_among
from workbench.sdk.compile.frames import rows
from workbench.sdk.compile.scans import EVERYBODY, PERSON, Scan, everybody, source

__all__ = [
    "CELL",
    "EVERYBODY",
    "PERSON",
    "Scan",
    "cells",
    "codes",
    "dates",
    "everybody",
    "links",
    "matching",
    "numbers",
    "periods",
    "place_among",
    "rows",
    "settled",
    "source",
    "texts",
]
