"""A plan as polars: the one place that makes polars expressions.

The engine runs it over the project's view, a notebook's preview over the twin, so that both mean
the same. It sees only checked plans and the frames that it is given.
"""

from workbench.sdk.compile.cells import CELL, MEASURE, cells
from workbench.sdk.compile.frames import PERSON, Scan, rows, source

__all__ = ["CELL", "MEASURE", "PERSON", "Scan", "cells", "rows", "source"]
