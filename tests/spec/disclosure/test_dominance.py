"""Dominance: a mean that few persons make up is withheld, and its digits never fix the largest."""

import pytest

from disclosure.findings import Mark
from disclosure.gate import decide
from disclosure.tables import Magnitude
from tests.lib.gate import evidence, magnitude, policy

ORDINARY = [float(20 + i % 30) for i in range(600)]


def described(first: list[float], **moments: object) -> tuple[object, ...]:
    """Mark and values of a first group, beside two ordinary ones."""
    measured = magnitude({(0,): first, (1,): ORDINARY, (2,): ORDINARY}, (3,))
    measured = Magnitude(**{**vars(measured), **moments})  # type: ignore[arg-type]  # tests only
    table = evidence(measured.n, margins=False, magnitudes=[measured])
    cell = decide(table, policy(), []).cells[0]
    return cell.mark, cell.reason, cell.values


def test_an_ordinary_group_is_described() -> None:
    mark, _, values = described([float(20 + i % 30) for i in range(300)])
    assert mark is Mark.SHOWN
    assert values == {"n": 300, "mean": 34.5, "sd": 9.0}


def test_nine_persons_have_no_mean() -> None:
    assert described([30.0] * 4 + [31.0] * 5)[0] is Mark.PRIMARY


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ([900.0] + [40.0] * 20, "(1,50): one person has more than half of the sum"),
        ([450.0, 450.0] + [10.0] * 20, "(2,80): two have more than four fifths"),
        ([100.0, 40.0] + [0.5] * 10 + [0.0] * 20, "p%: the second estimates the first to 10 %"),
    ],
)
def test_a_sum_that_one_or_two_persons_make_up_is_withheld(values: list[float], rule: str) -> None:
    mark, reason, shown = described(values)
    assert (mark, reason) == (Mark.PRIMARY, "dominance"), rule
    assert shown == {"n": None, "mean": None, "sd": None}


@pytest.mark.parametrize(("events", "shown"), [(3, False), (9, False), (10, True), (292, False)])
def test_the_mean_of_a_yes_or_no_is_a_count_and_needs_ten_of_each(events: int, shown: bool) -> None:
    mark, _, _ = described([7.0] * events + [0.0] * (300 - events))
    assert (mark is Mark.SHOWN) is shown


def test_a_flag_in_disguise_is_seen_with_the_optional_evidence() -> None:
    """The values 1 and 2 hide a flag that three persons carry; moments alone do not show it."""
    import numpy as np

    values = [2.0] * 3 + [1.0] * 300
    assert described(values)[0] is Mark.SHOWN
    assert described(values, rarest=np.array([3, 0, 0]))[0] is Mark.PRIMARY
    spread = [5000.0 + i for i in range(3)] + [0.0] * 300
    assert described(spread, contributors=np.array([3, 600, 600]))[0] is Mark.PRIMARY


def test_no_variation_in_a_short_group_is_withheld() -> None:
    assert described([41.0] * 12)[0] is Mark.PRIMARY
    assert described([41.0] * 300)[0] is Mark.SHOWN


@pytest.mark.parametrize(("persons", "mean"), [(60, 35.0), (600, 34.5), (30_000, 34.533)])
def test_digits_grow_with_the_number_of_persons(persons: int, mean: float) -> None:
    """Rounding leaves at least a tenth of the largest value open: n · 0.5 · 10^-d ≥ 4.9 here."""
    cycle = [float(20 + i % 30) for i in range(28)] + [49.0, 49.0]
    values = (cycle * (persons // 30))[:persons]
    assert described(values)[2]["mean"] == mean  # type: ignore[call-overload,index]


def test_with_margins_a_withheld_mean_cannot_be_subtracted() -> None:
    values = {(0,): [900.0] + [40.0] * 20, (1,): ORDINARY, (2,): ORDINARY}
    measured = magnitude(values, (3,))
    answer = decide(evidence(measured.n, magnitudes=[measured]), policy(), [])
    withheld = [cell.codes[0] for cell in answer.cells if cell.values["mean"] is None]
    assert "a0" in withheld
    assert len(withheld) >= 2
