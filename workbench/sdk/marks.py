"""How a marked number looks wherever it is shown: a sign, words, a colour, a line."""

from collections.abc import Mapping
from html import escape

__all__ = ["LOOKS", "SIGNS", "WITHHELD", "WORDS", "legend_html"]

WITHHELD = "·"
SIGNS = {
    "primary": f"{WITHHELD}p",
    "dominance": f"{WITHHELD}d",
    "ledger": f"{WITHHELD}l",
    "complementary": f"{WITHHELD}c",
    "withheld": WITHHELD,
    "noisy": "≈",
}
"""How a mark looks: in a cell, and in the legend that says what it means. A primary cell that is
not withheld for too few persons has the sign of its rule; a part of a result that is no table, for
which several rules may stand, that of `withheld`."""
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "primary": "withheld: too few persons (primary)",
        "dominance": "withheld: a few persons make up most of it (primary)",
        "ledger": "withheld: a few persons apart from an earlier release (primary)",
        "complementary": "withheld so that others cannot be computed (complementary)",
        "withheld": "withheld: too few persons, or too much of it a few persons' own",
        "noisy": "with noise",
    },
    "nb": {
        "primary": "prikket: for få personer (primær)",
        "dominance": "prikket: noen få personer utgjør det meste (primær)",
        "ledger": "prikket: noen få personer fra en tidligere utgivelse (primær)",
        "complementary": "prikket så andre tall ikke kan regnes ut (sekundær)",
        "withheld": "prikket: for få personer, eller for mye av det er noen få personers",
        "noisy": "med støy",
    },
}
LOOKS: Mapping[str, str] = {
    "primary": "background-color: rgba(213, 94, 0, 0.16); border-left: 3px solid #d55e00",
    "dominance": "background-color: rgba(204, 121, 167, 0.18); border-left: 3px double #b0568a",
    "ledger": "background-color: rgba(0, 114, 178, 0.14); border-left: 3px dashed #0072b2",
    "complementary": "background-color: rgba(128, 128, 128, 0.14); border-left: 3px dotted #777777",
    "withheld": "background-color: rgba(213, 94, 0, 0.16); border-left: 3px groove #d55e00",
    "noisy": "background-color: rgba(0, 158, 115, 0.10)",
}
"""A marked cell: colours that are told apart with every common colour vision (Okabe and Ito 2008),
and a line of another kind for each. What it means is said by its sign, in words, by the legend."""


def legend_html(mark: str, text: str, style: str) -> str:
    """A line of a legend: the sign as it looks, and what it means."""
    look = LOOKS.get(mark, "")
    return (
        f'<p class="wb-legend" style="{style}"><strong style="padding: 0 6px; {look}">'
        f"{SIGNS[mark]}</strong> {escape(text)}</p>"
    )
