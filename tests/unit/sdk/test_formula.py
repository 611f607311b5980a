"""A formula means what it means in R, and says so when it means nothing."""

from typing import Any

import pytest

from tests.unit.sdk.conftest import Caught
from workbench.plan import nodes
from workbench.plan.words import say
from workbench.sdk.formula import formula
from workbench.sdk.frames import PersonFrame
from workbench.sdk.refused import Refused

AGE, WEIGHT = nodes.Number(variable="age"), nodes.Number(variable="weight")
SEX, VITAL = nodes.Category(variable="sex"), nodes.Category(variable="vital")


def terms(text: str, person: PersonFrame) -> list[tuple[Any, ...]]:
    return [one.factors for one in formula(f"y ~ {text}", person._type).design.terms]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("age", [(AGE,)]),
        ("age + sex", [(AGE,), (SEX,)]),
        ("age + sex + age:sex", [(AGE,), (SEX,), (AGE, SEX)]),
        ("age*sex", [(AGE,), (SEX,), (AGE, SEX)]),
        ("age:sex + age + sex", [(AGE,), (SEX,), (AGE, SEX)]),
        ("(age + sex)*vital - age:vital", [(AGE,), (SEX,), (VITAL,), (SEX, VITAL)]),
        ("age*sex*vital - age:sex:vital - sex:vital",
         [(AGE,), (SEX,), (VITAL,), (AGE, SEX), (AGE, VITAL)]),
        ("age + age + weight", [(AGE,), (WEIGHT,)]),
        ("C(region)", [(nodes.Category(variable="region"),)]),
        ('C(sex, ref="M")', [(nodes.Category(variable="sex", reference="M"),)]),
        ("C(sex, 'M')", [(nodes.Category(variable="sex", reference="M"),)]),
        ("C(region, ref=2)", [(nodes.Category(variable="region", reference="2"),)]),
        ("poly(age, 2)", [(nodes.Powers(variable="age", degree=2),)]),
        ("poly(age, degree=3)", [(nodes.Powers(variable="age", degree=3),)]),
        ("rcs(age, [40, 55.5, 80])", [(nodes.Spline(variable="age", knots=(40, 55.5, 80)),)]),
        ("hinge(weight, knots=[-5])", [(nodes.Hinges(variable="weight", knots=(-5,)),)]),
        ("region", [(nodes.Number(variable="region"),)]),
        ("1", []),
    ],
)  # fmt: skip
def test_terms(text: str, wanted: list[tuple[Any, ...]], person: PersonFrame) -> None:
    assert terms(text, person) == wanted
    assert formula(f"y~{text}", person._type).design.intercept


@pytest.mark.parametrize("text", ["age - 1", "age -1", "0 + age", "age + 0", "-1 + age", "age-1"])
def test_the_intercept_is_taken_away_as_in_r(text: str, person: PersonFrame) -> None:
    found = formula(f"vital ~ {text}", person._type)

    assert not found.design.intercept
    assert [one.factors for one in found.design.terms] == [(AGE,)]


def test_person_time_is_an_offset(person: PersonFrame) -> None:
    found = formula("age ~ sex + offset(log(weight))", person._type)
    plain = formula("age ~ sex + offset(weight)", person._type)

    assert (found.exposure, found.offset) == ("weight", None)
    assert (plain.exposure, plain.offset) == (None, "weight")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("age + sex", "begins with the name of the outcome"),
        ("log(age) ~ sex", "begins with the name of the outcome"),
        ("vital ~ age +", "ends where a variable was expected"),
        ("vital ~ age sex", "“sex” stands where"),
        ("vital ~ (age", "“)” is missing"),
        ("vital ~ log(age)", "no function log"),
        ("vital ~ age + 2", "only numbers among terms are 0 and 1"),
        ("vital ~ C(sex, ref=M)", "a code in quotes"),
        ("vital ~ poly(age, 9)", "not how poly is written"),
        ("vital ~ poly(age, two)", "not how poly is written"),
        ("vital ~ rcs(age, [40])", "not how rcs is written"),
        ("vital ~ rcs(age, [60, 40, 80])", "not how rcs is written"),
        ("vital ~ __import__", "no name of a variable"),
        ("vital ~ age; sex", "means nothing in a formula"),
        ("vital ~ age*sex*vital*weight", "at most three factors"),
        ("vital ~ C()", "name of a variable first"),
    ],
)
def test_what_means_nothing_is_refused_with_an_example(
    text: str, reason: str, person: PersonFrame
) -> None:
    with pytest.raises(Refused) as refused:
        formula(text, person._type)

    assert refused.value.code == "bad_formula"
    assert reason in refused.value.reason
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("ask", "model", "errors"),
    [
        (lambda p: p.ols("weight ~ age"), "linear", "classical"),
        (lambda p: p.ols("weight ~ age", errors="HC3"), "linear", "HC3"),
        (lambda p: p.logit("vital ~ age"), "logistic", "classical"),
        (lambda p: p.regress("vital ~ age", family="binomial"), "logistic", "classical"),
        (lambda p: p.regress("vital ~ age", family="binomial", link="log"), "log_binomial",
         "classical"),
        (lambda p: p.probit("vital ~ age"), "probit", "classical"),
        (lambda p: p.risk_ratio("vital ~ age"), "poisson", "HC0"),
        (lambda p: p.negative_binomial("age ~ sex", exposure="weight"), "negative_binomial",
         "classical"),
    ],
)  # fmt: skip
def test_each_method_asks_for_its_model(
    ask: Any, model: str, errors: str, person: PersonFrame
) -> None:
    with pytest.raises(Caught) as caught:
        ask(person)

    analysis = caught.value.analysis
    assert isinstance(analysis, nodes.Regression)
    assert (analysis.model, analysis.errors) == (model, errors)


def test_a_model_is_said_in_plain_words(person: PersonFrame) -> None:
    with pytest.raises(Caught) as caught:
        person.poisson('age ~ C(sex, ref="M") + rcs(weight, [50, 70, 90])', exposure="weight")

    assert say(caught.value.analysis) == (
        "Poisson regression of age on sex (against “M”) and weight as a smooth curve with knots at "
        "50, 70, 90, per weight at risk, among person."
    )


@pytest.mark.parametrize(
    ("ask", "way_out"),
    [
        (lambda p: p.regress("vital ~ age", family="binomail"), "binomial"),
        (lambda p: p.regress("vital ~ age", family="binomial", link="identity"), "logit"),
        (lambda p: p.poisson("age ~ sex + offset(log(weight))", exposure="weight"), "not both"),
        (lambda p: p.ols("weight ~ age", errors="robust"), "docs/reference"),
    ],
)
def test_families_links_and_errors_that_do_not_exist_are_refused(
    ask: Any, way_out: str, person: PersonFrame
) -> None:
    with pytest.raises(Refused) as refused:
        ask(person)

    assert way_out in refused.value.remedy
