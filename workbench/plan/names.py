"""The nearest known name, for refusals that help."""

import difflib
from collections.abc import Iterable

__all__ = ["listed", "nearest"]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, None when none is like it."""
    close = difflib.get_close_matches(name[:64], list(known), n=1, cutoff=0.7)
    return close[0] if close else None


def listed(names: Iterable[str], most: int = 8) -> str:
    """Names in a sentence: "a, b, c and 4 more"."""
    every = list(names)
    shown = ", ".join(every[:most]) or "none"
    return shown if len(every) <= most else f"{shown} and {len(every) - most} more"
