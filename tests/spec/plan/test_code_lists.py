"""Codes rolled up to public lists: ICD-10, ATC, municipalities."""

from typing import Any

import pytest

from tests.lib.drawn import PERSON_FRAME, col, values
from tests.lib.plain_view import described
from tests.lib.slow_values import chapter_of
from workbench.plan import Plan, Schema, check, nodes
from workbench.plan.codelists import SCHEMES, icd10


def rolled(to: Any, *codes: str) -> list[Any]:
    drawn = "person | place\n" + "\n".join(f"{at} | {code}" for at, code in enumerate(codes))
    return values(nodes.RollUp(to=to, operand=col("place")), drawn)


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("icd10_chapter", ["IX", "II", "XX", "XIX", None, None]),
        ("icd10_block", ["I20-I25", "D37-D48", "V01-X59", "T36-T50", None, None]),
        ("icd10_category", ["I21", "D48", "W19", "T50", None, None]),
    ],
)
def test_diagnoses_belong_to_categories_blocks_and_chapters(to: Any, expected: list[Any]) -> None:
    assert rolled(to, "I21.4", "D489", "W19", "T50.9", "i21", "·") == expected


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("atc_1", ["C", "N", "C", None]),
        ("atc_2", ["C10", "N02", "C10", None]),
        ("atc_3", ["C10A", "N02B", None, None]),
        ("atc_4", ["C10AA", "N02BE", None, None]),
        ("atc_5", ["C10AA05", None, None, None]),
    ],
)
def test_medicines_belong_to_the_five_levels(to: Any, expected: list[Any]) -> None:
    assert rolled(to, "C10AA05", "N02BE", "C10", "X99") == expected


def test_municipalities_belong_to_counties_and_health_regions() -> None:
    assert rolled("county", "0301", "5001", "1601", "9999") == ["03", "50", "16", None]
    assert rolled("health_region", "0301", "5001", "1103", "5401") == [
        "south_east", "central", "west", "north",
    ]  # fmt: skip


def test_a_listed_roll_up_is_a_dimension_with_labels() -> None:
    chapter = nodes.RollUp(to="icd10_chapter", operand=col("place"))
    cohort = nodes.Derive(
        frame=PERSON_FRAME, columns=(nodes.Derived(name="chapter", value=chapter),)
    )
    checked = check(
        Plan(analysis=nodes.Count(cohort=cohort, by=("chapter",))), Schema.from_view(described(9))
    )
    (dimension,) = checked.dimensions

    assert dimension.codes == (*icd10.CHAPTER_LABELS, "")
    assert dimension.labels["IX"]["nb"] == "IX Sykdommer i sirkulasjonssystemet"


def test_blocks_lie_within_their_chapters_and_do_not_overlap() -> None:
    previous = ("", "")
    for block in icd10.BLOCKS:
        low, high = block.split("-")
        assert low <= high
        assert chapter_of(low) == chapter_of(high) is not None
        assert low > previous[1] or low[0] == "U", block
        previous = (low, high)


def test_chapters_cover_every_block_and_nothing_twice() -> None:
    held = [
        number
        for category in ("A00", "D48", "D50", "H59", "H60", "T98", "V01", "Y98", "Z99", "U07")
        for number, low, high in icd10.CHAPTERS
        if low <= category <= high
    ]

    assert held == ["I", "II", "III", "VII", "VIII", "XIX", "XX", "XX", "XXI", "XXII"]


@pytest.mark.parametrize("name", sorted(SCHEMES))
def test_every_category_of_a_table_is_listed(name: str) -> None:
    scheme = SCHEMES[name]

    if scheme.table is None:
        assert scheme.form
        assert scheme.levels is None
    else:
        assert scheme.levels is not None
        assert set(scheme.table.values()) == set(scheme.levels)
        assert all(len(start) == scheme.length for start in scheme.table)
