"""Where Newton's steps over everybody start: what each group finds in a part of its persons.

One round, however many steps a group takes: their coefficients are averaged, each weighed by how
much its persons tell (as in a meta-analysis of studies). Where a group finds no answer in so few
it has no weight, and where none does the steps start from no effects.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from workbench.engine.analyses.computation import Parts
from workbench.engine.analyses.regression.look import Scaling
from workbench.engine.analyses.regression.newton import (
    Trouble,
    ahead,
    dependent,
    fit,
    moved_to,
    parameters,
)
from workbench.engine.analyses.rows import Rows

__all__ = ["STRIDE", "STRIDE_FROM", "averaged", "begun", "weighed"]

STRIDE, STRIDE_FROM = 16, 200_000
"""Persons from which every 16th of them tells where to start."""
NEAR = 1e-1
"""A step (see newton) after which a part of the persons differs from all by more."""


def begun(rows: Rows, model: str, scaling: Scaling, state: Mapping[str, Any]) -> Parts:
    """What `averaged` needs of some buckets, from the state of a first round."""
    part, inner = rows.every(STRIDE), {**state, "phase": "fit"}
    found: Parts = {}
    try:
        while inner["phase"] == "fit":
            found = fit(part, model, scaling, inner)
            inner = ahead(model, scaling, found, inner, NEAR)
    except Trouble:
        return weighed(np.zeros_like(found["sum:bend"]), parameters(state))
    return weighed(found["sum:bend"], parameters(inner))


def weighed(bend: Any, here: Any) -> Parts:
    """Coefficients and how much they are worth."""
    return {"sum:bend": bend, "sum:pulled": bend @ here}


def averaged(merged: Parts, state: Mapping[str, Any]) -> dict[str, Any]:
    """The state of the first round over everybody."""
    found = {**state, "phase": "fit"}
    bend = merged["sum:bend"]
    if np.isfinite(bend).all() and dependent(bend) is None:
        here = np.linalg.solve(bend, merged["sum:pulled"])
        return moved_to(here, {**found, "guessed": False}, 0)
    return found
