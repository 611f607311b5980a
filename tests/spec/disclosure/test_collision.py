"""What a refusal tells of a collision: releases, how cohorts meet, groups; never a count."""

import json
import re

import numpy as np
import pytest

from disclosure.certificate import findings_json
from disclosure.findings import Verdict
from disclosure.gate import decide
from disclosure.ledger.collision import meets
from disclosure.ledger.meeting import Meeting
from disclosure.ledger.standing import Standing
from disclosure.suppression.lattice import lattice_of
from disclosure.tables import Difference, Overlap
from tests.lib.gate import evidence, overlap, policy

ALL = ((0,),)


def two(both: int, new: int, old: int) -> Overlap:
    """Two cohorts of one cell: persons in both, in the new only, in the old only."""
    return Overlap("0a", np.array([[both, new], [old, 0]]), ALL)


@pytest.mark.parametrize(
    ("both", "new", "old", "word"),
    [
        (500, 0, 0, "same"),
        (500, 9, 9, "same"),
        (500, 0, 200, "inside"),
        (500, 200, 3, "around"),
        (500, 200, 200, "overlapping"),
        (0, 200, 200, "apart"),
        (9, 200, 200, "apart"),  # not whether it is nobody
    ],
)
def test_how_two_cohorts_meet_is_said_without_those_who_are_too_few(
    both: int, new: int, old: int, word: str
) -> None:
    assert meets(two(both, new, old), 10) == word


def test_a_cohort_that_is_close_is_drawn_with_its_release() -> None:
    met = Overlap("0a", np.array([[1996, 0], [4, 0]]), ALL)
    (finding,) = decide(evidence(np.array([1996])), policy(), [met]).findings
    assert finding.collision == {"releases": [{"release": "0a", "overlap": "same"}], "groups": []}


def test_a_number_that_is_close_names_both() -> None:
    one = Difference("0a", "income2", "income", 1, 3.0, 3.0, 0.0)
    met = [two(600, 400, 400)]
    (finding,) = decide(evidence(np.array([1000])), policy(), met, None, [one]).findings
    assert finding.collision == {
        "releases": [{"release": "0a", "overlap": "overlapping"}],
        "groups": [[{"dimension": "income2", "code": "income"}]],
    }


def test_only_the_releases_that_it_takes_are_named_of_many() -> None:
    """b and c split the persons of a but for three; d has nothing to do with it."""
    persons = np.arange(3003)
    a = np.zeros(3003, int)
    b = np.where(persons < 1500, 0, 1)
    c = np.where((persons >= 1500) & (persons < 3000), 0, 1)
    d = np.where(persons % 2 == 0, 0, 1)
    standing = Standing(3003)
    for name, vector in (("0d", d), ("0a", a), ("0b", b)):
        standing.add(name, vector, 1, ALL)
    met = [
        overlap(name, np.where(c, -1, 0), np.where(old, -1, 0), (1, 1), ALL)
        for name, old in (("0d", d), ("0a", a), ("0b", b))
    ]
    table = evidence(np.array([1500]), codes=[["North"]], names=["region"])
    answer = decide(table, policy(), met, Meeting(standing, c, 1))
    assert answer.verdict is Verdict.REFUSE
    (finding,) = answer.findings
    assert finding.collision == {
        "releases": [{"release": "0a", "overlap": "inside"}, {"release": "0b", "overlap": "apart"}],
        "groups": [],  # the three are in no cell of the new table
    }
    assert "0a, 0b" in finding.text["en"]
    assert "0d" not in finding.text["nb"]


def test_the_group_is_named_by_its_categories() -> None:
    """Four of cell N were counted apart before: the new table by region would tell them."""
    region = np.repeat([0, 1, 2], 400)
    but_four = np.where(np.arange(1200) < 396, 0, 1)
    standing = Standing(1200)
    standing.add("0a", but_four, 1, ALL)
    met = [overlap("0a", region, np.where(but_four, -1, 0), (3, 1), ALL)]
    table = evidence(np.array([400, 400, 400]), codes=[["N", "S", "W"]], names=["region"])
    found = Meeting(standing, region, 3).given_away(
        ((0,), (1,), (2,)), lattice_of(np.zeros(3, np.int64)).sums(), policy().threshold
    )
    assert found is not None
    assert (found.releases, found.cells) == (("0a",), (0,))
    answer = decide(table, policy(), met, Meeting(standing, region, 3))
    said = json.dumps(findings_json(answer.findings))
    assert not set(re.findall(r"\d+", said)) & {"4", "396", "400", "1200"}
