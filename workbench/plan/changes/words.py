"""Changes in words, in both languages."""

from collections.abc import Mapping
from typing import Any

from workbench.plan.words import edge_text

__all__ = ["said"]

_WORDS: Mapping[str, tuple[str, str]] = {
    "margins": ("Leave out the margins.", "Utelat marginene."),
    "leave_out": ("Leave {variable} out.", "Utelat {variable}."),
    "term": ("Leave the term {term} out.", "Utelat leddet {term}."),
    "roll_up": ("Roll {variable} up to {scheme}.", "Grupper {variable} til {scheme}."),
    "merge": (
        "Merge the categories {codes} of {variable}.",
        "Slå sammen kategoriene {codes} av {variable}.",
    ),
    "edges": (
        "Use broader intervals of {variable}: edges {edges}.",
        "Bruk bredere intervaller av {variable}: grenser {edges}.",
    ),
    "times": ("Tell it at fewer times: {times}.", "Vis det på færre tidspunkter: {times}."),
    "every": ("Count by {every} in place of {before}.", "Tell per {every} i stedet for {before}."),
    "fewer": ("Ask for fewer {field}: {value}.", "Be om færre {field}: {value}."),
    "cap": (
        "Cap {variable} at {high}: larger values count as {high}.",
        "Sett et tak på {variable} ved {high}: større verdier regnes som {high}.",
    ),
    "cohort": (
        "Use exactly the cohort of release {release}.",
        "Bruk nøyaktig kohorten i utgivelse {release}.",
    ),
    "known": (
        "Take only persons with a known value of {variables}, as release {release} did.",
        "Ta bare med personer med kjent verdi av {variables}, som i utgivelse {release}.",
    ),
    "wider": (
        "Leave out the filter: {filter}.",
        "Utelat filteret: {filter}.",
    ),
    "noise": (
        "Ask for counts with noise, at a privacy cost of ρ = {rho}.",
        "Be om tall med støy, til en personvernkostnad av ρ = {rho}.",
    ),
}
_FIELDS: Mapping[str, tuple[str, str]] = {
    "bins": ("intervals", "intervaller"),
    "count": ("clusters", "klynger"),
    "most": ("categories", "kategorier"),
    "characters": ("characters of a code", "tegn av en kode"),
    "at": ("quantiles", "kvantiler"),
    "until": ("days", "dager"),
}
_EVERY: Mapping[str, tuple[str, str]] = {
    "year": ("year", "år"),
    "quarter": ("quarter", "kvartal"),
    "month": ("month", "måned"),
}
_SCHEMES: Mapping[str, tuple[str, str]] = {
    "icd10_chapter": ("ICD-10 chapters", "ICD-10-kapitler"),
    "icd10_block": ("ICD-10 blocks", "ICD-10-blokker"),
    "icd10_category": ("three-character ICD-10 categories", "ICD-10-kategorier på tre tegn"),
    "atc_1": ("ATC main groups", "ATC-hovedgrupper"),
    "atc_2": ("ATC groups of level 2", "ATC-grupper på nivå 2"),
    "atc_3": ("ATC groups of level 3", "ATC-grupper på nivå 3"),
    "atc_4": ("ATC groups of level 4", "ATC-grupper på nivå 4"),
    "atc_5": ("ATC substances", "ATC-virkestoffer"),
    "county": ("counties", "fylker"),
    "health_region": ("health regions", "helseregioner"),
}
_NAMED = {"field": _FIELDS, "every": _EVERY, "before": _EVERY, "scheme": _SCHEMES}
MOST = 8


def said(what: Mapping[str, Any]) -> dict[str, str]:
    """{"en", "nb"}: one sentence, imperative; no data, only the change's own parts."""
    english, norsk = _WORDS[what["k"]]
    return {
        "en": english.format(**{name: _part(name, one, 0) for name, one in what.items()}),
        "nb": norsk.format(**{name: _part(name, one, 1) for name, one in what.items()}),
    }


def _part(name: str, value: object, language: int) -> str:
    if name in _NAMED:
        return _NAMED[name][str(value)][language]
    if isinstance(value, list | tuple):
        shown = [_part("", one, language) for one in value[:MOST]]
        return ", ".join(shown) + (" …" if len(value) > MOST else "")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return edge_text(value)
    return str(value)
