"""A re-run tells which numbers have changed."""

import copy

from tests.unit.sdk.test_release import ANSWER
from workbench.sdk.release import Release
from workbench.sdk.rerun import Rerun


def test_the_numbers_that_changed_are_told_with_where_they_stand() -> None:
    later = copy.deepcopy(ANSWER) | {"release": "b" * 16}
    later["body"]["cells"][0]["values"]["n"] = 21
    rerun = Rerun(Release(ANSWER), Release(later))

    assert not rerun.same
    assert rerun.differences.rows() == [("F <40 n", 20.0, 21.0)]
    assert "1 number differs" in repr(rerun)


def test_numbers_of_blocks_are_compared_too() -> None:
    block = {
        "name": "fit", "title": {"en": "Fit"}, "marks": [],
        "columns": [
            {"name": "term", "kind": "text", "label": {"en": "Term"}, "unit": ""},
            {"name": "estimate", "kind": "number", "label": {"en": "Estimate"}, "unit": ""},
        ],
        "rows": [["age", 1.5], ["sex", 2.5]],
    }  # fmt: skip
    body = {"explained": "x", "kind": "ols", "blocks": [block], "findings": [], "dimensions": []}
    one = Release(ANSWER | {"body": body})
    other = copy.deepcopy(body)
    other["blocks"][0]["rows"][1][1] = 2.75
    rerun = Rerun(one, Release(ANSWER | {"body": other, "release": "c" * 16}))

    assert rerun.differences.rows() == [("fit sex estimate", 2.5, 2.75)]


def test_the_same_release_is_the_answer_still() -> None:
    assert "still" in repr(Rerun(Release(ANSWER), Release(ANSWER)))
