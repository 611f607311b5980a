"""A plan in plain words, for the researcher, the officer and the certificate."""

from workbench.plan.nodes import Plan
from workbench.plan.words import (
    aggregates,
    associations,
    codes,
    comparisons,
    cox,
    dates,
    designs,
    distributions,
    expressions,
    frames,
    magnitudes,
    matching,
    missingness,
    numbers,
    periods,
    proportions,
    quantiles,
    regression,
    survival,
    tables,
    texts,
    top_codes,
    trends,
)
from workbench.plan.words.speech import (
    bin_bounds,
    bin_labels,
    constant,
    edge_text,
    inner,
    listed_by,
    say,
    some,
)

__all__ = [
    "aggregates",
    "associations",
    "bin_bounds",
    "bin_labels",
    "codes",
    "comparisons",
    "constant",
    "cox",
    "dates",
    "designs",
    "distributions",
    "edge_text",
    "explain",
    "expressions",
    "frames",
    "inner",
    "listed_by",
    "magnitudes",
    "matching",
    "missingness",
    "numbers",
    "periods",
    "proportions",
    "quantiles",
    "regression",
    "say",
    "some",
    "survival",
    "tables",
    "texts",
    "top_codes",
    "trends",
]


def explain(plan: Plan) -> str:
    """What the plan asks, in one or two English sentences; no data, only the plan's own words."""
    return say(plan.analysis)
