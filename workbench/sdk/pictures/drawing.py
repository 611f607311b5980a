"""From a release's body to its picture: one drawing a kind of result."""

from collections.abc import Callable, Mapping
from typing import Any

from workbench.sdk.pictures.palette import CONFIG
from workbench.sdk.pictures.picture import Picture
from workbench.sdk.pictures.reading import Reading
from workbench.sdk.refused import Refused

__all__ = ["WITHOUT", "draws", "picture_of", "pictured"]

Drawing = Callable[[Reading], dict[str, Any]]
_DRAWINGS: dict[str, Drawing] = {}
WITHOUT = {
    "chi_squared": "a test alone; cohort.shares(…) of the same two variables has one",
    "nested_models": "a test alone; each of the models has one",
}
"""Kinds of results that have no picture, and why."""


def draws(*kinds: str) -> Callable[[Drawing], Drawing]:
    """Register the drawing of some kinds of results."""

    def register(drawing: Drawing) -> Drawing:
        for kind in kinds:
            _DRAWINGS[kind] = drawing
        return drawing

    return register


def pictured() -> frozenset[str]:
    """The kinds of results that have a picture."""
    return frozenset(_DRAWINGS)


def picture_of(body: Mapping[str, Any], language: str = "en") -> Picture:
    """The picture of a release; Refused when its kind of result has none."""
    kind = str(body["kind"])
    drawing = _DRAWINGS.get(kind)
    if drawing is None:
        why = f": {WITHOUT[kind]}" if kind in WITHOUT else ""
        raise Refused(
            "no_picture",
            f"A result of the kind {kind} has no picture{why}.",
            "Draw its numbers yourself: release.to_polars().",
        )
    return Picture(drawing(Reading(body, language)) | {"config": CONFIG}, str(body["explained"]))
