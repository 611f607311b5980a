"""Results that are no plain tables: blocks as frames, as HTML and as text."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import polars as pl

from workbench.sdk.marks import LOOKS, SIGNS, WITHHELD, WORDS, legend_html

__all__ = ["block_frame", "blocks_html", "blocks_text"]

_TYPES: dict[str, Any] = {
    "code": pl.String,
    "text": pl.String,
    "persons": pl.Int64,
    "integer": pl.Int64,
    "number": pl.Float64,
}
_WORDS = {"en": {"": "(missing)", "Σ": "All"}, "nb": {"": "(mangler)", "Σ": "Alle"}}
_NOTE = "margin: 0 0 6px 0; max-width: 60em; text-align: left; font-size: 90%; line-height: 1.4"


def block_frame(block: Mapping[str, Any]) -> pl.DataFrame:
    """A block as a frame: its columns by name, null where withheld or undefined."""
    schema = {one["name"]: _TYPES[one["kind"]] for one in block["columns"]}
    return pl.DataFrame(block["rows"], schema=schema, orient="row")


def blocks_html(body: Mapping[str, Any], language: str) -> str:
    """All blocks, one table each, with captions and header scopes, and what their marks mean."""
    labels = _Labels(body, language)
    tables = "".join(_html(one, labels) for one in body["blocks"])
    found = {look for one in body["blocks"] for look in labels.looks(one).values()}
    legend = [legend_html(mark, labels.means(mark), _NOTE) for mark in SIGNS if mark in found]
    return tables + "".join(legend)


def blocks_text(body: Mapping[str, Any], language: str) -> list[str]:
    """All blocks as lines of plain text."""
    labels = _Labels(body, language)
    lines: list[str] = []
    for block in body["blocks"]:
        table = [[labels.heading(one) for one in block["columns"]], *labels.rows(block)]
        widths = [max(len(line[at]) for line in table) for at in range(len(table[0]))]
        lines += [labels.of(block["title"]), ""]
        lines += [
            "  ".join(
                text.ljust(width) if left else text.rjust(width)
                for text, width, left in zip(line, widths, _leftward(block), strict=True)
            ).rstrip()
            for line in table
        ]
        lines.append("")
    return lines


class _Labels:
    def __init__(self, body: Mapping[str, Any], language: str) -> None:
        self._language = language
        self._words = _WORDS.get(language, _WORDS["en"])
        self._codes = {one["name"]: one["labels"] for one in body["dimensions"]}

    def of(self, text: Mapping[str, str]) -> str:
        return str(text.get(self._language) or text.get("en") or "")

    def means(self, mark: str) -> str:
        """What a mark means."""
        return WORDS.get(self._language, WORDS["en"])[mark]

    def looks(self, block: Mapping[str, Any]) -> Mapping[tuple[int, int], str]:
        """The look of each marked number, by row and column: several rules may withhold one."""
        return {
            (row, column): "noisy" if mark == "noisy" else "withheld"
            for row, column, mark in block["marks"]
            if mark == "noisy" or block["rows"][row][column] is None
        }

    def heading(self, column: Mapping[str, Any]) -> str:
        unit = f" ({column['unit']})" if column["unit"] else ""
        return (self.of(column["label"]) or str(column["name"])) + unit

    def rows(self, block: Mapping[str, Any]) -> list[list[str]]:
        marked = {(row, column): mark for row, column, mark in block["marks"]}
        return [
            [
                self._cell(column, value, marked.get((at, place), ""))
                for place, (column, value) in enumerate(zip(block["columns"], row, strict=True))
            ]
            for at, row in enumerate(block["rows"])
        ]

    def _cell(self, column: Mapping[str, Any], value: object, mark: str) -> str:
        if value is None:
            return WITHHELD if mark else "–"
        if column["kind"] == "code":
            code = str(value)
            labels = self._codes.get(column["name"], {}).get(code, {})
            return self._words.get(code) or self.of(labels) or code
        text = f"{value:.6g}" if isinstance(value, float) else str(value)
        return f"{SIGNS['noisy']} {text}" if mark == "noisy" else text


def _leftward(block: Mapping[str, Any]) -> Sequence[bool]:
    return [one["kind"] in ("code", "text") for one in block["columns"]]


def _html(block: Mapping[str, Any], labels: _Labels) -> str:
    left = _leftward(block)
    style = [f"text-align: {'left' if one else 'right'}; padding: 4px 12px" for one in left]
    head = "".join(
        f'<th scope="col" style="{css}">{escape(labels.heading(one))}</th>'
        for one, css in zip(block["columns"], style, strict=True)
    )
    looks = labels.looks(block)
    lines = []
    for at, row in enumerate(labels.rows(block)):
        cells = zip(row, style, strict=True)
        shown = [_shown(text, css, looks.get((at, place), ""), labels)
                 for place, (text, css) in enumerate(cells)]  # fmt: skip
        lines.append(f"<tr>{''.join(shown)}</tr>")
    rows = "".join(lines)
    caption = escape(labels.of(block["title"]))
    return (
        '<table class="wb-block" style="border-collapse: collapse; margin: 0 0 12px 0; '
        'font-variant: tabular-nums"><caption style="text-align: left; caption-side: top; '
        f'font-weight: bold">{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _shown(text: str, css: str, look: str, labels: _Labels) -> str:
    told = escape(text)
    if not look:
        return f'<td style="{css}">{told}</td>'
    hint = escape(labels.means(look), quote=True)
    marked = f'<abbr title="{hint}">{told}</abbr>'
    return f'<td class="wb-{look}" style="{css}; {LOOKS[look]}">{marked}</td>'
