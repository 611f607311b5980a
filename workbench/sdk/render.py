"""A release as HTML and text: accessible, without script, every piece escaped.

The engine renders with this for displays that are filled from the release store; a notebook uses
the same for its own objects.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from workbench.sdk.grid import Grid, laid_out

__all__ = ["as_html", "as_text"]


def as_html(release: str, body: Mapping[str, Any], language: str = "en") -> str:
    """A table with caption, header scopes and marks, then findings and the release's id."""
    grid = laid_out(body, language)
    caption = escape(str(body["explained"]))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in (*grid.corner, *grid.columns))
    rows = "".join(_row(titles, cells) for titles, cells in grid.rows)
    notes = "".join(f"<li>{escape(text)}</li>" for text in _notes(body, language))
    return (
        f'<table class="wb-release"><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        + (f'<ul class="wb-findings">{notes}</ul>' if notes else "")
        + f'<p class="wb-certificate">Release <code>{escape(release)}</code>, certified.</p>'
    )


def as_text(release: str, body: Mapping[str, Any], language: str = "en") -> str:
    """The same in columns of plain text."""
    grid = laid_out(body, language)
    lines = _columns(grid)
    notes = [f"- {text}" for text in _notes(body, language)]
    return "\n".join([str(body["explained"]), "", *lines, "", *notes, f"Release {release}"])


def _row(titles: Sequence[str], cells: Sequence[Any]) -> str:
    heads = "".join(f'<th scope="row">{escape(title)}</th>' for title in titles)
    values = []
    for cell in cells:
        text = escape(cell.text)
        if cell.hint:
            hint = escape(cell.hint, quote=True)
            text = f'<abbr title="{hint}" aria-label="{hint}">{text}</abbr>'
        mark = f' class="wb-{escape(cell.mark, quote=True)}"' if cell.mark else ""
        values.append(f"<td{mark}>{text}</td>")
    return f"<tr>{heads}{''.join(values)}</tr>"


def _notes(body: Mapping[str, Any], language: str) -> list[str]:
    notes = []
    for finding in body["findings"]:
        text = finding["text"].get(language) or finding["text"].get("en", "")
        remedy = finding["remedy"].get(language) or finding["remedy"].get("en", "")
        notes.append(" ".join(part for part in (text, remedy) if part))
    return notes


def _columns(grid: Grid) -> list[str]:
    table = [[*grid.corner, *grid.columns]]
    for titles, cells in grid.rows:
        marks = {"primary": "p", "complementary": "c"}
        table.append([*titles, *(f"{one.text}{marks.get(one.mark, '')}" for one in cells)])
    widths = [max(len(line[place]) for line in table) for place in range(len(table[0]))]
    left = len(grid.corner)
    return [
        "  ".join(
            text.ljust(width) if place < left else text.rjust(width)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in table
    ]
