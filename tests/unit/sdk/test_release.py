"""A release in words, rows and pictures."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kernels.host.relay.html import clean_html
from workbench.sdk.grid import laid_out
from workbench.sdk.marks import LOOKS
from workbench.sdk.release import MIME, Release
from workbench.sdk.render import as_html, as_text

BODY: dict[str, Any] = {
    "v": 1,
    "kind": "crosstab",
    "explained": "Count the persons by sex and <b>.",
    "dimensions": [
        {
            "name": "sex",
            "label": {"en": "Sex", "nb": "Kjønn"},
            "codes": ["F", "M", ""],
            "labels": {"F": {"en": "Female", "nb": "Kvinne"}, "M": {"en": "Male", "nb": "Mann"}},
        },
        {"name": "b", "label": {"en": "b"}, "codes": ["<40", "≥40"], "labels": {}},
    ],
    "statistics": ["n"],
    "variable": None,
    "cells": [
        {"codes": [a, b], "values": {"n": n}, "mark": mark, "reason": ""}
        for a, b, n, mark in [
            ("F", "<40", 20, ""), ("F", "≥40", None, "primary"), ("F", "Σ", None, "complementary"),
            ("M", "<40", 30, ""), ("M", "≥40", 50, "noisy"), ("M", "Σ", 80, ""),
            ("", "<40", 0, ""), ("", "≥40", 0, ""), ("", "Σ", 0, ""),
            ("Σ", "<40", 50, ""), ("Σ", "≥40", None, "complementary"), ("Σ", "Σ", 130, ""),
        ]
    ],
    "findings": [
        {"rule": "threshold", "severity": "withheld", "cells": 1,
         "text": {"en": "One & only.", "nb": "Bare én."}, "remedy": {"en": "Merge.", "nb": "Slå."}}
    ],
    "noise": None,
}  # fmt: skip
ANSWER = {"release": "a" * 16, "body": BODY, "certificate": {"signature": "x"}, "plan": "{}",
          "replayed": False}  # fmt: skip


def test_the_grid_puts_the_last_dimension_across_and_leaves_out_an_empty_missing_row() -> None:
    grid = laid_out(BODY)

    assert grid.corner == ("Sex",)
    assert grid.columns == ("<40", "≥40", "Total")
    assert [row.titles for row in grid.rows] == [("Female",), ("Male",), ("Total",)]
    assert [cell.text for cell in grid.rows[0].cells] == ["20", "·", "·"]
    assert grid.across == "b"


def test_a_missing_row_with_persons_is_shown() -> None:
    body = json.loads(json.dumps(BODY))
    body["cells"][6]["values"]["n"] = 12

    assert ("(missing)",) in [row.titles for row in laid_out(body).rows]


def test_a_withheld_missing_row_is_shown() -> None:
    body = json.loads(json.dumps(BODY))
    body["cells"][6] |= {"values": {"n": None}, "mark": "primary"}

    assert ("(missing)",) in [row.titles for row in laid_out(body).rows]


def test_the_page_says_why_a_cell_is_empty_and_holds_no_script() -> None:
    page = as_html("a" * 16, BODY)

    assert '<abbr title="withheld: too few persons' in page
    assert "≈ 50" in page
    assert "&lt;b&gt;" in page
    assert "One &amp; only. Merge." in page
    assert "a" * 16 in page
    assert page.count('scope="row"') == 3
    assert '<th scope="colgroup" colspan="3"' in page


def test_only_withheld_and_noisy_numbers_have_something_to_say() -> None:
    page = as_html("a" * 16, BODY)

    assert page.count("<abbr") == len([one for one in BODY["cells"] if one["mark"]])
    assert ">20</td>" in page
    assert page.count('class="wb-legend"') == 3  # primary, complementary, noisy


def test_what_a_page_passes_is_the_whole_table() -> None:
    page = as_html("a" * 16, BODY)
    passed = clean_html(page) or ""

    for tag in ("<figcaption style", "<table style", "<th", "<td", "<abbr title", "<p class"):
        assert passed.count(tag) == page.count(tag) > 0
    assert passed.count("text-align: right") == page.count("text-align: right") > 0


def test_thousands_are_parted_by_a_narrow_space_for_reading_only() -> None:
    body = json.loads(json.dumps(BODY))
    body["cells"][0]["values"]["n"] = 1234567
    body["cells"][4]["values"]["n"] = -1234

    assert ">1\u202f234\u202f567</td>" in as_html("a" * 16, body)
    assert "≈ −1\u202f234<" in as_html("a" * 16, body)
    assert "1234567" in as_text("a" * 16, body)
    assert "≈ -1234" in as_text("a" * 16, body)


def test_a_heading_that_rows_share_stands_once() -> None:
    body = json.loads(json.dumps(BODY)) | {"statistics": ["n", "mean"]}
    page = as_html("a" * 16, body)

    assert page.count('<th scope="rowgroup" rowspan="3"') == 3
    assert page.count("Female") == 1


def test_noise_says_how_near_the_true_number_is() -> None:
    body = BODY | {"noise": {"rho": "1/10", "scale": 2.2, "accuracy_95": 12}}

    assert "within ± 12 of the true number with 95 % probability" in as_html("a" * 16, body)
    assert "innenfor ± 12" in as_html("a" * 16, body, "nb")


def test_a_noisy_number_stands_with_its_interval() -> None:
    noise = {"rho": "1/10", "scale": 2.2, "accuracy_95": 12, "accuracy_of_sums": {}}
    body = BODY | {"noise": noise}

    assert "≈ 50\N{NARROW NO-BREAK SPACE}±\N{NARROW NO-BREAK SPACE}12" in as_html("a" * 16, body)
    assert "≈ 50 ± 12" in as_text("a" * 16, body)


@pytest.mark.parametrize(
    ("reason", "sign", "english", "norsk"),
    [
        ("threshold", "·p", "too few persons", "for få personer"),
        ("dominance", "·d", "make up most of it", "utgjør det meste"),
        ("ledger", "·l", "apart from an earlier release", "fra en tidligere utgivelse"),
    ],
)
def test_a_withheld_cell_says_why_by_sign_words_colour_and_line(
    reason: str, sign: str, english: str, norsk: str
) -> None:
    body = json.loads(json.dumps(BODY))
    body["cells"][1]["reason"] = reason
    page = as_html("a" * 16, body)

    assert as_text("a" * 16, body).splitlines()[3].split() == ["Female", "20", sign, "·c"]
    cell = next(one for one in page.split("<td") if f">{sign}<" in one)
    assert english in cell
    assert "background-color: rgba(" in cell
    assert "border-left: 3px" in cell
    assert f">{sign}</strong> withheld" in page
    assert norsk in as_html("a" * 16, body, "nb")
    assert "border-left: 3px" in clean_html(page)  # the relay lets the look through


def test_each_mark_has_a_line_of_its_own_and_text_stays_readable_on_its_colour() -> None:
    """WCAG 2.1, 1.4.3 and 1.4.1: contrast of at least 4.5, and never colour alone."""
    kinds = [re.search(r"3px (\w+)", look) for mark, look in LOOKS.items() if mark != "noisy"]
    assert len({found.group(1) for found in kinds if found}) == 5
    for look in LOOKS.values():
        red, green, blue, share = map(float, re.findall(r"rgba\(([^)]*)\)", look)[0].split(", "))
        for page, text in (((255, 255, 255), (33, 33, 33)), ((17, 17, 17), (224, 224, 224))):
            under = [
                share * tint + (1 - share) * own
                for tint, own in zip((red, green, blue), page, strict=True)
            ]
            assert contrast(under, text) >= 4.5


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    def light(colour: Sequence[float]) -> float:
        parts = [
            c / 12.92 if (c := channel / 255) <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
            for channel in colour
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_the_page_speaks_norwegian() -> None:
    page = as_html("a" * 16, BODY, "nb")

    for text in ("Kjønn", "Kvinne", "I alt", "prikket", "Bare én."):
        assert text in page


def test_the_text_marks_primary_and_complementary_cells() -> None:
    lines = as_text("a" * 16, BODY).splitlines()

    assert lines[3].split() == ["Female", "20", "·p", "·c"]


def test_a_release_is_a_frame_with_nulls_where_withheld() -> None:
    frame = Release(ANSWER).to_polars()

    assert frame.columns == ["sex", "b", "n", "mark"]
    assert frame.filter(sex="F", b="≥40")["n"].to_list() == [None]
    assert frame.filter(sex="M", b="Σ")["n"].to_list() == [80]
    assert Release(ANSWER).marks["F", "≥40"] == "primary"


def test_a_display_names_the_release() -> None:
    bundle = Release(ANSWER)._repr_mimebundle_()

    assert bundle[MIME] == {"release": "a" * 16}
    assert {"text/plain", "text/html"} <= bundle.keys()


@pytest.mark.parametrize("name", ["table.json"])
def test_the_certificate_is_saved_with_its_content(tmp_path: Path, name: str) -> None:
    saved = Release(ANSWER).save_certificate(tmp_path / name)

    assert json.loads(saved.read_text()) == {
        "certificate": {"signature": "x"}, "body": BODY, "plan": "{}",
    }  # fmt: skip


def test_a_withheld_part_of_a_result_says_why_too() -> None:
    block = {
        "name": "rates", "title": {"en": "Rates", "nb": "Rater"},
        "columns": [{"name": "events", "kind": "persons", "label": {"en": "Events"}, "unit": ""}],
        "rows": [[None], [40], [12]], "marks": [[0, 0, "primary"], [2, 0, "noisy"]],
    }  # fmt: skip
    body = {key: BODY[key] for key in ("kind", "explained", "findings", "noise")}
    body |= {"dimensions": [], "blocks": [block]}
    page = as_html("a" * 16, body)

    assert page.count('class="wb-legend"') == 2
    assert '<td class="wb-withheld"' in page
    assert "withheld: too few persons, or" in page
    assert "≈ 12</abbr>" in page
    assert "prikket: for få personer" in as_html("a" * 16, body, "nb")
    assert page.count("background-color") == 4  # each mark once in the table and in the legend
