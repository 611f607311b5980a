"""What a display may hold: each MIME type with its own check, anything else is dropped."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

from kernels.host.relay.html import clean_html
from kernels.host.relay.svg import clean_svg

__all__ = ["RELEASE", "TEXT_LIMIT", "clean_bundle", "clean_text", "named_release"]

RELEASE = "application/vnd.workbench.release+json"
TEXT_LIMIT = 1 << 20
_IMAGE_LIMIT = 6 << 20
_RELEASE_ID = re.compile(r"[0-9a-f]{8,64}")
_ADDRESS = re.compile(r"<|//|javascript:|data:|\]\(|\]:|\\(?:href|url|class|style|require)", re.I)
_MAGIC = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}
_CUT = "\n[cut: longer than the workbench passes on at once]\n"


def clean_text(value: object, limit: int = TEXT_LIMIT) -> str:
    """A string of at most `limit` characters; anything else becomes empty."""
    if not isinstance(value, str):
        return ""
    return value if len(value) <= limit else value[:limit] + _CUT


def named_release(data: object) -> str | None:
    """The release that a display names, if it names one in the agreed form."""
    named = data.get(RELEASE) if isinstance(data, dict) else None
    release = named.get("release") if isinstance(named, dict) else None
    if isinstance(release, str) and _RELEASE_ID.fullmatch(release):
        return release
    return None


def clean_bundle(data: object, metadata: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """The MIME bundle and its metadata as they may be shown: text, tables, images, JSON.

    Scripts, widgets and every type without a check of its own are dropped. When nothing is left
    of something, a line says so.
    """
    given: Mapping[object, object] = data if isinstance(data, dict) else {}
    clean: dict[str, Any] = {}
    for kind, check in _CHECKS.items():
        if kind in given and (value := check(kind, _joined(given[kind]))) is not None:
            clean[kind] = value
    if given and not clean:
        clean["text/plain"] = "[this kind of output is not shown in the workbench]"
    sizes: dict[str, Any] = {}
    for kind in clean:
        if kind in _MAGIC and isinstance(metadata, dict) and (size := _size(metadata.get(kind))):
            sizes[kind] = size
    return clean, sizes


def _joined(value: object) -> object:
    """Jupyter allows a list of lines for a text."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value


def _plain(_kind: str, value: object) -> str | None:
    return clean_text(value) if isinstance(value, str) else None


def _html(_kind: str, value: object) -> str | None:
    return clean_html(value) if isinstance(value, str) else None


def _svg(_kind: str, value: object) -> str | None:
    return clean_svg(value) if isinstance(value, str) else None


def _without_address(_kind: str, value: object) -> str | None:
    """Markdown and LaTeX pass only when they hold no HTML, link or image of any kind."""
    if isinstance(value, str) and len(value) <= TEXT_LIMIT and not _ADDRESS.search(value):
        return value
    return None


def _image(kind: str, value: object) -> str | None:
    if not isinstance(value, str) or len(value) > _IMAGE_LIMIT:
        return None
    try:
        image = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not image.startswith(_MAGIC[kind]):
        return None
    return base64.b64encode(image).decode()


def _json(_kind: str, value: object) -> Any:
    return value if isinstance(value, dict | list | str | int | float | bool) else None


def _size(value: object) -> dict[str, int | float]:
    given = value if isinstance(value, dict) else {}
    return {
        name: given[name]
        for name in ("width", "height")
        if type(given.get(name)) in (int, float) and 0 < given[name] <= 10_000
    }


_CHECKS: dict[str, Callable[[str, object], Any]] = {
    "text/html": _html,
    "image/svg+xml": _svg,
    **dict.fromkeys(_MAGIC, _image),
    "text/markdown": _without_address,
    "text/latex": _without_address,
    "application/json": _json,
    "text/plain": _plain,
}
