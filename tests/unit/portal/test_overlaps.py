"""The diagram of overlaps: a column a group, a line a release over the columns of its persons."""

from typing import Any

import pytest

from workbench.portal.overlaps import LEFT, WIDTH, picture_of_overlaps


def told(*groups: tuple[list[int], int | None], releases: int = 2) -> dict[str, Any]:
    return {
        "releases": [
            {"release": f"{at:016x}", "created": "2026-11-25T12:00:00+00:00", "kind": "count",
             "explained": "Count the persons."} for at in range(releases)
        ],
        "groups": [{"in": inside, "persons": persons} for inside, persons in groups],
        "threshold": 10,
        "left_out": {"releases": 0, "groups": 0},
    }  # fmt: skip


def test_columns_fill_the_width_by_their_persons() -> None:
    picture = picture_of_overlaps(told(([0, 1], 300), ([1], 100)))

    widths = {one.persons: one.width for one in picture.columns}
    assert widths == {300: WIDTH * 3 / 4, 100: WIDTH / 4}
    assert picture.columns[0].x == LEFT
    assert picture.columns[1].x == LEFT + picture.columns[0].width


def test_a_release_covers_the_columns_of_its_persons_in_one_piece_where_they_touch() -> None:
    picture = picture_of_overlaps(told(([1], 100), ([0, 1], 100), ([0], 100)))
    first, second = picture.rows

    assert len(first.bars) == len(second.bars) == 1
    for row in (first, second):
        assert row.bars[0].width == pytest.approx(WIDTH * 2 / 3, abs=0.2)
    shared = [one for one in picture.columns if all(one.inside)]
    assert first.bars[0].x <= shared[0].x <= second.bars[0].x + second.bars[0].width


def test_a_group_below_the_threshold_is_seen_however_many_others_there_are() -> None:
    picture = picture_of_overlaps(told(([0, 1], 1_000_000), ([0], None), ([1], 20)))

    few = next(one for one in picture.columns if one.persons is None)
    assert few.width >= 16
    assert picture.few == 1
    assert not few.labelled
    assert all(one.width >= 16 for one in picture.columns)
    last = picture.columns[-1]
    assert last.x + last.width == pytest.approx(LEFT + WIDTH, abs=0.3)


def test_nothing_released_is_an_empty_picture() -> None:
    picture = picture_of_overlaps(told(releases=0))

    assert picture.rows == ()
    assert picture.columns == ()
