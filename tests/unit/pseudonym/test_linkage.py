"""The linkage report: exact for owners; no small count for researchers, nor as a difference."""

import numpy as np
import pytest

from pseudonym.linkage import Linkage, for_researcher


@pytest.fixture
def full() -> dict:
    linkage = Linkage(["a", "b"])
    linkage.add(np.array([[True, True]] * 40 + [[True, False]] * 3))
    linkage.add(np.array([[False, True]] * 20 + [[True, True]] * 2))
    return linkage.full({"a": 90, "b": 62}, {"a": {"FNR": 88, "INVALID": 2}, "b": {"FNR": 62}})


def test_persons_and_overlaps_are_counted(full: dict) -> None:
    assert full == {
        "persons": 65,
        "datasets": {
            "a": {"rows": 90, "persons": 45, "classes": {"FNR": 88, "INVALID": 2}},
            "b": {"rows": 62, "persons": 62, "classes": {"FNR": 62}},
        },
        "overlap": {"a": {"b": 42}, "b": {"a": 42}},
    }


def test_the_researcher_sees_fives_and_no_small_count(full: dict) -> None:
    assert for_researcher(full) == {
        "persons": 65,
        "datasets": {
            "a": {"rows": 90, "persons": 45, "classes": {"FNR": 90, "INVALID": None}},
            "b": {"rows": 60, "persons": 60, "classes": {"FNR": 60}},
        },
        "overlap": {"a": {"b": 40}, "b": {"a": 40}},
    }


@pytest.mark.parametrize(("count", "shown"), [
    (0, 0), (1, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15),
])  # fmt: skip
def test_counts_are_rounded_to_fives(count: int, shown: int | None) -> None:
    assert for_researcher({"persons": count}) == {"persons": shown}
