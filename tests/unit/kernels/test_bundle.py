"""Displays: each kind of content has its own check, and what has none is dropped."""

import base64

import pytest

from kernels.host.relay.bundle import TEXT_LIMIT, clean_bundle, clean_text
from kernels.host.relay.svg import SVG_LIMIT, clean_svg

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"x" * 20).decode()
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {}</svg>'


@pytest.mark.parametrize(
    "kind",
    [
        "application/javascript",
        "application/vnd.jupyter.widget-view+json",
        "application/vnd.vegalite.v5+json",
        "application/vnd.plotly.v1+json",
        "application/pdf",
        "text/x-anything",
    ],
)
def test_kinds_without_a_check_are_dropped_with_a_word(kind: str) -> None:
    data, _ = clean_bundle({kind: "alert(1)"}, {})
    assert data == {"text/plain": "[this kind of output is not shown in the workbench]"}
    data, _ = clean_bundle({kind: "alert(1)", "text/plain": "shown"}, {})
    assert data == {"text/plain": "shown"}


def test_an_image_is_an_image_and_keeps_its_size() -> None:
    metadata = {
        "image/png": {"width": 300, "height": 2.5, "onload": 1}, "isolated": True,
    }  # fmt: skip
    data, sizes = clean_bundle({"image/png": PNG[:10] + "\n" + PNG[10:]}, metadata)
    assert data == {"image/png": PNG}
    assert sizes == {"image/png": {"width": 300, "height": 2.5}}


@pytest.mark.parametrize(
    "bad", ["<script>", PNG + "'onerror=", base64.b64encode(b"<svg/>").decode(), 7, ["a", 1], None]
)
def test_what_is_no_image_is_dropped(bad: object) -> None:
    data, _ = clean_bundle({"image/png": bad, "text/plain": "x"}, {})
    assert data == {"text/plain": "x"}


@pytest.mark.parametrize(
    ("kind", "text", "passes"),
    [
        ("text/markdown", "**bold** and `code`", True),
        ("text/markdown", "![](https://elsewhere.example/x)", False),
        ("text/markdown", "[x](javascript:alert(1))", False),
        ("text/markdown", "<img src=x>", False),
        ("text/markdown", "[x]: //elsewhere.example", False),
        ("text/latex", r"$\frac{a}{b}$", True),
        ("text/latex", r"$\href{javascript:alert(1)}{x}$", False),
    ],
)
def test_markdown_and_latex_pass_without_addresses(kind: str, text: str, passes: bool) -> None:
    data, _ = clean_bundle({kind: text, "text/plain": "x"}, {})
    assert (kind in data) is passes


@pytest.mark.parametrize("data", [None, 3, [], "x", {1: 2}, {"text/plain": {"a": 1}}])
def test_data_of_another_form_shows_nothing(data: object) -> None:
    clean, _ = clean_bundle(data, data)
    assert set(clean) <= {"text/plain"}


def test_long_text_is_cut_and_says_so() -> None:
    cut = clean_text("x" * (TEXT_LIMIT + 5))
    assert cut.startswith("x" * TEXT_LIMIT)
    assert "cut" in cut[TEXT_LIMIT:]


@pytest.mark.parametrize(
    "inner",
    [
        "><script>alert(1)</script>",
        ' onload="alert(1)">',
        "><foreignObject><p>x</p></foreignObject>",
        '><a href="javascript:alert(1)"><text>x</text></a>',
        '><use href="https://elsewhere.example/x.svg#a"/>',
        '><image xlink:href="https://elsewhere.example/x.png"/>',
        "><style>@import url(https://elsewhere.example)</style>",
        '><rect fill="url(https://elsewhere.example/x)"/>',
        '><animate attributeName="href" values="javascript:alert(1)"/>',
        '><rect style="background:u\\72l(x)"/>',
    ],
)
def test_a_drawing_cannot_act_or_fetch(inner: str) -> None:
    cleaned = clean_svg(SVG.format(inner))
    assert cleaned is not None
    for word in ("script", "onload", "foreign", "elsewhere", "animate", "<style", "<a ", "\\"):
        assert word not in cleaned


def test_a_plain_drawing_stays() -> None:
    plot = '><defs><clipPath id="c"><rect width="3" height="4"/></clipPath></defs>'
    plot += '<g clip-path="url(#c)"><path d="M 0 0 L 1 1" style="stroke: #1f77b4"/></g>'
    plot += '<use xlink:href="#c"/>'
    cleaned = clean_svg(SVG.format(plot))
    assert cleaned is not None
    for part in ('clip-path="url(#c)"', 'd="M 0 0 L 1 1"', "stroke: #1f77b4", 'href="#c"'):
        assert part in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<svg>",
        "<html/>",
        '<!DOCTYPE svg [<!ENTITY a "x">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        "x" * (SVG_LIMIT + 1),
        SVG.format(">" + "<g>" * 20_000),
        SVG.format(">" + "<g>" * 20_000 + "</g>" * 20_000),
    ],
)
def test_what_is_no_drawing_or_could_grow_is_dropped(text: str) -> None:
    assert clean_svg(text) is None
