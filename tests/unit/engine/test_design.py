"""The columns of a model are those of the other programs that read formulas."""

from typing import Any

import numpy as np
import patsy
import polars as pl
import pytest

from tests.lib.drawn import PERSON_FRAME
from tests.lib.plain_view import described
from workbench.domain.errors import Refusal
from workbench.engine.analyses.columns import matrix
from workbench.engine.analyses.design import CATEGORY, coded, every_column, measured
from workbench.engine.analyses.rows import Rows
from workbench.plan import Refusal as PlanRefusal
from workbench.plan import Schema, frame_type
from workbench.plan.check.cohort import Cohort
from workbench.plan.check.design import CheckedDesign, checked_design
from workbench.plan.nodes import Category, Design, Hinges, Number, Powers, Spline, Term
from workbench.plan.words import say

SCHEMA = Schema.from_view(described(10))
COHORT = Cohort(frame_type(PERSON_FRAME, SCHEMA), SCHEMA)
SEX, REGION, VITAL = (Category(variable=name) for name in ("sex", "region", "vital"))
AGE, WEIGHT = (Number(variable=name) for name in ("age", "weight"))


def design(*terms: Any, intercept: bool = True) -> CheckedDesign:
    parts = tuple(Term(factors=one if isinstance(one, tuple) else (one,)) for one in terms)
    return checked_design(Design(terms=parts, intercept=intercept), COHORT)


def people(count: int = 200) -> pl.DataFrame:
    chance = np.random.default_rng(4)
    return pl.DataFrame(
        {
            "sex": chance.choice(["F", "M"], count),
            "region": chance.choice([1, 2, 3], count),
            "vital": chance.choice([False, True], count),
            "age": chance.integers(20, 90, count),
            "weight": chance.normal(75, 12, count),
        }
    )


def made(checked: CheckedDesign, data: pl.DataFrame) -> tuple[np.ndarray, list[str]]:
    frame = data.lazy().select(**measured(checked)).drop_nulls().collect()
    rows = Rows({name: frame[name].to_numpy() for name in frame.columns})
    ones = matrix(rows, every_column(checked)).sum(axis=0)
    levels = {
        name: np.bincount(rows[CATEGORY.format(name)], minlength=len(one.levels)).tolist()
        for name, one in checked.categories.items()
    }
    coding = coded(checked, levels, ones.tolist())
    return matrix(rows, coding.columns), [one.name for one in coding.columns]


@pytest.mark.parametrize(
    ("terms", "intercept", "formula"),
    [
        ((AGE, SEX, REGION), True, "age + C(sex) + C(region)"),
        ((AGE, SEX), False, "0 + age + C(sex)"),
        ((SEX, REGION), False, "0 + C(sex) + C(region)"),
        ((AGE, SEX, (AGE, SEX)), True, "age + C(sex) + age:C(sex)"),
        ((SEX, REGION, (SEX, REGION)), True, "C(sex) + C(region) + C(sex):C(region)"),
        ((AGE, WEIGHT, (AGE, WEIGHT)), True, "age + weight + age:weight"),
        ((SEX, (SEX, AGE)), True, "C(sex) + C(sex):age"),
        ((SEX, (SEX, REGION)), True, "C(sex) + C(sex):C(region)"),
        (((SEX, REGION),), False, "0 + C(sex):C(region)"),
        ((Powers(variable="age", degree=3),), True, "age + I(age**2) + I(age**3)"),
        ((Hinges(variable="age", knots=(40, 60)),), True,
         "age + np.maximum(age-40,0) + np.maximum(age-60,0)"),
    ],
)  # fmt: skip
def test_columns_span_what_a_formula_means(
    terms: tuple[Any, ...], intercept: bool, formula: str
) -> None:
    data = people()
    found, names = made(design(*terms, intercept=intercept), data)

    assert len(set(names)) == len(names)
    assert np.linalg.matrix_rank(found) == found.shape[1]
    wanted = np.asarray(patsy.dmatrix(formula, data.to_pandas()))
    assert sorted(map(tuple, found.T.round(9))) == sorted(map(tuple, wanted.T.round(9)))


def test_a_restricted_cubic_spline_is_straight_outside_its_knots_and_smooth_inside() -> None:
    checked = design(Spline(variable="weight", knots=(50, 60, 80, 100)))
    at = np.linspace(20, 130, 1101)
    found, names = made(checked, people(at.size).with_columns(weight=pl.Series(at)))

    assert names == ["(Intercept)"] + [
        f"rcs(weight, [50, 60, 80, 100]) [weight{x}]" for x in ("", "'", "''")
    ]
    second = np.diff(found, n=2, axis=0) / 0.1**2
    outside = (at[1:-1] < 49.9) | (at[1:-1] > 100.1)
    assert np.abs(second[outside]).max() < 1e-6
    assert np.abs(second[~outside, 2:]).max() > 1e-3
    assert np.abs(np.diff(second, axis=0)).max() < 0.1


def test_a_spline_is_the_natural_spline_of_other_programs() -> None:
    data = people()
    knots = (50, 65, 75, 95)
    found, _ = made(design(Spline(variable="weight", knots=knots)), data)
    other = np.asarray(
        patsy.dmatrix(
            "cr(weight, knots=(65, 75), lower_bound=50, upper_bound=95)", data.to_pandas()
        )
    )

    inside = ((data["weight"] > 50) & (data["weight"] < 95)).to_numpy()
    both = np.hstack([found[inside], other[inside]])
    assert np.linalg.matrix_rank(both, tol=1e-6) == found.shape[1]


def test_categories_that_nobody_has_leave_no_column() -> None:
    data = people().filter(pl.col("region") != 1)

    _, names = made(design(REGION), data)

    assert names == ["(Intercept)", "region [3]"]


def test_a_reference_can_be_chosen_and_must_occur() -> None:
    chosen = Category(variable="region", reference="2")

    _, names = made(design(chosen), people())
    with pytest.raises(Refusal) as refused:
        made(design(chosen), people().filter(pl.col("region") != 2))

    assert names == ["(Intercept)", "region [1]", "region [3]"]
    assert refused.value.code == "empty_reference"
    assert 'C(region, ref="1")' in refused.value.remedy


def test_a_category_that_does_not_vary_is_refused_by_name() -> None:
    with pytest.raises(Refusal) as refused:
        made(design(SEX, AGE), people().filter(pl.col("sex") == "F"))

    assert refused.value.code == "constant_term"
    assert "sex" in refused.value.reason


def test_persons_without_a_value_or_with_a_stray_code_take_no_part() -> None:
    data = people(6).with_columns(
        sex=pl.Series(["F", "M", None, "X", "F", "M"]), age=pl.Series([1, 2, 3, 4, None, 6])
    )

    found, _ = made(design(SEX, AGE), data)

    assert found[:, 2].tolist() == [1.0, 2.0, 6.0]


@pytest.mark.parametrize(
    ("terms", "code", "way_out"),
    [
        ((Number(variable="sex"),), "type_mismatch", "C(sex)"),
        ((Number(variable="birth"),), "type_mismatch", "dt.year()"),
        ((Number(variable="weigth"),), "unknown_name", "weight"),
        ((Category(variable="weight"),), "not_a_dimension", "bins"),
        ((Category(variable="sex", reference="N"),), "unknown_code", "F, M"),
        ((AGE, AGE), "same_term_twice", "once"),
        (((AGE, Powers(variable="age", degree=2)),), "same_term_twice", "poly"),
        ((SEX, (Category(variable="sex", reference="M"), AGE)), "two_references", "ref="),
        ((Category(variable="place"),), "not_a_dimension", "as_code"),
    ],
)
def test_what_no_model_can_mean_is_refused_with_a_way_out(
    terms: tuple[Any, ...], code: str, way_out: str
) -> None:
    with pytest.raises(PlanRefusal) as refused:
        design(*terms)

    assert refused.value.code == code
    assert way_out in refused.value.remedy


def test_a_model_without_anything_and_one_with_too_much_are_refused() -> None:
    age, weight = (
        Powers(variable="age", degree=5),
        Spline(variable="weight", knots=tuple(range(10))),
    )

    with pytest.raises(PlanRefusal, match="neither terms nor an intercept"):
        design(intercept=False)
    with pytest.raises(PlanRefusal, match="would have 225 columns; the most is 200"):
        design((SEX, age, weight), (REGION, age, weight))


def test_a_design_is_said_in_plain_words() -> None:
    node = Design(terms=tuple(Term(factors=one) for one in ((AGE,), (SEX,), (AGE, SEX))))

    assert say(node) == "age, sex and age × sex"
    assert say(Design()) == "a constant alone"
