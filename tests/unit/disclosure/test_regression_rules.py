"""Each rule on models refuses what it is about, and nothing else of an ordinary model."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from disclosure.findings import Verdict
from disclosure.results import RegressionEvidence, decide_result
from disclosure.results.regression import Fit, Group
from disclosure.results.regression_blocks import significant
from disclosure.rules.dominance import Contributions
from tests.lib.gate import policy

ONE = np.ones(3)
FIT = Fit(
    terms=("(Intercept)", "sex", "age"),
    levels=("", "M", ""),
    estimate=np.array([-2.1234567, 0.5, 0.01]),
    error=np.array([0.1, 0.05, 0.001]),
    spread=np.array([0.0, 1.0, 15.0]),
    supported=np.array([500.0, 400.0, 300.0]),
    leverage=0.02,
    freedom=1997,
    parameters=3,
    summary={"loglik": -1000.123456, "r2_mcfadden": 0.1},
    tests=(("sex", "χ²", 1, 100.0, 1e-20), ("age", "χ²", 1, 100.0, 1e-20)),
)
EVIDENCE = RegressionEvidence(
    groups=(("false", "F"), ("false", "M"), ("true", "F"), ("true", "M")),
    n=np.array([800, 600, 200, 400]),
    population=2000,
    view_population=100_000,
    model="logistic",
    ratio=True,
    binary=True,
    counts=True,
    split=(
        Group("(Intercept)", 2000, 600, (0, 1, 2, 3)),
        Group("sex [F]", 1000, 200, (0, 2)),
        Group("sex [M]", 1000, 400, (1, 3)),
    ),
    moments=None,
    rarest={"age": 40},
    references={"sex": "F"},
    outcome="died",
    trouble=None,
    fit=FIT,
)
LINEAR = replace(
    EVIDENCE,
    model="linear",
    binary=False,
    counts=False,
    ratio=False,
    moments=Contributions(
        n=np.array([2000, 1000, 1000]),
        total=np.array([2e5, 1e5, 1e5]),
        total_sq=np.array([3e7, 1.5e7, 1.5e7]),
        largest=np.array([500.0, 500.0, 400.0]),
        second=np.array([450.0, 300.0, 400.0]),
        contributors=np.array([2000, 1000, 1000]),
        rarest=None,
    ),
    fit=replace(FIT, share_one=ONE / 100, share_two=ONE / 60, largest=ONE / 1e4),
)


def refusals(evidence: RegressionEvidence) -> list[str]:
    decision = decide_result(evidence, policy(), ())
    assert (decision.verdict is Verdict.REFUSE) == bool(decision.findings)
    assert not (decision.findings and decision.blocks)
    return [one.text["en"] for one in decision.findings]


def group(**fields: Any) -> RegressionEvidence:
    everybody, females, males = EVIDENCE.split
    return replace(EVIDENCE, split=(everybody, females, replace(males, **fields)))


def fit(base: RegressionEvidence = EVIDENCE, **fields: Any) -> RegressionEvidence:
    return replace(base, fit=replace(base.fit, **fields))


def test_ordinary_models_pass() -> None:
    assert refusals(EVIDENCE) == []
    assert refusals(LINEAR) == []


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (group(persons=9), "fewer than 10 persons apart: sex [M]"),
        (replace(EVIDENCE, rarest={"age": 9}), "fewer than 10 persons apart: age"),
        (group(events=9), "Fewer than 10 persons with the outcome, or without it: sex [M]"),
        (group(events=995), "Fewer than 10 persons with the outcome, or without it: sex [M]"),
        (group(persons=400, events=400), "Fewer than 10 persons with the outcome, or without"),
        (fit(freedom=9), "too many terms"),
        (fit(parameters=201), "too many terms"),
        (fit(supported=np.array([500.0, 9.9, 300.0])), "fewer than 10 persons: sex [M]"),
        (fit(supported=np.array([500.0, 50.0, 9.9])), "fewer than 10 persons: age"),
        (fit(leverage=0.5), "One person alone"),
        (fit(estimate=np.array([-2.1, 10.1, 0.01])), "with certainty"),
        (fit(estimate=np.array([-2.1, 0.5, 0.7])), "with certainty"),
        (fit(error=np.array([0.1, 101.0, 0.001])), "with certainty"),
        (fit(clusters=9), "Fewer than 10 clusters"),
        (fit(LINEAR, share_one=np.array([0.1, 0.51, 0.1])), "one or two persons make up most of"),
        (fit(LINEAR, share_two=np.array([0.1, 0.1, 0.81])), "most of a coefficient: age"),
        (fit(LINEAR, summary={"r2": 0.99}), "almost exactly"),
        (fit(LINEAR, residual_share=0.51), "almost exactly"),
        (
            replace(LINEAR, moments=replace(LINEAR.moments, largest=np.array([2e5, 5e2, 4e2]))),
            "make up most of the outcome, or hold a value of their own: all persons",
        ),
        (replace(EVIDENCE, fit=None, trouble=("dependent", "age")), "age follows from the terms"),
        (replace(EVIDENCE, fit=None, trouble=("separated", "")), "with certainty"),
    ],
)
def test_each_rule_refuses_alone(evidence: RegressionEvidence, words: str) -> None:
    found = refusals(evidence)

    assert len(found) == 1
    assert words in found[0]


def test_a_group_of_few_is_said_before_any_trouble_that_could_tell_of_them() -> None:
    found = refusals(replace(group(persons=3), fit=None, trouble=("dependent", "sex [M]")))

    assert len(found) == 1
    assert "fewer than 10 persons" in found[0]


def test_a_count_of_which_everybody_has_one_is_no_separation() -> None:
    everybody, females, males = EVIDENCE.split
    split = (
        replace(everybody, events=2000),
        replace(females, events=1000),
        replace(males, events=1000),
    )
    counted = replace(EVIDENCE, model="poisson", binary=False, moments=LINEAR.moments, split=split)

    assert refusals(counted) == []


def test_levels_that_nobody_has_are_no_small_groups() -> None:
    empty = Group("sex [X]", 0, 0, ())

    assert refusals(replace(EVIDENCE, split=(*EVIDENCE.split, empty))) == []


def test_the_ledger_gets_everybody_each_group_and_its_events() -> None:
    decision = decide_result(EVIDENCE, policy(), ())

    assert set(decision.published) == {(0, 1, 2, 3), (2, 3), (0, 2), (2,), (1, 3), (3,)}


def test_estimates_have_no_more_digits_than_their_error_bears() -> None:
    block = decide_result(EVIDENCE, policy(), ()).blocks[0]
    first = dict(zip([one.name for one in block.columns], block.rows[0], strict=True))

    assert first["estimate"] == -2.1235
    assert first["ratio"] == pytest.approx(0.1196)
    assert [row[:2] for row in block.rows][1] == ("sex", "F (ref.)")


def test_coefficients_of_amounts_leave_the_largest_contribution_open() -> None:
    """Half of the last digit is at least p% of what one person adds."""
    largest = np.array([0.3, 0.02, 0.0004])
    block = decide_result(fit(LINEAR, largest=largest), policy(), ()).blocks[0]
    shown = [row[2] for row in block.rows if row[2] is not None]

    assert shown == [-2.1, 0.5, 0.01]
    coarse = decide_result(fit(LINEAR, largest=ONE * 30.0), policy(), ()).blocks[0]
    assert [row[2] for row in coarse.rows if row[2] is not None] == [0.0, 0.0, 0.0]


def test_what_follows_from_a_coefficient_tells_no_digit_more() -> None:
    """Statistic times error is the rounded estimate, and so is the root of the term's test."""
    rough = fit(LINEAR, largest=ONE * 0.3, estimate=np.array([-2.1, 0.5134, 0.21]))
    coefficients, terms, _ = decide_result(rough, policy(), ()).blocks
    row = next(row for row in coefficients.rows if row[1] == "M")

    assert row[2] == 0.5
    assert row[4] == pytest.approx(0.5 / 0.05)
    assert terms.rows[0][3] == pytest.approx((0.5 / 0.05) ** 2)
    assert row[6:8] == (0.4, 0.6)


def test_nothing_of_one_person_is_among_the_blocks() -> None:
    shown = {
        one.name for block in decide_result(LINEAR, policy(), ()).blocks for one in block.columns
    }

    assert shown.isdisjoint({"leverage", "residual", "fitted", "influence", "supported", "largest"})


def test_figures_are_significant_ones() -> None:
    assert significant(123456.7, 4) == 123500.0
    assert significant(float("nan"), 4) is None
