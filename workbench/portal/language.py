"""The words of the portal in nb and en, and which of them a visitor gets."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

__all__ = ["LANGUAGES", "Words", "choose", "words"]

LANGUAGES = ("nb", "en")
FALLBACK = "en"
FOLDER = Path(__file__).parent / "locales"
ACCEPTED = {"nb": "nb", "no": "nb", "nn": "nb", "da": "nb", "sv": "nb", "en": "en"}
"""First part of a browser's language tag -> the language shown (nn, da, sv readers read nb)."""


class Words:
    """One language's texts by dotted key; a missing key is a bug and raises KeyError."""

    def __init__(
        self, language: str, texts: Mapping[str, str], refusals: Mapping[str, Mapping[str, str]]
    ) -> None:
        self.language = language
        self._texts = texts
        self._refusals = refusals

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key; `{name}` in it is filled from `values`."""
        text = self._texts[key]
        return text.format(**values) if values else text

    def get(self, key: str) -> str | None:
        """The text of a key that need not exist."""
        return self._texts.get(key)

    def refusal(self, code: str) -> tuple[str, str] | None:
        """Reason and remedy of a refusal's code, where this language has its own words for it."""
        found = self._refusals.get(code)
        return (found["reason"], found["remedy"]) if found else None

    def count(self, key: str, number: int) -> str:
        """The singular (`key.one`) or plural (`key.many`) with `{n}` filled."""
        return self(f"{key}.one" if number == 1 else f"{key}.many", n=number)

    def pick(self, labels: object) -> str:
        """The label in this language from {"nb": …, "en": …}, else in any other ("" if none)."""
        if isinstance(labels, str):
            return labels
        if not isinstance(labels, Mapping):
            return ""
        for language in (self.language, *LANGUAGES):
            if isinstance(labels.get(language), str):
                return cast(str, labels[language])
        return ""

    def keys(self) -> frozenset[str]:
        """All keys."""
        return frozenset(self._texts)


@cache
def words(language: str) -> Words:
    """The texts of a language, read once.

    locales/<language>.toml holds the portal's own words; locales/refusals/<language>.toml, where
    there is one, translates the refusals of the services, which speak English.
    """
    own = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    translated = FOLDER / "refusals" / f"{language}.toml"
    refusals: dict[str, dict[str, str]] = {}
    if translated.exists():
        refusals = tomllib.loads(translated.read_text(encoding="utf-8"))
    return Words(language, dict(_flat(own, "")), refusals)


def choose(cookie: str, accept_language: str) -> str:
    """The visitor's own choice, else the best of Accept-Language, else English."""
    if cookie in LANGUAGES:
        return cookie
    ranked: list[tuple[float, str]] = []
    for part in accept_language.split(",")[:20]:
        tag, _, parameter = part.strip().partition(";")
        language = ACCEPTED.get(tag.strip().lower().split("-")[0])
        if language:
            ranked.append((-_quality(parameter), language))
    ranked.sort(key=lambda pair: pair[0])
    return ranked[0][1] if ranked and ranked[0][0] < 0 else FALLBACK


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


def _flat(table: Mapping[str, Any], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((prefix + key, str(value)))
    return found
