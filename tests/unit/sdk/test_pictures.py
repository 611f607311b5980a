"""Pictures of releases: released numbers only, told apart without colour, drawn offline."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from kernels.host.relay.svg import clean_svg
from tests.unit.sdk.test_release import ANSWER, BODY
from workbench.sdk.pictures import picture_of
from workbench.sdk.refused import Refused
from workbench.sdk.release import Release


def body(**changed: Any) -> dict[str, Any]:
    return copy.deepcopy(BODY) | {"variables": {}} | changed


def numbers(spec: Any) -> list[float]:
    if isinstance(spec, dict):
        return [n for key, value in spec.items() if key != "config" for n in numbers(value)]
    if isinstance(spec, list):
        return [n for value in spec for n in numbers(value)]
    return [spec] if isinstance(spec, (int, float)) and not isinstance(spec, bool) else []


def test_a_cross_table_is_a_shaded_grid_with_its_numbers_and_labels() -> None:
    svg = picture_of(body(), "nb").svg

    for text in ("Kvinne", "Mann", "Kjønn", "Personer", ">20<", ">50<"):
        assert text in svg
    assert "(mangler)" not in svg, "the missing category is empty throughout"


def test_a_withheld_cell_is_drawn_as_withheld_and_brings_no_number() -> None:
    layers = picture_of(body()).spec["layer"]
    withheld = [layer for layer in layers if layer.get("data")]

    assert [one["data"]["values"][0]["n"] for one in withheld] == [None, None]
    assert withheld[0]["mark"]["color"] == "#e0e0e0"


@pytest.mark.parametrize("dimensions", [0, 1, 2, 3])
def test_tables_of_every_size_can_be_drawn(dimensions: int) -> None:
    axes = [
        {"name": f"d{at}", "label": {"en": f"D{at}"}, "codes": ["x", "y"], "labels": {}}
        for at in range(dimensions)
    ]
    cells = [
        {"codes": [("x", "y")[at >> axis & 1] for axis in range(dimensions)],
         "values": {"n": 100 + at}, "mark": "", "reason": ""}
        for at in range(1 << dimensions)
    ]  # fmt: skip
    picture = picture_of(body(dimensions=axes, cells=cells))

    assert picture.svg.startswith("<svg")
    assert {one["values"]["n"] for one in cells} <= set(numbers(picture.spec))


def test_noise_is_drawn_as_an_interval_around_the_number() -> None:
    noisy = [
        {"codes": ["F"], "values": {"n": 50}, "mark": "noisy", "reason": "privacy"},
    ]
    spec = picture_of(
        body(dimensions=BODY["dimensions"][:1], cells=noisy, noise={"accuracy_95": 8})
    ).spec
    (interval,) = spec["layer"][-1]["data"]["values"]

    assert (interval["low"], interval["high"]) == (42, 58)


def test_what_is_shown_passes_the_gate_as_it_is() -> None:
    shown = Release(ANSWER).plot()._repr_mimebundle_()
    clean = clean_svg(shown["image/svg+xml"])

    assert clean is not None
    assert clean.count("<text") == shown["image/svg+xml"].count("<text")


def test_a_kind_without_a_picture_is_refused_with_a_way_out() -> None:
    with pytest.raises(Refused, match="to_polars"):
        picture_of(body(kind="unheard_of"))


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "json"])
def test_a_picture_is_saved_in_the_forms_that_journals_take(tmp_path: Path, suffix: str) -> None:
    saved = picture_of(body()).save(tmp_path / f"figure.{suffix}")

    begins = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "json": b"{"}[suffix]
    assert saved.read_bytes().startswith(begins)


def test_an_unknown_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="svg"):
        picture_of(body()).save(tmp_path / "figure.doc")


def test_an_altair_chart_holds_the_same_drawing() -> None:
    chart = picture_of(body()).to_altair()

    assert json.loads(chart.to_json())["description"] == BODY["explained"]
