"""From a release's body to its picture: one drawing a kind of result."""

from collections.abc import Callable, Mapping
from typing import Any

from workbench.sdk.pictures.palette import CONFIG
from workbench.sdk.pictures.picture import Picture
from workbench.sdk.pictures.reading import Reading
from workbench.sdk.refused import Refused

__all__ = ["draws", "picture_of"]

Drawing = Callable[[Reading], dict[str, Any]]
_DRAWINGS: dict[str, Drawing] = {}


def draws(*kinds: str) -> Callable[[Drawing], Drawing]:
    """Register the drawing of some kinds of results."""

    def register(drawing: Drawing) -> Drawing:
        for kind in kinds:
            _DRAWINGS[kind] = drawing
        return drawing

    return register


def picture_of(body: Mapping[str, Any], language: str = "en") -> Picture:
    """The picture of a release; Refused when its kind of result has none."""
    drawing = _DRAWINGS.get(str(body["kind"]))
    if drawing is None:
        raise Refused(
            "no_picture",
            f"A result of the kind {body['kind']} has no picture.",
            "Draw its numbers yourself: release.to_polars().",
        )
    return Picture(drawing(Reading(body, language)) | {"config": CONFIG}, str(body["explained"]))
