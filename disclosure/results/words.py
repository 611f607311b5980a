"""Titles and labels of blocks, in both languages."""

from collections.abc import Mapping

__all__ = ["LABELS", "TITLES"]

Text = Mapping[str, str]

TITLES: Mapping[str, Text] = {
    "curve": {"en": "Survival", "nb": "Overlevelse"},
    "at_risk": {"en": "Persons at risk", "nb": "Personer under risiko"},
    "summary": {"en": "Follow-up", "nb": "Oppfølging"},
    "test": {"en": "Test that the groups are alike", "nb": "Test av om gruppene er like"},
}

LABELS: Mapping[str, Text] = {
    "time": {"en": "Time", "nb": "Tid"},
    "survival": {"en": "Survival", "nb": "Overlevelse"},
    "lower": {"en": "95 % lower", "nb": "95 % nedre"},
    "upper": {"en": "95 % upper", "nb": "95 % øvre"},
    "at_risk": {"en": "Followed on", "nb": "Følges videre"},
    "events_until": {"en": "Events until then", "nb": "Hendelser til da"},
    "censored_until": {"en": "Censored until then", "nb": "Sensurert til da"},
    "persons": {"en": "Persons", "nb": "Personer"},
    "events": {"en": "Events", "nb": "Hendelser"},
    "median": {"en": "Median, at most", "nb": "Median, høyst"},
    "test": {"en": "Test", "nb": "Test"},
    "chi2": {"en": "χ²", "nb": "χ²"},
    "dof": {"en": "Degrees of freedom", "nb": "Frihetsgrader"},
    "p": {"en": "p", "nb": "p"},
}
