"""What studies usually publish is let through; `make bench BENCH=benign` asks all of it."""

from pathlib import Path

from tests.benign.catalogue import outputs
from tests.benign.outputs import withheld
from tests.benign.run import ask_all, opened


def test_two_studies_get_what_they_ask_for(tmp_path: Path) -> None:
    asked = ask_all(tmp_path, 20_000, ("a municipality's dashboard", "from warfarin to apixaban"))
    blocked = [(one.name, one.why) for one in asked if one.blocked]
    assert len(asked) >= 50
    assert len(blocked) <= len(asked) / 20, blocked


def test_there_are_three_hundred_outputs_and_no_two_alike(tmp_path: Path) -> None:
    names = [
        (one.study, one.name) for study, p in opened(tmp_path, 2000) for one in outputs(p, study)
    ]
    assert len(names) == len(set(names)) >= 300


def test_an_answer_of_which_most_is_withheld_counts_as_blocked() -> None:
    cells = [{"codes": ["a"], "mark": "primary"}, {"codes": ["b"], "mark": "complementary"},
             {"codes": ["c"], "mark": ""}, {"codes": [""], "mark": ""}]  # fmt: skip
    assert withheld({"cells": cells}) == 2 / 3
