"""One example and more of every kind of analysis, over a small registry that answers them all."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from tests.lib.drawn import PERSON_FRAME, col, compare, val
from tests.lib.plain_view import PlainView, described, frame
from workbench.plan import nodes

__all__ = [
    "COLUMNS",
    "EXAMPLES",
    "FEW",
    "PERSONS",
    "ages",
    "everyone",
    "example",
    "marked",
    "person_drawn",
    "rich_view",
    "singled_out",
    "swapped",
    "with_columns",
]

PERSONS = 2000
FEW = 4
"""Persons of region 3, and persons left out where a cohort is a few persons smaller."""
COLUMNS: dict[str, dict[str, Any]] = {
    "days": {"type": "integer", "label": {"en": "Days followed", "nb": "Dager"}},
    "entry": {"type": "integer", "label": {"en": "Day of entry", "nb": "Inn"}},
    "dead": {"type": "boolean", "label": {"en": "Dead", "nb": "Død"}},
    "cause": {
        "type": "string",
        "label": {"en": "Cause", "nb": "Årsak"},
        "codes": {"none": {"en": "Nothing"}, "heart": {"en": "Heart"}, "other": {"en": "Other"}},
    },
    "first": {"type": "date", "label": {"en": "First day", "nb": "Første dag"}},
    "last": {"type": "date", "label": {"en": "Last day", "nb": "Siste dag"}},
    "income": {"type": "float", "label": {"en": "Income", "nb": "Inntekt"}, "unit": "kNOK"},
    "clinic": {
        "type": "string",
        "label": {"en": "Clinic", "nb": "Klinikk"},
        "codes": {f"c{at}": {"en": f"Clinic {at}"} for at in range(16)},
    },
    "visits": {
        "type": "integer",
        "label": {"en": "Visits", "nb": "Besøk"},
        "minimum": 0,
        "maximum": 20,
    },
}


def rich_view(project: str = "alpha", buckets: int = 3, seed: int | None = None) -> PlainView:
    """The same persons every time; `place` is each person's own, region 3 has FEW persons.

    seed: deals the persons into their buckets by chance, and in no order.
    """
    view = PlainView(_frames(), PERSONS, buckets, project, "v1", description=_description())
    if seed is not None:
        mixed = np.random.default_rng(seed).permutation(PERSONS)
        view._members = np.array_split(mixed, buckets)
    return view


def _description() -> dict[str, Any]:
    return with_columns(described(PERSONS), COLUMNS)


def with_columns(view: dict[str, Any], more: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A view's description with further variables of persons."""
    blank = {
        "unit": "", "codes": None, "minimum": None, "maximum": None, "role": "attribute",
        "missing": True,
    }  # fmt: skip
    view["datasets"]["person"]["columns"] |= {name: blank | one for name, one in more.items()}
    return view


def person_drawn(chance: np.random.Generator, at: int, *, small: bool) -> dict[str, Any]:
    """A person by chance; small: of region 3."""
    age = int(chance.integers(18, 95))
    days = int(chance.integers(1, 3000))
    dead = bool(chance.random() < 0.15 + age / 200)
    first = date(2005, 1, 1) + timedelta(days=int(chance.integers(2500)))
    return {
        "person": at,
        "sex": ("F", "M")[int(chance.integers(2))],
        "region": 3 if small else int(chance.choice([1, 2], p=[0.6, 0.4])),
        "age": age,
        "weight": None if chance.random() < 0.05 else float(chance.integers(160, 480)) / 4,
        "vital": bool(chance.random() < 0.7),
        "birth": first - timedelta(days=int(age * 365.25) + int(chance.integers(365))),
        "place": f"p{at}",
        "days": days,
        "entry": int(chance.integers(0, days)),
        "dead": dead,
        "cause": ("heart", "other")[int(chance.integers(2))] if dead else "none",
        "first": first,
        "last": first + timedelta(days=days),
        "income": round(float(np.exp(chance.normal(6, 0.5))), 1),
        "clinic": f"c{int(chance.integers(16))}",
        "visits": int(chance.poisson(chance.gamma(2, (2 + age / 60) / 2))),
    }


@cache
def _frames() -> dict[str, pl.DataFrame]:
    chance = np.random.default_rng(23)
    small = set(chance.choice(PERSONS, FEW, replace=False).tolist())
    rows = [person_drawn(chance, at, small=at in small) for at in range(PERSONS)]
    people = pl.DataFrame(rows, schema_overrides={"person": pl.UInt32}, infer_schema_length=None)
    return {"person": people, "visit": frame("visit", [])}


def everyone(huge: float = 1e7) -> nodes.Derive:
    """All persons, with a flag that is true of one of them and a number that one dominates."""
    one = compare(col("place"), "==", "p5")
    most = nodes.When(cases=(nodes.Case(when=one, then=val(huge)),), otherwise=col("income"))
    derived = (
        nodes.Derived(name="alone", value=one),
        nodes.Derived(name="huge", value=most),
        nodes.Derived(name="group", value=nodes.Bins(operand=col("age"), edges=(40, 60))),
        nodes.Derived(
            name="town", value=nodes.AsCode(operand=col("region"), codes=("1", "2", "3"))
        ),
    )
    return nodes.Derive(frame=PERSON_FRAME, columns=derived)


def swapped() -> nodes.Derive:
    """All persons; `sex2` and `dead2` are as `sex` and `dead`, but the other way for one woman who
    is alive after a year."""
    people = _frames()["person"].filter(
        (pl.col("sex") == "F") & ~pl.col("dead") & (pl.col("days") > 365) & (pl.col("age") < 40)
    )
    woman = compare(col("place"), "==", people["place"][0])
    men = nodes.Logic(op="or", operands=(compare(col("sex"), "==", "M"), woman))
    derived = (
        nodes.Derived(
            name="sex2",
            value=nodes.When(cases=(nodes.Case(when=men, then=val("M")),), otherwise=val("F")),
        ),
        nodes.Derived(name="dead2", value=nodes.Logic(op="or", operands=(col("dead"), woman))),
    )
    return nodes.Derive(frame=everyone(), columns=derived)


def marked() -> nodes.Derive:
    """All persons; `mark` is 1 for one of them and 0 for all others."""
    one = nodes.Case(when=compare(col("place"), "==", "p5"), then=val(1.0))
    mark = nodes.Derived(name="mark", value=nodes.When(cases=(one,), otherwise=val(0.0)))
    return nodes.Derive(frame=everyone(), columns=(mark,))


def ages(below: int) -> nodes.Filter:
    """The persons below an age."""
    return nodes.Filter(frame=everyone(), where=compare(col("age"), "<", below))


def singled_out(few: int, below: int) -> nodes.Filter:
    """`ages(below)` but for its first few persons, named one by one."""
    people = _frames()["person"].filter(pl.col("age") < below)["place"].head(few)
    named = nodes.IsIn(operand=col("place"), values=tuple(people))
    return nodes.Filter(frame=ages(below), where=nodes.Not(operand=named))


def _design(*terms: str, intercept: bool = True) -> nodes.Design:
    kinds: dict[str, Any] = {"sex": nodes.Category, "group": nodes.Category}
    return nodes.Design(
        terms=tuple(
            nodes.Term(factors=tuple(kinds.get(name, nodes.Number)(variable=name)
                                     for name in term.split(":")))
            for term in terms
        ),
        intercept=intercept,
    )  # fmt: skip


_FOLLOWED: dict[str, Any] = {"time": "days", "event": "dead"}
_TIMES = (700, 1400, 2100)
_RATE: dict[str, Any] = {"event": "dead", "days": "days"}
_DATED: dict[str, Any] = {"event": "dead", "start": "first", "end": "last"}

EXAMPLES: dict[str, tuple[type[nodes.AnalysisNode], dict[str, Any]]] = {
    "boxplot": (nodes.Boxplot, {"variable": "income", "by": ("sex",)}),
    "chi_squared": (nodes.ChiSquared, {"rows": "sex", "columns": "dead"}),
    "clusters": (nodes.Clusters, {"variables": ("age", "income"), "count": 3}),
    "components": (nodes.Components, {"variables": ("age", "income", "days")}),
    "concentration": (nodes.Concentration, {"variable": "income", "by": ("sex",)}),
    "correlations": (nodes.Correlations, {"variables": ("age", "income", "days")}),
    "rank correlations": (
        nodes.Correlations,
        {"variables": ("age", "income"), "method": "spearman"},
    ),
    "count": (nodes.Count, {}),
    "count by": (nodes.Count, {"by": ("sex", "group")}),
    "covariances": (nodes.Covariances, {"variables": ("age", "income")}),
    "cox": (nodes.Cox, {**_FOLLOWED, "design": _design("age", "sex")}),
    "cox, all told": (
        nodes.Cox,
        {
            **_FOLLOWED,
            "design": _design("age"),
            "entry": "entry",
            "strata": ("sex",),
            "cluster": "clinic",
            "ties": "breslow",
        },
    ),
    "crosstab": (nodes.Crosstab, {"by": ("sex", "group")}),
    "crosstab, bare": (nodes.Crosstab, {"by": ("sex", "group", "dead"), "margins": False}),
    "cumulative incidence": (
        nodes.CumulativeIncidence,
        {"time": "days", "event": "cause", "censored": "none", "times": _TIMES, "by": ("sex",)},
    ),
    "density": (nodes.Density, {"variable": "income", "edges": (0, 200, 300, 400, 600, 1000)}),
    "describe": (nodes.Describe, {"variable": "income", "by": ("sex",)}),
    "describe, margins": (
        nodes.Describe,
        {"variable": "income", "by": ("sex", "group"), "margins": True},
    ),
    "dp_count": (nodes.DpCount, {"by": ("sex",), "rho": "1/100"}),
    "dp_crosstab": (nodes.DpCrosstab, {"by": ("sex", "group"), "rho": "1/100"}),
    "dp_describe": (
        nodes.DpDescribe,
        {"variable": "income", "by": ("sex",), "low": 0, "high": 2000, "rho": "1/100"},
    ),
    "dp_histogram": (nodes.DpHistogram, {"variable": "age", "by": ("sex",), "rho": "1/100"}),
    "dp_keys": (nodes.DpKeys, {"variable": "cause", "rho": "1/100"}),
    "dp_quantiles": (
        nodes.DpQuantiles,
        {"variable": "age", "by": ("sex",), "low": 0, "high": 110, "rho": "1/100"},
    ),
    "dp_regression": (
        nodes.DpRegression,
        {
            "outcome": "income",
            "design": _design("age", "sex", "age:sex"),
            "bounds": (
                nodes.Limits(variable="income", low=0, high=2000),
                nodes.Limits(variable="age", low=18, high=95),
            ),
            "rho": "1/10",
        },
    ),
    "dp_totals": (nodes.DpTotals, {"variable": "visits", "by": ("sex",), "rho": "1/100"}),
    "heatmap": (
        nodes.Heatmap,
        {"x": "age", "y": "income", "x_edges": (40, 60), "y_edges": (300, 500)},
    ),
    "histogram": (nodes.Histogram, {"variable": "age", "by": ("sex",)}),
    "kaplan_meier": (nodes.KaplanMeier, {**_FOLLOWED, "by": ("sex",), "times": _TIMES}),
    "kaplan_meier, landmark": (
        nodes.KaplanMeier,
        {**_FOLLOWED, "times": (700, 1400), "landmark": 300},
    ),
    "life_course": (nodes.LifeCourse, {"birth": "birth", "date": "last", "by": ("sex",)}),
    "life_table": (nodes.LifeTable, {**_FOLLOWED, "times": _TIMES, "by": ("sex",)}),
    "log_rank": (nodes.LogRank, {**_FOLLOWED, "by": ("sex",)}),
    "log_rank, strata": (nodes.LogRank, {**_FOLLOWED, "by": ("sex",), "strata": ("group",)}),
    "mean_test": (nodes.MeanTest, {"variable": "income", "by": "sex"}),
    "analysis of variance": (
        nodes.MeanTest,
        {"variable": "income", "by": "group", "equal_variances": True},
    ),
    "missingness": (nodes.Missingness, {"variables": ("weight", "age"), "by": ("sex",)}),
    "nelson_aalen": (nodes.NelsonAalen, {**_FOLLOWED, "times": _TIMES}),
    "proportion": (nodes.Proportion, {"variable": "dead", "by": ("sex",)}),
    "proportion, exact": (
        nodes.Proportion,
        {"variable": "dead", "by": ("group",), "method": "exact", "margins": True},
    ),
    "quantiles": (nodes.Quantiles, {"variable": "income", "by": ("sex",)}),
    "rank_test": (nodes.RankTest, {"variable": "income", "by": "sex"}),
    "rates": (nodes.Rates, {**_RATE, "by": ("sex",)}),
    "rates, standardised": (
        nodes.Rates,
        {**_RATE, "age": "age", "ages": (0, 40, 60), "standard": "european_2013"},
    ),
    "rates, expected": (
        nodes.Rates,
        {**_RATE, "age": "age", "ages": (0, 40, 60), "reference": (0.1, 0.2, 0.3)},
    ),
    "rates, calendar": (
        nodes.Rates,
        {**_DATED, "birth": "birth", "ages": (0, 50), "periods": (2005, 2010, 2015, 2021)},
    ),
    "ratio": (nodes.Ratio, {"numerator": "income", "denominator": "visits", "by": ("sex",)}),
    "linear regression": (
        nodes.Regression,
        {"outcome": "income", "design": _design("age", "sex", "age:sex"), "errors": "HC3"},
    ),
    "logistic regression": (
        nodes.Regression,
        {"outcome": "dead", "design": _design("age", "group"), "model": "logistic"},
    ),
    "poisson regression": (
        nodes.Regression,
        {
            "outcome": "visits",
            "design": _design("age", "sex"),
            "model": "poisson",
            "exposure": "days",
            "cluster": "clinic",
        },
    ),
    "negative binomial regression": (
        nodes.Regression,
        {"outcome": "visits", "design": _design("age"), "model": "negative_binomial"},
    ),
    "nested models": (
        nodes.NestedModels,
        {
            "outcome": "dead",
            "design": _design("age", "sex"),
            "smaller": _design("age"),
            "model": "logistic",
        },
    ),
    "gamma regression": (
        nodes.Regression,
        {"outcome": "income", "design": _design("sex"), "model": "gamma"},
    ),
    "restricted_mean": (nodes.RestrictedMean, {**_FOLLOWED, "until": 1500, "by": ("sex",)}),
    "shares": (nodes.Shares, {"row": "sex", "column": "group"}),
    "summary": (nodes.Summary, {"variable": "income", "by": ("sex",)}),
    "top_codes": (nodes.TopCodes, {"variable": "cause", "most": 2}),
    "totals": (nodes.Totals, {"variable": "income", "by": ("sex",)}),
    "trend": (nodes.Trend, {"date": "first", "first": 2005, "last": 2011}),
    "trend of a share": (
        nodes.Trend,
        {"date": "first", "first": 2005, "last": 2011, "variable": "dead", "by": ("sex",)},
    ),
    "trend of a mean": (
        nodes.Trend,
        {"date": "first", "first": 2005, "last": 2011, "variable": "income"},
    ),
}
"""Name -> kind and fields but for the cohort."""


def example(name: str, cohort: Any = None) -> Any:
    """An example over a cohort; over all persons without one."""
    kind, fields = EXAMPLES[name]
    return kind(cohort=everyone() if cohort is None else cohort, **fields)
