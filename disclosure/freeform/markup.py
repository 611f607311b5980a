"""SVG and HTML: rebuilt from a closed list of what draws or reads, so that nothing else is left.

The rebuilt file is what an officer sees and what is released. Elements and attributes that are not
listed, comments, styles with addresses, scripts and metadata are dropped, and coordinates are cut
to two decimals, so that no figure can be worked back from a mark's exact place.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

__all__ = ["Rebuilt", "rebuilt", "tables_in"]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TEXTS = _names(
    "html head body title h1 h2 h3 h4 h5 h6 p div span br hr table caption thead tbody tfoot tr th "
    "td colgroup col ul ol li dl dt dd b i em strong small sub sup code pre figure figcaption "
    "section article"
)
_DRAWN: Mapping[str, str] = {
    name.lower(): name
    for name in _names(
        "svg g defs path rect circle ellipse line polyline polygon text tspan use symbol marker "
        "clipPath linearGradient radialGradient stop"
    )
}
_ATTRIBUTES: Mapping[str, str] = {
    name.lower(): name
    for name in _names(
        "d x y x1 y1 x2 y2 cx cy r rx ry dx dy points width height viewBox transform fill "
        "fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap "
        "stroke-linejoin stroke-dasharray stroke-dashoffset stroke-miterlimit opacity font-size "
        "font-family font-weight font-style text-anchor dominant-baseline id clip-path "
        "clip-rule offset stop-color "
        "stop-opacity gradientUnits gradientTransform clipPathUnits markerWidth markerHeight refX "
        "refY orient preserveAspectRatio version style href xlink:href colspan rowspan scope lang"
    )
}
_PROPERTIES = _names(
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin "
    "stroke-dasharray stroke-dashoffset stroke-miterlimit opacity font font-size font-family "
    "font-weight font-style text-anchor"
)
_VOID = _names("area base br col embed hr img input link meta param source track wbr")
_SILENT = _names(
    "script style iframe object foreignobject metadata desc title template noscript audio video "
    "select textarea animate animatetransform animatemotion set"
)
"""Dropped with all that is in them; of other elements that are not listed the text stays."""
_ACTIVE = _names(
    "script iframe object embed foreignobject image img link form input button base meta animate "
    "animatetransform animatemotion set audio video source"
)
_PLAIN = re.compile(r"[A-Za-z0-9 .,#%()+\-'\"æøåÆØÅ\n\t]*")
_DOCTYPE = re.compile(
    r"doctype (?:html|svg)(?: public \"[^\"<>\[]*\"\s*\"[^\"<>\[]*\")?\s*", re.IGNORECASE
)
_LOCAL = re.compile(r"#[A-Za-z][A-Za-z0-9_.-]{0,63}")
_LOCAL_URL = re.compile(r"url\(#[A-Za-z][A-Za-z0-9_.-]{0,63}\)")
_USED = re.compile(r"(?:href=\"#|url\(#)([^\")]+)")
_NAMED = re.compile(r" id=\"([^\"]*)\"")
"""Names that nothing in the drawing refers to are left out without a word."""
_SCALES = re.compile(r"\d*\.\d{3,}")
"""Of a transformation: what moves is cut like a place, but what scales is small and needs four
digits."""
_DECIMAL = re.compile(r"(\d*\.\d{3,})")
_MARKS = frozenset({"circle", "ellipse", "use"})

DEPTH = 200


@dataclass
class Rebuilt:
    """content: the file anew. dropped: how many parts of which kind are not in it. marks: of
    drawings, the most marks of one kind at different places. whole: whether all of it was read."""

    content: bytes = b""
    dropped: Counter[str] = field(default_factory=Counter)
    marks: int = 0
    whole: bool = True


def rebuilt(text: str, *, drawing: bool) -> Rebuilt:
    """An SVG drawing or an HTML page from its text; never raises."""
    builder = _Builder(drawing=drawing)
    builder.feed(text)
    builder.close()
    return builder.done()


class _Builder(HTMLParser):
    def __init__(self, *, drawing: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._allowed = _DRAWN if drawing else {one: one for one in _TEXTS}
        self._drawing = drawing
        self._out: list[str] = []
        self._open: list[str] = []
        self._silent: list[str] = []
        self._places: dict[str, set[tuple[str, str]]] = {}
        self._found = Rebuilt()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent or self._drop(tag):
            if tag in _SILENT and tag not in self._allowed:
                self._silent.append(tag)
            return
        if len(self._open) >= DEPTH:
            self._found.whole = False
            return
        self._write(tag, attrs)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent or self._drop(tag):
            return
        self._write(tag, attrs)
        if tag not in _VOID:
            self._out.append(f"</{self._allowed[tag]}>")

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag in self._silent:
                while self._silent.pop() != tag:
                    pass
            return
        if tag in self._open:
            while (last := self._open.pop()) != tag:
                self._out.append(f"</{self._allowed[last]}>")
            self._out.append(f"</{self._allowed[tag]}>")

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if data.strip() and (not self._drawing or self._open[-1:] in (["text"], ["tspan"])):
            self._out.append(escape(data, quote=False))
        elif data.strip():
            self._found.dropped["text"] += 1
        elif data:
            self._out.append("\n" if "\n" in data else " ")

    def handle_comment(self, _data: str) -> None:
        self._found.dropped["comment"] += 1

    def handle_pi(self, data: str) -> None:
        if not data.startswith("xml "):
            self._found.dropped["instruction"] += 1

    def handle_decl(self, decl: str) -> None:
        if not re.fullmatch(
            r"(?i)doctype (html|svg)( public \"[^\"<>\[]*\"\s*\"[^\"<>\[]*\")?\s*", decl
        ):
            self._found.dropped["declaration"] += 1

    def unknown_decl(self, _data: str) -> None:
        self._found.dropped["declaration"] += 1

    def done(self) -> Rebuilt:
        """What was built, with everything closed."""
        if self._silent:
            self._found.whole = False
        self._out += [f"</{self._allowed[one]}>" for one in reversed(self._open)]
        text = re.sub(r"\n\s*\n+", "\n", "".join(self._out).strip()) + "\n"
        used = set(_USED.findall(text))
        text = _NAMED.sub(lambda found: found.group() if found.group(1) in used else "", text)
        root = "svg" if self._drawing else "html"
        self._found.whole &= not self._drawing or text.startswith(f"<{root}")
        if not self._drawing:
            text = "<!DOCTYPE html>\n" + text
        self._found.content = text.encode()
        self._found.marks = max((len(one) for one in self._places.values()), default=0)
        return self._found

    def _drop(self, tag: str) -> bool:
        if tag in self._allowed:
            return False
        self._found.dropped["active" if tag in _ACTIVE else "element"] += 1
        return True

    def _write(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = dict[str, str]()
        for name, value in attrs:
            if name.startswith(("xmlns", "xml:")):
                continue
            clean = _attribute(name, value or "")
            if clean is None or _ATTRIBUTES[name] in kept:
                active = name.startswith("on") or name in ("src", "href", "xlink:href", "action")
                self._found.dropped["active" if active else "attribute"] += 1
            else:
                kept[_ATTRIBUTES[name]] = clean
        if tag in _MARKS:
            kind = tag + kept.get("href", kept.get("xlink:href", ""))
            place = (kept.get("x", kept.get("cx", "")), kept.get("y", kept.get("cy", "")))
            self._places.setdefault(kind, set()).add(place)
        if tag == "svg" and not self._open:
            kept = {"xmlns": "http://www.w3.org/2000/svg"} | kept
            if any(name == "xmlns:xlink" for name, _ in attrs):
                kept = {"xmlns:xlink": "http://www.w3.org/1999/xlink"} | kept
        told = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
        self._out.append(f"<{self._allowed[tag]}{told}>")


def _attribute(name: str, value: str) -> str | None:
    if name not in _ATTRIBUTES or len(value) > 200_000:
        return None
    if name in ("href", "xlink:href"):
        return value if _LOCAL.fullmatch(value) else None
    if name == "style":
        return _style(value)
    if name == "id":
        return value if _LOCAL.fullmatch(f"#{value}") else None
    if name in ("clip-path", "fill", "stroke") and _LOCAL_URL.fullmatch(value):
        return value
    if not _PLAIN.fullmatch(value) or "url" in value.lower():
        return None
    told = " ".join(value.split())
    if name in ("transform", "gradienttransform"):
        return _SCALES.sub(lambda found: f"{float(found.group()):.4g}", told)
    return _DECIMAL.sub(_cut, told)


def _style(value: str) -> str | None:
    kept = []
    for part in value.split(";"):
        name, _, told = part.partition(":")
        name, told = name.strip().lower(), told.strip()
        if name in _PROPERTIES and _PLAIN.fullmatch(told) and "url" not in told.lower():
            kept.append(f"{name}: {_DECIMAL.sub(_cut, told)}")
    return "; ".join(kept) if kept else None


def _cut(match: re.Match[str]) -> str:
    return f"{float(match.group()):.2f}"


def tables_in(text: str) -> list[list[tuple[str, ...]]]:
    """The rows of each table of a rebuilt page, cells as text."""
    reader = _Tables()
    reader.feed(text)
    reader.close()
    return reader.found


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[list[tuple[str, ...]]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "table":
            self.found.append([])
        elif tag == "tr":
            self._end_row()
            self._row = []
        elif tag in ("td", "th"):
            self._end_cell()
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is not None and self._row is not None:
            self._row.append("".join(self._cell).strip())
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row and self.found:
            self.found[-1].append(tuple(self._row))
        self._row = None
