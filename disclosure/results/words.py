"""Titles and labels of blocks, in both languages."""

from collections.abc import Mapping

__all__ = ["LABELS", "TITLES"]

Text = Mapping[str, str]

TITLES: Mapping[str, Text] = {
    "kaplan_meier": {"en": "Survival", "nb": "Overlevelse"},
    "nelson_aalen": {"en": "Cumulative hazard", "nb": "Kumulativ hasard"},
    "cumulative_incidence": {"en": "Cumulative incidence", "nb": "Kumulativ insidens"},
    "life_table": {"en": "Life table", "nb": "Overlevelsestabell"},
    "means": {"en": "Mean time without the event", "nb": "Gjennomsnittlig tid uten hendelsen"},
    "differences": {"en": "Difference from the first group", "nb": "Forskjell fra første gruppe"},
    "proportional": {
        "en": "Tests that effects stay the same over time",
        "nb": "Tester av om effektene er like over tid",
    },
    "rates": {"en": "Rates", "nb": "Rater"},
    "ratios": {"en": "Against the first group", "nb": "Mot første gruppe"},
    "mantel_haenszel": {
        "en": "Rate ratio against the first group (Mantel–Haenszel)",
        "nb": "Rateratio mot første gruppe (Mantel–Haenszel)",
    },
    "standardised": {"en": "Standardised rates", "nb": "Standardiserte rater"},
    "expected": {"en": "Observed and expected", "nb": "Observert og forventet"},
    "groups": {"en": "Groups", "nb": "Grupper"},
    "at_risk": {"en": "Persons at risk", "nb": "Personer under risiko"},
    "summary": {"en": "Follow-up", "nb": "Oppfølging"},
    "test": {"en": "Test that the groups are alike", "nb": "Test av om gruppene er like"},
}

LABELS: Mapping[str, Text] = {
    "time": {"en": "Time", "nb": "Tid"},
    "survival": {"en": "Survival", "nb": "Overlevelse"},
    "hazard": {"en": "Cumulative hazard", "nb": "Kumulativ hasard"},
    "incidence": {"en": "Cumulative incidence", "nb": "Kumulativ insidens"},
    "lower": {"en": "95 % lower", "nb": "95 % nedre"},
    "upper": {"en": "95 % upper", "nb": "95 % øvre"},
    "at_risk": {"en": "Followed on", "nb": "Følges videre"},
    "events_until": {"en": "Events until then", "nb": "Hendelser til da"},
    "censored_until": {"en": "Censored until then", "nb": "Sensurert til da"},
    "persons": {"en": "Persons", "nb": "Personer"},
    "events": {"en": "Events", "nb": "Hendelser"},
    "events_within": {"en": "Events within", "nb": "Hendelser innen"},
    "censored": {"en": "Censored", "nb": "Sensurert"},
    "entering": {"en": "Entering", "nb": "Ved start"},
    "start": {"en": "From", "nb": "Fra"},
    "end": {"en": "To", "nb": "Til"},
    "exposed": {"en": "Exposed to risk", "nb": "Under risiko"},
    "risk": {"en": "Risk", "nb": "Risiko"},
    "error": {"en": "Std. error", "nb": "Standardfeil"},
    "expected": {"en": "Expected", "nb": "Forventet"},
    "mean": {"en": "Mean", "nb": "Gjennomsnitt"},
    "difference": {"en": "Difference", "nb": "Forskjell"},
    "median": {"en": "Median, at most", "nb": "Median, høyst"},
    "age": {"en": "Age", "nb": "Alder"},
    "period": {"en": "Period", "nb": "Periode"},
    "person_years": {"en": "Person-years", "nb": "Personår"},
    "rate": {"en": "Rate", "nb": "Rate"},
    "standardised_rate": {"en": "Standardised rate", "nb": "Standardisert rate"},
    "ratio": {"en": "Ratio", "nb": "Forhold"},
    "observed": {"en": "Observed", "nb": "Observert"},
    "term": {"en": "Term", "nb": "Ledd"},
    "test": {"en": "Test", "nb": "Test"},
    "chi2": {"en": "χ²", "nb": "χ²"},
    "dof": {"en": "Degrees of freedom", "nb": "Frihetsgrader"},
    "p": {"en": "p", "nb": "p"},
}
