"""How each kind of analysis is computed, one module a family."""

from workbench.engine.analyses import (
    associations,
    clusters,
    comparisons,
    distributions,
    proportions,
    regression,
    survival,
    tables,
)
from workbench.engine.analyses.computation import (
    Computation,
    Evidence,
    Parts,
    State,
    computation_of,
)

__all__ = [
    "Computation",
    "Evidence",
    "Parts",
    "State",
    "associations",
    "clusters",
    "comparisons",
    "computation_of",
    "distributions",
    "proportions",
    "regression",
    "survival",
    "tables",
]
