"""How values stand in columns: canonical JSON, UTC times of fixed width, exact fractions."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from workbench.domain.errors import Refusal

__all__ = ["check_words", "fraction_of", "fraction_text", "json_of", "json_text", "time_of",
           "time_text"]  # fmt: skip


def json_text(value: object) -> str:
    """Canonical JSON: sorted keys, no spaces, ASCII, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def json_of(text: str) -> Any:
    """What `json_text` wrote."""
    return json.loads(text)


def time_text(at: datetime) -> str:
    """UTC, microseconds, always 32 characters, so that text order is time order."""
    if at.tzinfo is None:
        raise Refusal("no_time_zone", "A time came without its zone.", "Use the instance's clock.")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def time_of(text: str) -> datetime:
    """What `time_text` wrote."""
    return datetime.fromisoformat(text)


def fraction_text(value: Fraction) -> str:
    """An exact fraction as numerator/denominator in lowest terms."""
    return f"{value.numerator}/{value.denominator}"


def fraction_of(text: str) -> Fraction:
    """What `fraction_text` wrote."""
    numerator, denominator = text.split("/")
    return Fraction(int(numerator), int(denominator))


def check_words(*words: str, details: Mapping[str, str | int] | None = None) -> None:
    """Refuse text that one of the databases would change or reject (NUL, lone surrogates)."""
    values = [*words, *(details or {}), *((details or {}).values())]
    for word in values:
        if isinstance(word, str) and ("\0" in word or not _is_unicode(word)):
            raise Refusal(
                "unstorable_text",
                "The text holds characters that cannot be stored.",
                "Type it anew without control characters.",
            )


def _is_unicode(word: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in word)
