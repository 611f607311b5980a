"""A released table laid out as rows and columns of cells, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from workbench.sdk.marks import SIGNS, WITHHELD, WORDS

__all__ = ["MARGIN", "Grid", "GridCell", "GridRow", "laid_out"]

MARGIN = "Σ"
_WORDS = {
    "en": {
        MARGIN: "Total",
        "": "(missing)",
        "n": "persons",
        "mean": "mean",
        "sd": "sd",
        "accuracy": "with noise: within ± {} of the true number with 95 % probability",
    },
    "nb": {
        MARGIN: "I alt",
        "": "(mangler)",
        "n": "personer",
        "mean": "gjennomsnitt",
        "sd": "standardavvik",
        "accuracy": "med støy: innenfor ± {} av det sanne tallet med 95 % sannsynlighet",
    },
}


@dataclass(frozen=True)
class GridCell:
    """What stands in a cell: a number, or None and a text; mark and hint say why it looks so.

    mark: a key of SIGNS, or "". near: with noise, how far the true number is with 95 %, at most.
    """

    text: str
    value: int | float | None = None
    mark: str = ""
    hint: str = ""
    total: bool = False
    near: float | None = None


@dataclass(frozen=True)
class GridRow:
    """titles: its headings, one a corner; total: whether it sums the rows above."""

    titles: tuple[str, ...]
    cells: tuple[GridCell, ...]
    total: bool = False


@dataclass(frozen=True)
class Grid:
    """corner: names over the row headings; columns in words; across: what they are categories of.

    legend: the marks that occur (keys of SIGNS), each with what it means.
    """

    corner: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[GridRow, ...]
    across: str
    legend: tuple[tuple[str, str], ...]


def laid_out(body: Mapping[str, Any], language: str = "en") -> Grid:
    """The grid of a release's body: the last dimension goes across when there is one statistic."""
    words = _words(body, language)
    dimensions: Sequence[Mapping[str, Any]] = body["dimensions"]
    statistics: Sequence[str] = body["statistics"]
    cells = {tuple(one["codes"]): one for one in body["cells"]}
    axes = [_shown(place, one, cells) for place, one in enumerate(dimensions)]
    across = len(dimensions) > 1 and len(statistics) == 1
    down = axes[:-1] if across else axes
    heads = [_Headings(one, words, language) for one in dimensions]
    rows = []
    for codes in product(*down):
        if across:
            places = [(*codes, last) for last in axes[-1]]
            line = [_cell(body, cells.get(place), statistics[0], words) for place in places]
        else:
            line = [_cell(body, cells.get(codes), name, words) for name in statistics]
        titles = tuple(head.of(code) for head, code in zip(heads, codes, strict=False))
        rows.append(GridRow(titles, tuple(line), codes[-1:] == (MARGIN,)))
    columns = (
        tuple(heads[-1].of(code) for code in axes[-1])
        if across
        else tuple(words.get(name, name) for name in statistics)
    )
    corner = tuple(head.name for head in heads[: len(down)])
    marks = {cell.mark for row in rows for cell in row.cells}
    legend = tuple((mark, words[mark]) for mark in SIGNS if mark in marks)
    return Grid(corner, columns, tuple(rows), heads[-1].name if across else "", legend)


def _words(body: Mapping[str, Any], language: str) -> Mapping[str, str]:
    language = language if language in _WORDS else "en"
    words: dict[str, str] = {**_WORDS[language], **WORDS[language]}
    noise = body.get("noise")
    if noise is None or noise["accuracy_95"] is None:
        return words
    return words | {"noisy": words["accuracy"].format(f"{noise['accuracy_95']:g}")}


def _near(body: Mapping[str, Any], found: Mapping[str, Any]) -> float | None:
    """With noise, how near the true count is; of a margin as of a sum of so many cells."""
    noise = body.get("noise") or {}
    if MARGIN not in found["codes"]:
        near = noise.get("accuracy_95")
    else:
        pairs = zip(found["codes"], body["dimensions"], strict=True)
        cells = prod(len(one["codes"]) for code, one in pairs if code == MARGIN)
        near = (noise.get("accuracy_of_sums") or {}).get(str(cells))
    return None if near is None else float(near)


def _why(found: Mapping[str, Any]) -> str:
    """The sign's name: the mark, and of a primary cell the rule that withheld it."""
    mark, reason = str(found["mark"]), str(found.get("reason") or "")
    return reason if mark == "primary" and reason in SIGNS else mark


class _Headings:
    def __init__(
        self, dimension: Mapping[str, Any], words: Mapping[str, str], language: str
    ) -> None:
        label = dimension.get("label") or {}
        self.name = str(label.get(language) or dimension["name"])
        self._labels = dimension.get("labels") or {}
        self._words = words
        self._language = language

    def of(self, code: str) -> str:
        if code in (MARGIN, ""):
            return self._words[code]
        labels = self._labels.get(code) or {}
        return str(labels.get(self._language) or labels.get("en") or code)


def _shown(
    place: int, dimension: Mapping[str, Any], cells: Mapping[tuple[str, ...], Mapping[str, Any]]
) -> list[str]:
    """The codes of an axis that the table has, without a missing category that is all zeros."""
    codes = [*dimension["codes"], MARGIN]
    used = {key[place] for key in cells}
    missing = [one for key, one in cells.items() if key[place] == ""]
    empty = all(one["mark"] == "" and one["values"].get("n") == 0 for one in missing)
    return [code for code in codes if code in used and not (code == "" and empty)]


def _cell(
    body: Mapping[str, Any],
    found: Mapping[str, Any] | None,
    statistic: str,
    words: Mapping[str, str],
) -> GridCell:
    if found is None:
        return GridCell("")
    value, mark = found["values"].get(statistic), str(found["mark"])
    why = _why(found)
    hint = words[why] if why else ""
    total = MARGIN in found["codes"]
    if value is None:
        withheld = mark in ("primary", "complementary")
        return GridCell(WITHHELD if withheld else "–", None, why, hint, total)
    near = _near(body, found) if mark == "noisy" and statistic == "n" else None
    if near is not None:
        hint = words["accuracy"].format(f"{near:g}")
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    close = "" if near is None else f" ± {near:g}"
    shown = f"≈ {text}{close}" if mark == "noisy" else text
    return GridCell(shown, value, why, hint, total, near)
