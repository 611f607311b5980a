"""HTML that may be shown beside a researcher's session: an allow-list of tags, no address, no code.

The browser that shows a kernel's output is signed in to the hub; a script in the output would act
in the researcher's name. bleach parses as browsers do (html5lib) and serialises anew.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bleach.css_sanitizer import CSSSanitizer
from bleach.html5lib_shim import Filter
from bleach.sanitizer import Cleaner

__all__ = ["HTML_LIMIT", "clean_html"]

HTML_LIMIT = 256 << 10
"""Characters; parsing costs about two seconds a million."""

_TAGS = (
    "a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption "
    "figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark meter ol p pre progress q s samp section "
    "small span strong sub summary sup table tbody td tfoot th thead time tr tt u ul "
    "var wbr"
)
_REMOVED = frozenset({"script", "style", "template", "title", "textarea", "noscript", "xmp"})
"""Removed with everything in them."""
_ATTRIBUTES = (
    "align alt border colspan dir headers height high lang low max min open optimum rowspan scope "
    "span start title valign value width"
)
_CLASS = re.compile(r"dataframe|wb-(?:release|legend|finding|certificate)")
"""Not those of our own page: an output would look like the line that tells the lane."""
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_FRAGMENT = re.compile(r"#[A-Za-z0-9_-]{1,64}")
_STYLES = (
    "background-color border border-bottom border-collapse border-color border-left "
    "border-right border-spacing border-style border-top border-width color display "
    "font-family font-size font-style font-variant font-weight height letter-spacing "
    "line-height margin margin-bottom margin-left margin-right margin-top max-height max-width "
    "min-width opacity overflow overflow-x overflow-y padding padding-bottom padding-left "
    "padding-right padding-top text-align text-decoration text-indent text-transform "
    "vertical-align white-space width word-break"
)
_TEX_ADDRESS = re.compile(r"\\(?=(?:href|url|class|cssId|style|require|unicode|data|html|bbox)\b)")


def clean_html(text: str) -> str | None:
    """The part of an HTML fragment that cannot act or fetch; None when it is over HTML_LIMIT."""
    if len(text) > HTML_LIMIT:
        return None
    cleaner = Cleaner(
        tags=_REMOVED.union(_TAGS.split()),
        attributes=_allowed,
        protocols=("data",),
        strip=True,
        strip_comments=True,
        filters=[_Narrow],
        css_sanitizer=CSSSanitizer(_STYLES.split(), allowed_svg_properties=()),
    )
    # mathematics in HTML is typeset by the browser; its commands may not name an address
    return _TEX_ADDRESS.sub("\\\\\u200b", cleaner.clean(text))


def _allowed(tag: str, name: str, value: str) -> bool:
    if name == "style":
        return "url" not in value.lower() and "\\" not in value
    if name == "src":
        return tag == "img" and _IMAGE.fullmatch(value) is not None
    if name == "href":
        return tag == "a" and _FRAGMENT.fullmatch(value) is not None
    return name in _ATTRIBUTES.split() or name == "class"


class _Narrow(Filter):  # type: ignore[misc]  # html5lib's classes carry no types
    """Drops elements with their contents, and class names that the browser's shell acts on."""

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        depth = 0
        source: Iterable[dict[str, Any]] = super().__iter__()
        for token in source:
            kind, name = token["type"], token.get("name")
            if name in _REMOVED:
                depth += {"StartTag": 1, "EndTag": -1}.get(kind, 0)
            elif depth <= 0:
                self._narrow(token.get("data"))
                yield token

    @staticmethod
    def _narrow(attributes: object) -> None:
        if isinstance(attributes, dict) and (None, "class") in attributes:
            names = str(attributes[None, "class"]).split()
            attributes[None, "class"] = " ".join(filter(_CLASS.fullmatch, names))
