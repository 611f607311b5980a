"""Table one: a cohort's persons described by group, put together from releases.

Every number in it is that of a release or follows from released numbers; the releases, each with
its certificate, come along. So the gate has judged each part with all that was released before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from workbench.sdk.blocks import block_frame, blocks_html, blocks_text
from workbench.sdk.differences import (
    chi_squared,
    difference_of_means,
    difference_of_shares,
    variance_ratio,
)
from workbench.sdk.pictures import Picture, balance
from workbench.sdk.refused import Refused

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["MARGIN", "Part", "TableOne"]

MARGIN = "Σ"
Cells = Mapping[tuple[str, ...], Mapping[str, Any]]
_WORDS = {
    "en": {"n": "persons", "mean": "mean (sd)", "median": "median [quartiles]",
           "missing": "missing, n (%)", "all": "All", "share": "n (%)", "smd": "SMD", "p": "p",
           "title": "Table one"},
    "nb": {"n": "personer", "mean": "gjennomsnitt (sd)", "median": "median [kvartiler]",
           "missing": "mangler, n (%)", "all": "Alle", "share": "n (%)", "smd": "SMD", "p": "p",
           "title": "Tabell én"},
}  # fmt: skip
WITHHELD = "·"


@dataclass(frozen=True)
class Part:
    """What was released of one variable: by group, and for a number of all persons apart."""

    variable: str
    numeric: bool
    grouped: Release
    whole: Release | None = None


class TableOne:
    """releases: all that it was made of, in order. to_polars(): one row a line of the table."""

    def __init__(self, by: str | None, groups: Release, parts: Sequence[Part], *, p: bool) -> None:
        self._by = by
        self._groups = groups
        self._parts = tuple(parts)
        self._p = p

    @property
    def releases(self) -> tuple[Release, ...]:
        """The releases that it was made of; each has its findings and its certificate."""
        found = [self._groups]
        for one in self._parts:
            found += [one.grouped] if one.whole is None else [one.grouped, one.whole]
        return tuple(found)

    @property
    def findings(self) -> tuple[Mapping[str, Any], ...]:
        """What the gate's rules said of any of them."""
        return tuple(finding for one in self.releases for finding in one.findings)

    def to_polars(self, language: str = "en") -> pl.DataFrame:
        """Text columns `variable`, `line` and one a group; `smd` (two groups or more), `p`."""
        return block_frame(self._block(language))

    def plot(self, language: str = "en") -> Picture:
        """The standardised differences of the variables; the line at 0.1 is the usual limit.

        table.plot().save("balance.svg"). Refused where there are no two groups to compare.
        """
        block = self._block(language)
        names = [column["name"] for column in block["columns"]]
        if "smd" not in names:
            raise Refused(
                "no_picture",
                "A table of one group has no differences to draw.",
                'Name the groups: cohort.table_one(by="sex", variables=[…]).',
            )
        words = _WORDS.get(language, _WORDS["en"])
        at = names.index("smd")
        lines = [(row[0], row[at]) for row in block["rows"] if row[at] is not None]
        described = "; ".join(f"{name}: {smd:.3g}" for name, smd in lines)
        return Picture(
            balance(lines, words["smd"]), f"{words['title']}, {words['smd']}: {described}"
        )

    def __repr__(self) -> str:
        return "\n".join(blocks_text(self._body("en"), "en"))

    def _repr_html_(self) -> str:
        return blocks_html(self._body("en"), "en")

    def _body(self, language: str) -> dict[str, Any]:
        return {"blocks": [self._block(language)], "dimensions": []}

    def _block(self, language: str) -> dict[str, Any]:
        words = _WORDS.get(language, _WORDS["en"])
        codes, names = self._columns(words, language)
        rows: list[list[Any]] = [
            ["", words["n"], *(_count(self._persons(code)) for code in codes), None, None]
        ]
        for part in self._parts:
            rows += self._lines(part, codes, words, language)
        compared = len(self._compared()) > 1
        columns = [_column("variable", "text", ""), _column("line", "text", "")]
        columns += [_column(f"g{at}", "text", name) for at, name in enumerate(names)]
        if compared:
            columns.append(_column("smd", "number", words["smd"]))
        if compared and self._p:
            columns.append(_column("p", "number", words["p"]))
        return {
            "name": "table_one",
            "title": {language: words["title"], "en": words["title"]},
            "columns": columns,
            "rows": [row[: len(columns)] for row in rows],
            "marks": [],
        }

    def _columns(self, words: Mapping[str, str], language: str) -> tuple[list[str], list[str]]:
        if self._by is None:
            return [MARGIN], [words["all"]]
        codes = [*self._compared(), MARGIN]
        labels = self._groups._body["dimensions"][0]["labels"]
        return codes, [words["all"] if c == MARGIN else _label(labels, c, language) for c in codes]

    def _compared(self) -> list[str]:
        """The groups that have persons, without those of no group."""
        if self._by is None:
            return []
        codes: Sequence[str] = self._groups._body["dimensions"][0]["codes"]
        return [code for code in codes if code and self._persons(code) != 0]

    def _persons(self, code: str) -> int | None:
        cells = _cells(self._groups)
        found = cells.get((code,) if self._by is not None else ())
        if found is not None:
            return None if found["n"] is None else int(found["n"])
        counts = [one["n"] for one in cells.values()]
        return None if None in counts else int(sum(counts))

    def _lines(
        self, part: Part, codes: Sequence[str], words: Mapping[str, str], language: str
    ) -> list[list[Any]]:
        cells = _cells(part.grouped)
        if part.numeric:
            return self._numeric(part, cells, codes, words, language)
        dimension = part.grouped._body["dimensions"][-1]
        name = _text(dimension["label"], language) or part.variable
        keys = {code: () if self._by is None else (code,) for code in codes}
        known = [code for code in dimension["codes"] if code]
        whole = {code: _sum(cells, [(*keys[code], one) for one in known]) for code in codes}
        lines: list[list[Any]] = [
            [
                name if at == 0 else "",
                _label(dimension["labels"], level, language),
                *(_share(_n(cells, (*keys[code], level)), whole[code]) for code in codes),
                None,
                None,
            ]
            for at, level in enumerate(known)
        ]
        compared = self._compared()
        counts = [[_n(cells, (code, level)) for level in known] for code in compared]
        if compared and all(None not in row for row in counts) and lines:
            lines[0][-2] = difference_of_shares(counts)
            lines[0][-1] = chi_squared(counts)
        missing = [_n(cells, (*keys[code], "")) for code in codes]
        if any(missing) or (None in missing and "" in dimension["codes"]):
            shares = [_share(n, self._persons(c)) for n, c in zip(missing, codes, strict=True)]
            lines.append(["", words["missing"], *shares, None, None])
        return lines

    def _numeric(
        self, part: Part, cells: Cells, codes: Sequence[str], words: Mapping[str, str],
        language: str,
    ) -> list[list[Any]]:  # fmt: skip
        told = part.grouped._body["variables"].get(part.variable, {"label": {}, "unit": ""})
        name = _text(told["label"], language) or part.variable
        name = f"{name} ({told['unit']})" if told["unit"] else name
        values: list[Mapping[str, Any]] = []
        for code in codes:
            if code == MARGIN and part.whole is not None:
                values.append(_cells(part.whole)[()])
            else:
                values.append(cells.get(() if self._by is None else (code,), {}))
        compared = [cells.get((code,), {}) for code in self._compared()]
        smd = p = None
        if compared and all(one.get("mean") is not None for one in compared):
            moments = [(one["n"], one["mean"], one["sd"]) for one in compared]
            smd, p = difference_of_means(moments), variance_ratio(moments)
        lines: list[list[Any]] = [
            [name, words["mean"], *(_pair(one) for one in values), smd, p],
            ["", words["median"], *(_triple(one) for one in values), None, None],
        ]
        missing = [
            None if (held := self._persons(code)) is None or one.get("n") is None
            else held - one["n"]
            for code, one in zip(codes, values, strict=True)
        ]  # fmt: skip
        if any(missing):
            shares = [_share(n, self._persons(c)) for n, c in zip(missing, codes, strict=True)]
            lines.append(["", words["missing"], *shares, None, None])
        return lines


def _cells(release: Release) -> Cells:
    return {tuple(one["codes"]): one["values"] for one in release._body["cells"]}


def _n(cells: Cells, codes: tuple[str, ...]) -> int | None:
    found = cells.get(codes, {}).get("n")
    return None if found is None else int(found)


def _sum(cells: Cells, keys: Sequence[tuple[str, ...]]) -> int | None:
    counts = [_n(cells, one) for one in keys]
    return None if None in counts else sum(one for one in counts if one is not None)


def _count(n: int | None) -> str:
    return WITHHELD if n is None else str(n)


def _share(n: int | None, of: int | None) -> str:
    return _count(n) if n is None or not of else f"{n} ({100 * n / of:.1f})"


def _pair(values: Mapping[str, Any]) -> str:
    if values.get("mean") is None:
        return WITHHELD
    return f"{values['mean']:.6g} ({values['sd']:.6g})"


def _triple(values: Mapping[str, Any]) -> str:
    if values.get("p50") is None:
        return WITHHELD
    return f"{values['p50']:.6g} [{values['p25']:.6g}–{values['p75']:.6g}]"


def _label(labels: Mapping[str, Mapping[str, str]], code: str, language: str) -> str:
    return _text(labels.get(code, {}), language) or code


def _text(text: Mapping[str, str], language: str) -> str:
    return text.get(language) or text.get("en") or ""


def _column(name: str, kind: str, label: str) -> dict[str, Any]:
    return {"name": name, "kind": kind, "label": {"en": label}, "unit": ""}
