"""How each kind of analysis is computed, one module a family."""

from workbench.engine.analyses import (
    associations,
    clusters,
    comparisons,
    cox,
    distributions,
    magnitudes,
    missingness,
    proportions,
    quantiles,
    rates,
    regression,
    survival,
    tables,
    top_codes,
    trends,
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
    "cox",
    "distributions",
    "magnitudes",
    "missingness",
    "proportions",
    "quantiles",
    "rates",
    "regression",
    "survival",
    "tables",
    "top_codes",
    "trends",
]
