"""Drawings that cannot act or fetch: an SVG is parsed and written anew from an allow-list."""

import re
from xml.etree import ElementTree as ET

__all__ = ["SVG_LIMIT", "clean_svg"]

SVG_LIMIT = 2 << 20
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_ELEMENTS = (
    "svg g defs path rect circle ellipse line polyline polygon text tspan clipPath linearGradient "
    "radialGradient stop use symbol marker pattern mask title desc"
)
_ATTRIBUTES = (
    "id x y x1 y1 x2 y2 cx cy r rx ry d dx dy fx fy points width height viewBox version "
    "preserveAspectRatio transform gradientTransform gradientUnits patternUnits clipPathUnits "
    "offset fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap "
    "stroke-linejoin stroke-dasharray stroke-dashoffset stroke-miterlimit stop-color stop-opacity "
    "opacity clip-path clip-rule mask font-family font-size font-style font-weight text-anchor "
    "dominant-baseline alignment-baseline letter-spacing markerWidth markerHeight refX refY orient "
    "marker-start marker-mid marker-end style"
)
_LOCAL = re.compile(r"#[\w.:-]{1,128}")
_LOCAL_URL = re.compile(r"""url\(\s*["']?#[\w.:-]{1,128}["']?\s*\)""")


def clean_svg(text: str) -> str | None:
    """The drawing without scripts, styles sheets, addresses and foreign content; None if it is
    too large, no SVG, or declares entities (which can grow without bound)."""
    if len(text) > SVG_LIMIT or "<!ENTITY" in text or re.search(r"<!DOCTYPE[^>]*\[", text):
        return None
    try:
        root = ET.fromstring(text)  # noqa: S314 - entities are refused above; expat loads nothing
        clean = _rebuild(root) if root.tag == f"{_SVG}svg" else None
    except (ET.ParseError, ValueError, RecursionError):
        return None
    return None if clean is None else ET.tostring(clean, encoding="unicode")


def _rebuild(element: ET.Element) -> ET.Element | None:
    if not element.tag.startswith(_SVG):  # comments are dropped by the parser
        return None
    name = element.tag.removeprefix(_SVG)
    if name not in _ELEMENTS.split():
        return None
    clean = ET.Element(name)
    if name == "svg":
        clean.set("xmlns", _SVG[1:-1])
    for key, value in element.attrib.items():
        if key in {"href", _XLINK}:
            if name == "use" and _LOCAL.fullmatch(value):
                clean.set("href", value)
        elif key in _ATTRIBUTES.split() and _harmless(value):
            clean.set(key, value)
    clean.text, clean.tail = element.text, element.tail
    for child in element:
        kept = _rebuild(child)
        if kept is not None:
            clean.append(kept)
    return clean


def _harmless(value: str) -> bool:
    rest = _LOCAL_URL.sub("", value).lower()
    return not any(word in rest for word in ("url", "\\", "@", "javascript", "expression"))
