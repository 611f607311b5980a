"""Where the steps over everybody start: see regression.start; risk sets are those of the group."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from workbench.engine.analyses.computation import Parts
from workbench.engine.analyses.cox.grid import Grid
from workbench.engine.analyses.cox.likelihood import Ties, product_of, risk_sums
from workbench.engine.analyses.cox.newton import after_product, after_sums, arrays
from workbench.engine.analyses.regression.look import Scaling
from workbench.engine.analyses.regression.newton import Trouble, dependent
from workbench.engine.analyses.rows import Rows

__all__ = ["averaged", "begun"]

STRIDES = (16, 4)
"""Every 16th person tells where the steps over every 4th start, and these where all do."""
NEAR = 2e-1
"""A step, in standard deviations of the columns, after which a part differs from all by more."""


def begun(rows: Rows, columns: Scaling, grid: Grid, ties: Ties, state: Mapping[str, Any]) -> Parts:
    """What `averaged` needs of some buckets, from the state of a first round."""
    size = len(state["beta"])
    inner: dict[str, Any] = {**state, "enough": NEAR}
    try:
        for stride in STRIDES:
            part = rows.every(stride)
            inner |= {"phase": "sums", "loglik": None, "step": None, "near": False}
            while not inner["near"]:
                inner = _stepped(part, columns, grid, ties, inner)
    except Trouble:
        return {"add:information": np.zeros((size, size)), "add:pulled": np.zeros(size)}
    information = np.linalg.inv(np.array(inner["inverse"]))
    return {"add:information": information, "add:pulled": information @ np.array(inner["beta"])}


def averaged(merged: Parts, state: Mapping[str, Any]) -> dict[str, Any]:
    """The state of the first round over everybody."""
    found = {**state, "phase": "sums"}
    information = merged["add:information"]
    if np.isfinite(information).all() and dependent(information) is None:
        beta = np.linalg.solve(information, merged["add:pulled"])
        found |= {"beta": beta.tolist(), "guessed": False}
    return found


def _stepped(
    part: Rows, columns: Scaling, grid: Grid, ties: Ties, state: dict[str, Any]
) -> dict[str, Any]:
    grid.placed(part)
    beta = np.array(state["beta"])
    found = after_sums(risk_sums(part, columns, beta, grid), grid, ties, state)
    if found["phase"] != "product":
        return found
    days = arrays(found, beta.size)
    product = product_of(part, columns, beta, grid, days["hazard"], days["part"])
    return after_product({"add:product": product}, columns, found)
