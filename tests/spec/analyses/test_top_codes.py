"""The most frequent categories, each with enough persons, and the rest with enough as well."""

from typing import Any

import pytest

from tests.lib.asked import NAFLD as STUDY
from tests.lib.asked import block, body, derived, judged, people, the_same_whatever_the_buckets
from tests.lib.drawn import PERSON_FRAME, col
from tests.lib.plain_view import described
from workbench.plan import Plan, Refusal, Schema, check, nodes

TOWNS = derived(
    PERSON_FRAME,
    town=nodes.AsCode(operand=col("place"), codes=("A1", "A2", "B1", "B2", "C1")),
)


def answer(counts: dict[str | None, int], **more: Any) -> tuple[dict[Any, Any], tuple[Any, ...]]:
    view = people(place=[code for code, n in counts.items() for _ in range(n)])
    found = body(nodes.TopCodes(cohort=TOWNS, variable="town", **more), view)
    return dict(block(found, "top").select("town", "persons").iter_rows()), block(
        found, "rest"
    ).row(0)


@pytest.mark.parametrize(
    ("counts", "most", "top", "rest"),
    [
        ({"A1": 100, "B1": 60, "C1": 40}, 10, {"A1": 100, "B1": 60, "C1": 40}, (0, 0, 200)),
        ({"A1": 100, "B1": 60, "C1": 40}, 1, {"A1": 100}, (100, 0, 200)),
        ({"A1": 100, "B1": 60, "C1": 9, "B2": 31}, 10, {"A1": 100, "B1": 60}, (40, 0, 200)),
        ({"A1": 100, "B1": 60, "C1": 9, "B2": 8}, 10, {"A1": 100, "B1": 60}, (17, 0, 177)),
        ({"A1": 100, "B1": 60, None: 40}, 10, {"A1": 100, "B1": 60}, (0, 40, 200)),
        ({"A1": 100, "B1": 60, "C1": 36, None: 4}, 10, {"A1": 100, "B1": 60}, (40, 0, 200)),
        ({"A1": 50, "B1": 50, "C1": 50}, 2, {"A1": 50, "B1": 50}, (50, 0, 150)),
    ],
)
def test_what_is_left_over_is_nobody_or_enough(
    counts: dict[str | None, int], most: int, top: dict[str, int], rest: tuple[int, int, int]
) -> None:
    assert answer(counts, most=most) == (top, rest)


def test_codes_are_rolled_up_to_their_first_characters() -> None:
    counts: dict[str | None, int] = {"A1": 60, "A2": 8, "B1": 30, "B2": 40, "C1": 90}

    assert answer(counts, characters=1)[0] == {"C1"[:1]: 90, "B": 70, "A": 68}


def test_the_ledger_is_told_of_each_code_and_of_the_rest() -> None:
    view = people(place=["A1"] * 100 + ["B1"] * 60 + ["C1"] * 5 + ["B2"] * 7)
    _, decision = judged(nodes.TopCodes(cohort=TOWNS, variable="town"), view)

    assert decision.published == ((0,), (2,), (3, 4))


def test_nothing_but_rare_codes_is_refused() -> None:
    view = people(place=["A1"] * 9 + ["B1"] * 9 + ["z"] * 182)
    _, decision = judged(nodes.TopCodes(cohort=TOWNS, variable="town"), view)

    assert decision.verdict == "refuse"
    assert "characters=" in decision.findings[0].remedy["en"]


def test_buckets_make_no_difference() -> None:
    assert the_same_whatever_the_buckets(nodes.TopCodes(cohort=STUDY, variable="status"))


def test_categories_are_public() -> None:
    with pytest.raises(Refusal) as refused:
        check(
            Plan(analysis=nodes.TopCodes(cohort=PERSON_FRAME, variable="place")),
            Schema.from_view(described(3)),
        )

    assert refused.value.code == "not_a_dimension"
