"""Every kind of result has a picture, drawn from recorded releases of the synthetic nation."""

import copy
from typing import Any, get_args

import pytest

from kernels.host.relay.svg import clean_svg
from tests.lib.picture_book import BOOK, QUESTIONS, answers, pages
from workbench.plan import nodes
from workbench.sdk.pictures import WITHOUT, picture_of, pictured
from workbench.sdk.pictures.reading import Reading

KINDS = {one.model_fields["k"].default for one in get_args(get_args(nodes.Analysis)[0])} | {
    kind
    for one in get_args(get_args(nodes.Analysis)[0])
    for kind in get_args(one.model_fields["k"].annotation)
}
ANSWERS = answers()
DRAWN = sorted(set(ANSWERS) - set(WITHOUT))


def test_every_kind_of_analysis_has_a_picture_or_is_said_to_have_none() -> None:
    assert pictured().isdisjoint(WITHOUT)
    assert pictured() | set(WITHOUT) == KINDS - {None}, "see workbench/sdk/pictures, @draws"


def test_every_kind_of_analysis_is_in_the_picture_book() -> None:
    assert set(QUESTIONS) == set(ANSWERS) == KINDS - {None}, "ask: tests/lib/picture_book.py"
    assert all(ANSWERS[name]["kind"] == name for name in ANSWERS)


@pytest.mark.parametrize("name", DRAWN)
def test_a_release_is_drawn_in_both_languages_and_passes_the_gate_of_files(name: str) -> None:
    picture = picture_of(ANSWERS[name], "nb")

    assert picture.described == ANSWERS[name]["explained"]
    assert picture.to_altair().to_dict()["description"], "altair found it valid Vega-Lite"
    for svg in (picture.svg, pages()[BOOK / "pictures" / f"{name}.svg"]):
        clean = clean_svg(svg)
        assert clean is not None
        assert clean.count("<text") == svg.count("<text")
        assert "NaN" not in svg
        assert "null" not in svg


@pytest.mark.parametrize(
    "name", ["crosstab", "count", "describe", "histogram", "heatmap", "shares", "proportion"]
)
def test_a_release_of_which_all_is_withheld_is_drawn_without_a_number(name: str) -> None:
    body = copy.deepcopy(ANSWERS[name])
    held = {c for block in body.get("blocks", ()) for c in _counted(block)}
    for cell in body["cells"]:
        cell["values"] = dict.fromkeys(cell["values"])
    for block in body.get("blocks", ()):
        names = [column["name"] for column in block["columns"]]
        block["rows"] = [
            [None if name in held else value for name, value in zip(names, row, strict=True)]
            for row in block["rows"]
        ]
    picture = picture_of(body)

    assert picture.svg.startswith("<svg")
    for values in _values(picture.spec):
        assert not [one for one in values if one.get("n") or one.get("persons") or one.get("told")]


@pytest.mark.parametrize("name", ["kaplan_meier", "cumulative_incidence", "density", "clusters"])
def test_curves_differ_in_dashes_as_well_as_in_colour(name: str) -> None:
    svg = picture_of(ANSWERS[name]).svg

    assert 'stroke-dasharray="6,3"' in svg
    assert 'stroke="#0072B2"' in svg
    assert 'stroke="#D55E00"' in svg


def test_the_numbers_at_risk_stand_below_a_curve_where_they_were_released() -> None:
    svg = picture_of(ANSWERS["kaplan_meier"], "nb").svg
    reading = Reading(ANSWERS["kaplan_meier"])

    assert "Personer under risiko" in svg
    for row in reading.block("at_risk"):
        assert f">{row['at_risk']:,}<" in svg


def test_ratios_are_drawn_on_a_logarithmic_axis_around_one() -> None:
    layers = picture_of(ANSWERS["regression"]).spec["layer"]

    assert all(
        layer["encoding"]["x"]["scale"]["type"] == "log"
        for layer in layers
        if layer["encoding"]["x"].get("field")
    )
    assert layers[0]["data"]["values"] == [{"value": 1.0}]


def test_withheld_squares_of_a_heat_map_are_grey_and_bring_no_number() -> None:
    grey = [
        layer
        for layer in picture_of(ANSWERS["heatmap"]).spec["layer"]
        if layer["mark"].get("color") == "#e0e0e0"
    ]

    assert grey
    assert {row["persons"] for row in grey[0]["data"]["values"]} == {None}


def test_the_picture_book_is_drawn_from_these_answers() -> None:
    stale = [
        path.name
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]

    assert not stale, "python -m tests.lib.picture_book"


def test_the_picture_book_shows_no_picture_that_is_no_more() -> None:
    assert {path.stem for path in (BOOK / "pictures").glob("*.svg")} == set(DRAWN)


def _counted(block: Any) -> set[str]:
    """The columns of a block that are no categories and no public edges."""
    return {
        one["name"]
        for one in block["columns"]
        if one["kind"] != "code" and not one["name"].endswith(("_from", "_to"))
    }


def _values(spec: Any) -> list[list[Any]]:
    """The data of every layer."""
    if isinstance(spec, dict):
        own = [spec["values"]] if isinstance(spec.get("values"), list) else []
        parts = [value for key, value in spec.items() if key not in ("values", "axis")]
        return own + [one for part in parts for one in _values(part)]
    if isinstance(spec, list):
        return [one for part in spec for one in _values(part)]
    return []
