"""A release as HTML and text: accessible, without script, every piece escaped.

The engine renders with this for displays that are filled from the release store; a notebook uses
the same for its own objects. Styles stand on the elements, because a notebook's page passes no
style sheet, and take the page's own colours, because it may be light or dark.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from workbench.sdk.blocks import blocks_html, blocks_text
from workbench.sdk.grid import Grid, GridCell, laid_out
from workbench.sdk.marks import LOOKS, SIGNS, legend_html

__all__ = ["as_html", "as_text"]


_LINE = "1px solid rgba(128, 128, 128, 0.45)"
_NARROW = "\u202f"
"""The narrow no-break space that parts thousands in every language (ISO 80000-1, 7.3.1)."""
_STYLE = {
    "figure": "margin: 0 0 8px 0",
    "figcaption": "margin: 0 0 8px 0; max-width: 60em; text-align: left; line-height: 1.4",
    "table": f"border-collapse: collapse; margin: 0; width: auto; border-bottom: {_LINE}; "
    "font-variant: tabular-nums",
    "corner": "text-align: left; vertical-align: bottom; padding: 4px 16px 4px 8px",
    "across": f"text-align: center; padding: 4px 8px; font-weight: normal; border-bottom: {_LINE}",
    "column": "text-align: right; vertical-align: bottom; padding: 4px 8px 4px 24px",
    "row": "text-align: left; vertical-align: top; padding: 4px 16px 4px 8px; font-weight: normal",
    "cell": "text-align: right; padding: 4px 8px 4px 24px; white-space: nowrap",
    "note": "margin: 6px 0 0 0; max-width: 60em; text-align: left; font-size: 90%; "
    "line-height: 1.4",
}
_CERTIFIED = {
    "en": "Release {}, certified.",
    "nb": "Utgivelse {}, sertifisert.",
}


def as_html(release: str, body: Mapping[str, Any], language: str = "en") -> str:
    """The question in words, the table with header scopes, its legend, findings, release id."""
    if "blocks" in body:
        return _framed(release, body, language, blocks_html(body, language))
    grid = laid_out(body, language)
    legend = "".join(legend_html(mark, text, _STYLE["note"]) for mark, text in grid.legend)
    table = (
        f'<table style="{_STYLE["table"]}"><thead>{_head(grid)}</thead>'
        f"<tbody>{_rows(grid)}</tbody></table>{legend}"
    )
    return _framed(release, body, language, table)


def as_text(release: str, body: Mapping[str, Any], language: str = "en") -> str:
    """The same in columns of plain text."""
    shown = "blocks" in body
    lines = blocks_text(body, language) if shown else _columns(laid_out(body, language))
    notes = [f"- {text}" for text in _notes(body, language)]
    return "\n".join([str(body["explained"]), "", *lines, "", *notes, f"Release {release}"])


def _framed(release: str, body: Mapping[str, Any], language: str, shown: str) -> str:
    """What is shown, with the question above and the findings and the release id below."""
    notes = "".join(
        f'<p class="wb-finding" style="{_STYLE["note"]}">{escape(text)}</p>'
        for text in _notes(body, language)
    )
    code = f"<code>{escape(release)}</code>"
    certified = _CERTIFIED.get(language, _CERTIFIED["en"]).format(code)
    return (
        f'<figure class="wb-release" style="{_STYLE["figure"]}">'
        f'<figcaption style="{_STYLE["figcaption"]}">{escape(str(body["explained"]))}</figcaption>'
        f"{shown}{notes}"
        f'<p class="wb-certificate" style="{_STYLE["note"]}; opacity: 0.75">{certified}</p>'
        "</figure>"
    )


def _head(grid: Grid) -> str:
    deep = ' rowspan="2"' if grid.across else ""
    corner = "".join(_heading("col", "corner", name, deep) for name in grid.corner)
    columns = "".join(_heading("col", "column", name) for name in grid.columns)
    if not grid.across:
        return f"<tr>{corner}{columns}</tr>"
    wide = f' colspan="{len(grid.columns)}"'
    across = _heading("colgroup", "across", grid.across, wide)
    return f"<tr>{corner}{across}</tr><tr>{columns}</tr>"


def _rows(grid: Grid) -> str:
    """The rows; a heading that several rows share stands once before them."""
    lines = []
    titles = [row.titles for row in grid.rows]
    for at, row in enumerate(grid.rows):
        grouped = len(row.titles) > 1 and titles[at - 1][0] != row.titles[0]
        line = f"border-top: {_LINE}" if row.total or grouped or at == 0 else ""
        heads = []
        for level in range(1, len(row.titles) + 1):
            shared = row.titles[:level]
            if at and titles[at - 1][:level] == shared:
                continue
            rows = 1
            while at + rows < len(titles) and titles[at + rows][:level] == shared:
                rows += 1
            span = f' rowspan="{rows}"' if rows > 1 else ""
            scope = "rowgroup" if rows > 1 else "row"
            heads.append(_heading(scope, "row", shared[-1], span, line))
        cells = "".join(_shown(cell, line) for cell in row.cells)
        lines.append(f"<tr>{''.join(heads)}{cells}</tr>")
    return "".join(lines)


def _heading(scope: str, style: str, text: str, span: str = "", more: str = "") -> str:
    css = "; ".join(filter(None, (_STYLE[style], more)))
    return f'<th scope="{scope}"{span} style="{css}">{escape(text)}</th>'


def _shown(cell: GridCell, more: str) -> str:
    text = escape(cell.text if cell.value is None else _number(cell.value))
    if cell.mark:
        sign = SIGNS[cell.mark]
        close = "" if cell.near is None else f"{_NARROW}±{_NARROW}{_number(cell.near)}"
        told = sign if cell.value is None else f"{sign} {text}{close}"
        text = f'<abbr title="{escape(cell.hint, quote=True)}">{told}</abbr>'
    bold = "font-weight: bold" if cell.total else ""
    css = "; ".join(filter(None, (_STYLE["cell"], bold, more, LOOKS.get(cell.mark, ""))))
    mark = f' class="wb-{escape(cell.mark, quote=True)}"' if cell.mark else ""
    return f'<td{mark} style="{css}">{text}</td>'


def _number(value: int | float) -> str:
    """12 345.6 with narrow spaces and a true minus, for reading; text and frames stay plain."""
    plain = f"{value:.10g}" if isinstance(value, float) else str(value)
    sign, digits = ("−", plain[1:]) if plain.startswith("-") else ("", plain)
    whole, point, rest = digits.partition(".")
    grouped = f"{int(whole):,}".replace(",", _NARROW) if whole.isdecimal() else whole
    return f"{sign}{grouped}{point}{rest}"


def _notes(body: Mapping[str, Any], language: str) -> list[str]:
    notes = []
    for finding in body["findings"]:
        text = finding["text"].get(language) or finding["text"].get("en", "")
        remedy = finding["remedy"].get(language) or finding["remedy"].get("en", "")
        notes.append(" ".join(part for part in (text, remedy) if part))
    return notes


def _columns(grid: Grid) -> list[str]:
    table = [[*grid.corner, *grid.columns]]
    for row in grid.rows:
        withheld = [
            SIGNS[one.mark] if one.mark and one.value is None else one.text for one in row.cells
        ]
        table.append([*row.titles, *withheld])
    widths = [max(len(line[place]) for line in table) for place in range(len(table[0]))]
    left = len(grid.corner)
    return [
        "  ".join(
            text.ljust(width) if place < left else text.rjust(width)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in table
    ]
