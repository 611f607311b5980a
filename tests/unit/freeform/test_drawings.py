"""Drawings and pages are made anew from what draws and reads; what else they held is gone."""

import pytest

from disclosure.findings import Severity
from disclosure.freeform import examine

SVG = (
    '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd">\n'
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="100">{}</svg>'
)
CANARY = "13897248098"


def drawn(inside: str) -> tuple[str, set[tuple[str, Severity]]]:
    made = examine("a.svg", SVG.format(inside).encode())
    rules = {(one.rule.removeprefix("freeform."), one.severity) for one in made.findings}
    return made.content.decode(), rules


def test_a_plain_drawing_stays_as_it_is_but_for_its_decimals() -> None:
    content, rules = drawn(
        '<g id="figure_1"><path d="M 1.23456789 2 L 3 4" style="fill: none; stroke: #1f77b4"/>'
        '<text x="1" y="2">Age, years</text></g>'
    )

    assert 'd="M 1.23 2 L 3 4"' in content
    assert 'viewBox="0 0 100 100"' in content
    assert 'style="fill: none; stroke: #1f77b4"' in content
    assert ">Age, years</text>" in content
    assert "figure_1" not in content
    assert rules == {("drawing", Severity.NOTE)}


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>steal()</script>",
        f"<script>{CANARY}</script>",
        f"<SCRIPT>{CANARY}</SCRIPT>",
        f"<metadata>{CANARY}</metadata>",
        f"<desc>{CANARY}</desc>",
        f"<title>{CANARY}</title>",
        f"<!-- {CANARY} -->",
        f"<foreignObject><p>{CANARY}</p></foreignObject>",
        f'<image href="data:image/png;base64,{CANARY}"/>',
        f'<a href="https://x.example/{CANARY}"><circle r="1"/></a>',
        f'<circle r="1" onload="{CANARY}"/>',
        f'<circle r="1" data-id="{CANARY}"/>',
        f'<circle r="1" style="background: url(http://x/{CANARY})"/>',
        f'<circle r="1" fill="url(http://x/{CANARY})"/>',
        f'<use href="other.svg#{CANARY}"/>',
        f"<style>@import 'http://x/{CANARY}'</style>",
        f'<animate attributeName="x" values="{CANARY}"/>',
        f"<g>{CANARY}</g>",
        f"<![CDATA[{CANARY}]]>",
        f'<set attributeName="href" to="{CANARY}"/>',
        f"<?php {CANARY} ?>",
    ],
)
def test_what_does_not_draw_is_not_in_the_file_any_more(hostile: str) -> None:
    content, rules = drawn(f"{hostile}<rect width='3' height='4'/>")

    assert CANARY not in content
    assert not any(word in content.lower() for word in ("script", "http://x", "onload", "data:"))
    assert '<rect width="3" height="4">' in content
    assert any(rule == "markup" for rule, _ in rules), rules


def test_entities_are_not_expanded_without_end() -> None:
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    made = examine("a.svg", f"{bomb}<svg><text>&b;</text></svg>".encode())

    assert len(made.content) < 200
    assert b"ENTITY" not in made.content


def test_identifiers_in_what_is_drawn_are_found() -> None:
    assert ("identifiers", Severity.BLOCKING) in drawn(f"<text>{CANARY}</text>")[1]
    assert ("identifiers", Severity.BLOCKING) in drawn(f'<path d="M {CANARY} 1"/>')[1]


def test_a_scatter_of_marks_is_a_scatter_of_persons() -> None:
    marks = "".join(f'<use href="#m" x="{n}" y="{n * 7 % 31}"/>' for n in range(120))

    assert ("drawing", Severity.BLOCKING) in drawn(marks)[1]
    assert ("drawing", Severity.NOTE) in drawn(marks[: len(marks) // 3])[1]


def test_deep_or_unfinished_drawings_bring_nothing_down() -> None:
    assert ("markup", Severity.BLOCKING) in drawn("<g>" * 5000)[1]
    assert examine("a.svg", b"<svg><script>").findings
    assert examine("a.svg", b"\xff\xfe").findings
    assert examine("a.svg", b"no drawing at all").findings


def test_a_page_keeps_its_text_and_its_tables_are_checked() -> None:
    page = (
        "<html><head><title>T</title><style>p{}</style></head><body onload=x()><p>Result</p>"
        '<img src="http://x/y"><a href="http://x">link</a>'
        "<table><tr><th>group</th><th>n</th></tr><tr><td>women</td><td>3</td></tr></table></body>"
    )

    made = examine("a.html", page.encode())
    rules = {(one.rule, one.severity) for one in made.findings}

    assert b"http" not in made.content
    assert b"link" in made.content
    assert b"<td>women</td>" in made.content
    assert ("freeform.markup", Severity.WITHHELD) in rules
    assert ("freeform.small_counts", Severity.BLOCKING) in rules
    assert made.content == examine("a.html", made.content).content


def test_a_drawing_by_matplotlib_is_made_anew_whole() -> None:
    """As its writer puts it: metadata, a style sheet, comments, glyphs used by reference."""
    content, rules = drawn(
        "<metadata><rdf:RDF/></metadata><defs><style type='text/css'>*{stroke-linejoin: round}"
        "</style></defs><g id='figure_1'><!-- 0.5 --><g style='fill: #262626' "
        "transform='translate(7.2 266.84252) scale(0.1 -0.1)'><defs><path id='DejaVuSans-30' "
        "d='M 2034 4250 Q 1547 4250'/></defs><use xlink:href='#DejaVuSans-30'/></g></g>"
        "<defs><clipPath id='p1'><rect x='57.6' y='34.56' width='357' height='266'/></clipPath>"
        "</defs><path d='M 1 1' clip-path='url(#p1)'/>"
    )

    assert '<use xlink:href="#DejaVuSans-30">' in content
    assert '<clipPath id="p1">' in content
    assert 'clip-path="url(#p1)"' in content
    assert "translate(7.2 266.8) scale(0.1 -0.1)" in content
    assert {severity for _, severity in rules} == {Severity.NOTE}
