"""Differencing: what was released before decides what may be released now."""

import numpy as np
import pytest

from disclosure.findings import Mark, Verdict
from disclosure.gate import decide
from disclosure.results import CodesEvidence, decide_result
from disclosure.tables import Overlap
from tests.lib.gate import evidence, magnitude, overlap, policy

PERSONS = np.arange(4000)
REGION = PERSONS % 4


def counts(cells: np.ndarray, size: int) -> np.ndarray:
    return np.bincount(cells[cells >= 0], minlength=size)


def first() -> tuple[tuple[int, ...], ...]:
    return decide(evidence(counts(REGION, 4)), policy(), []).published


@pytest.mark.parametrize(("fewer", "released"), [(0, True), (1, False), (9, False), (10, True)])
def test_a_cohort_minus_a_few_persons_is_refused(fewer: int, released: bool) -> None:
    smaller = np.where(fewer * 4 > PERSONS, np.where(REGION == 0, -1, REGION), REGION)
    met = overlap("00aa11bb22cc33dd", smaller, REGION, (4, 4), first())
    answer = decide(evidence(counts(smaller, 4)), policy(), [met])
    assert (answer.verdict is Verdict.RELEASE) is released


def test_the_refusal_names_the_release_and_the_least_change() -> None:
    smaller = np.where(PERSONS == 8, -1, REGION)
    met = overlap("00aa11bb22cc33dd", smaller, REGION, (4, 4), first())
    (finding,) = decide(evidence(counts(smaller, 4)), policy(), [met]).findings
    assert finding.rule == "ledger"
    assert "00aa11bb22cc33dd" in finding.text["en"]
    assert "00aa11bb22cc33dd" in finding.text["nb"]
    assert "Use exactly the cohort" in finding.remedy["en"]


def test_the_mean_of_a_cohort_and_of_the_cohort_minus_one_is_no_income() -> None:
    """The attack by which a colleague's exact income is computed from two allowed means."""
    rng = np.random.default_rng(0)
    income = rng.lognormal(3, 0.4, 4000)
    everyone = magnitude({(0,): list(income)}, (1,))
    before = decide(evidence(everyone.n, magnitudes=[everyone], margins=False), policy(), [])
    assert before.verdict is Verdict.RELEASE
    but_one = magnitude({(0,): list(income[1:])}, (1,))
    met = Overlap("feed", np.array([[3999, 0], [1, 0]]), before.published)
    after = decide(evidence(but_one.n, magnitudes=[but_one], margins=False), policy(), [met])
    assert after.verdict is Verdict.REFUSE


def test_a_category_moved_by_a_few_persons_is_withheld() -> None:
    """Region 0 without three of its persons: together with the earlier count it would tell."""
    moved = np.where(np.isin(PERSONS, [0, 4, 8]), 1, REGION)
    met = overlap("beef", moved, REGION, (4, 4), first())
    answer = decide(evidence(counts(moved, 4)), policy(), [met])
    if answer.verdict is Verdict.RELEASE:
        assert [cell.mark is not Mark.SHOWN for cell in answer.cells][:2] == [True, True]
        assert any(finding.rule == "ledger" for finding in answer.findings)
    else:
        assert answer.findings[0].rule in {"ledger", "suppression"}


def test_margins_that_were_shown_before_are_not_withheld_again() -> None:
    """Regions were counted before; a table by region and sex must find other cells to withhold."""
    region = REGION.copy()
    sex = (PERSONS // 4) % 2
    cells = region * 2 + sex
    small = np.isin(PERSONS, np.flatnonzero(cells == 0)[3:])
    cells = np.where(small, 1, cells)
    met = overlap("cafe", cells, REGION, (8, 4), first())
    answer = decide(evidence(counts(cells, 8).reshape(4, 2)), policy(), [met])
    assert answer.verdict is Verdict.RELEASE
    margins = [cell for cell in answer.cells if cell.codes[1] == "Σ"]
    assert all(cell.mark is Mark.SHOWN for cell in margins)


def test_an_unmargined_table_is_protected_against_margins_of_an_earlier_one() -> None:
    sex = (PERSONS // 4) % 2
    cells = REGION * 2 + sex
    small = np.isin(PERSONS, np.flatnonzero(cells == 0)[3:])
    cells = np.where(small, 1, cells)
    table = evidence(counts(cells, 8).reshape(4, 2), margins=False)
    alone = decide(table, policy(), [])
    met = overlap("cafe", cells, REGION, (8, 4), first())
    after = decide(table, policy(), [met])
    assert sum(cell.mark is not Mark.SHOWN for cell in alone.cells) == 1
    assert [cell.reason for cell in after.cells[:2]] == ["threshold", "ledger"]


def test_the_same_table_again_is_the_same_answer() -> None:
    met = overlap("same", REGION, REGION, (4, 4), first())
    again = decide(evidence(counts(REGION, 4)), policy(), [met])
    assert again.published == first()


@pytest.mark.parametrize("result", [False, True])
@pytest.mark.parametrize("few", [1, 9])
def test_two_cohorts_that_share_or_leave_out_a_few_tell_them_to_who_knows_how_many_there_are(
    few: int, result: bool
) -> None:
    """A general tracker: how many persons a view has is told to every kernel of the project."""
    women = np.where(PERSONS % 2 == 0, 0, -1)
    men = np.where(PERSONS % 2 == 1, 0, -1)
    for other in (
        np.where(2 * few > PERSONS, 0, men),  # some of the women too
        np.where(2 * few > PERSONS, -1, men),  # some of the men are in neither
    ):
        met = overlap("feed", other, women, (1, 1), ((0,),))
        told = evidence(counts(other, 1), view=4000)
        if result:
            persons = int((other == 0).sum())
            asked = CodesEvidence(
                groups=(("a",),), n=told.n, population=persons, view_population=4000,
                variable="code", label={}, most=1,
            )  # fmt: skip
            assert decide_result(asked, policy(), [met]).verdict is Verdict.REFUSE
        else:
            assert decide(told, policy(), [met]).verdict is Verdict.REFUSE
    met = overlap("feed", men, women, (1, 1), ((0,),))
    assert decide(evidence(counts(men, 1), view=4000), policy(), [met]).verdict is Verdict.RELEASE
