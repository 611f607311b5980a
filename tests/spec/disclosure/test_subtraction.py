"""Two numbers about the same persons: their difference is a number, and is judged as one."""

import numpy as np
import pytest

from disclosure.findings import Verdict
from disclosure.gate import decide
from disclosure.tables import Difference
from tests.lib.gate import evidence, policy

TABLE = evidence(np.array([400, 600]))


def difference(*values: float) -> Difference:
    """Of an income told anew, less the income that release 00ff told of: by person."""
    size = sorted(map(abs, values), reverse=True)
    second = size[1] if len(size) > 1 else 0.0
    return Difference("00ff", "income2", "income", len(size), sum(size), size[0], second)


@pytest.mark.parametrize(
    ("values", "released"),
    [
        ([410.0], False),  # one person's income
        ([1.0] * 9, False),  # nine persons
        ([1.0] * 10, True),  # ten who are alike
        ([12.0] + [1.0] * 9, False),  # ten, one of whom makes up more than half
        ([45.0, 45.0] + [1.0] * 12, False),  # two make up more than four fifths
        ([5.0] * 400, True),
    ],
)
def test_a_difference_is_judged_as_a_number_of_its_own(values: list[float], released: bool) -> None:
    answer = decide(TABLE, policy(), [], None, [difference(*values)])
    assert (answer.verdict is Verdict.RELEASE) is released


def test_no_difference_is_no_news() -> None:
    same = Difference("00ff", "income", "income", 0, 0.0, 0.0, 0.0)
    assert decide(TABLE, policy(), [], None, [same]).verdict is Verdict.RELEASE


def test_the_refusal_names_both_numbers_and_the_way_out_once() -> None:
    twice = [difference(1.0), difference(1.0, 1.0)]
    (finding,) = decide(TABLE, policy(), [], None, twice).findings
    for language in ("en", "nb"):
        assert all(word in finding.text[language] for word in ("income2", "income", "00ff"))
        assert "income" in finding.remedy[language]
        assert "1 " not in finding.text[language].replace("10 ", "")
