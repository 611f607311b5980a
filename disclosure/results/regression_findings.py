"""What the rules say of a model, in plain words: the term to blame, and a way out."""

from collections.abc import Mapping, Sequence

from disclosure.findings import Finding, Severity

__all__ = ["about", "blocked"]

Said = tuple[str, str, str, str]
"""Text and remedy, in English and Norwegian; {t} a threshold, {names} the terms."""

_BLOCKED: Mapping[str, Said] = {
    "support": (
        "The model tells groups of fewer than {t} persons apart: {names}.",
        "Modellen skiller ut grupper med færre enn {t} personer: {names}.",
        "Merge categories, or leave the term out.",
        "Slå sammen kategorier, eller utelat leddet.",
    ),
    "events": (
        "Fewer than {t} persons with the outcome, or without it: {names}.",
        "Færre enn {t} personer med utfallet, eller uten det: {names}.",
        "Merge categories, widen the cohort, or choose a more frequent outcome.",
        "Slå sammen kategorier, gjør kohorten videre, eller velg et hyppigere utfall.",
    ),
    "dominance": (
        "A few persons make up most of the outcome, or hold a value of their own: {names}.",
        "Noen få personer utgjør det meste av utfallet, eller har en egen verdi: {names}.",
        "Merge categories, or cap the outcome's highest values.",
        "Slå sammen kategorier, eller sett et tak på utfallets høyeste verdier.",
    ),
    "isolated": (
        "Beside the other terms, these rest on fewer than {t} persons: {names}.",
        "Ved siden av de andre leddene hviler disse på færre enn {t} personer: {names}.",
        "Merge categories or leave a term out; of a number, cap the highest values or use .bins().",
        (
            "Slå sammen kategorier eller utelat et ledd; for et tall: sett et tak på de høyeste "
            "verdiene, eller bruk .bins()."
        ),
    ),
    "leverage": (
        "One person alone decides what the model says of that person.",
        "Én person avgjør alene hva modellen sier om denne personen.",
        "Use fewer terms, coarser categories, or cap the highest values of numbers.",
        "Bruk færre ledd, grovere kategorier, eller sett et tak på talls høyeste verdier.",
    ),
    "influence": (
        "The outcomes of one or two persons make up most of a coefficient: {names}.",
        "Utfallet hos én eller to personer utgjør det meste av en koeffisient: {names}.",
        "Cap the outcome's highest values, or merge categories.",
        "Sett et tak på utfallets høyeste verdier, eller slå sammen kategorier.",
    ),
    "saturated": (
        (
            "The model has too many terms for this cohort: at least 10 persons a coefficient are "
            "needed, and 10 degrees of freedom."
        ),
        (
            "Modellen har for mange ledd for denne kohorten: det trengs minst 10 personer per "
            "koeffisient, og 10 frihetsgrader."
        ),
        "Use fewer terms or coarser categories, or widen the cohort.",
        "Bruk færre ledd eller grovere kategorier, eller gjør kohorten videre.",
    ),
    "clusters": (
        "Fewer than {t} clusters.",
        "Færre enn {t} klynger.",
        "Use a finer category as the cluster, or errors='HC1'.",
        "Bruk en finere kategori som klynge, eller errors='HC1'.",
    ),
    "explained": (
        "The model tells each person's outcome almost exactly.",
        "Modellen forteller utfallet til hver person nesten nøyaktig.",
        "Leave out what the outcome is made of.",
        "Utelat det som utfallet er laget av.",
    ),
    "separated": (
        "The model tells the outcome of some persons with certainty (separation).",
        "Modellen forteller utfallet til noen personer med sikkerhet (separasjon).",
        "Merge categories, leave out what the outcome follows from, or use a broader outcome.",
        "Slå sammen kategorier, utelat det som utfallet følger av, eller bruk et videre utfall.",
    ),
}
_TROUBLE: Mapping[str, Said] = {
    "constant_term": (
        "{names} does not vary in this cohort, so nothing can be said about it.",
        "{names} varierer ikke i denne kohorten, så ingenting kan sies om det.",
        "Leave it out of the model.",
        "Utelat det fra modellen.",
    ),
    "empty_reference": (
        "Nobody in this cohort has the category of {names} that is the reference.",
        "Ingen i denne kohorten har kategorien av {names} som er referanse.",
        'Choose one that occurs: C({names}, ref="…").',
        'Velg en som forekommer: C({names}, ref="…").',
    ),
    "dependent": (
        "{names} follows from the terms before it, so both cannot be in one model.",
        "{names} følger av leddene foran, så begge kan ikke stå i én modell.",
        "Leave one of them out, or merge categories.",
        "Utelat ett av dem, eller slå sammen kategorier.",
    ),
    "not_converged": (
        "The model found no best fit.",
        "Modellen fant ingen beste tilpasning.",
        (
            "Use fewer terms or rescale large numbers; in place of a log-binomial model ask for "
            ".risk_ratio(…), a modified Poisson model."
        ),
        (
            "Bruk færre ledd eller skaler store tall; i stedet for en log-binomisk modell: "
            ".risk_ratio(…), en modifisert Poisson-modell."
        ),
    ),
    "negative_outcome": (
        "Some outcomes are below what this model can explain (counts from 0, amounts above 0).",
        "Noen utfall er lavere enn modellen kan forklare (antall fra 0, beløp over 0).",
        "Filter or recode the outcome first, or use a linear model.",
        "Filtrer eller omkod utfallet først, eller bruk en lineær modell.",
    ),
    "too_many_days": (
        "The model has more coefficients and days of events than one run can hold.",
        "Modellen har flere koeffisienter og dager med hendelser enn en kjøring kan romme.",
        "Use fewer terms or strata, or count time in weeks.",
        "Bruk færre ledd eller strata, eller tell tiden i uker.",
    ),
    "nobody": (
        "Nobody in the cohort has a value of every variable of the model.",
        "Ingen i kohorten har en verdi av alle variablene i modellen.",
        "Leave out the variable that is missing most.",
        "Utelat variabelen som mangler oftest.",
    ),
}
_NAMED = 6
_EVERYBODY = {"(Intercept)": {"en": "all persons", "nb": "alle personer"}}


def blocked(rule: str, names: Sequence[str], threshold: int) -> Finding:
    """A rule that the model does not meet; names: the terms or groups to blame."""
    return _said(_BLOCKED[rule], names or ["(Intercept)"], threshold)


def about(code: str, term: str) -> Finding:
    """A model that has no answer. Said only when the rules on groups have passed."""
    said = _BLOCKED["separated"] if code == "separated" else _TROUBLE[code]
    return _said(said, [term], 0)


def _said(said: Said, names: Sequence[str], threshold: int) -> Finding:
    text_en, text_nb, remedy_en, remedy_nb = said

    def filled(text: str, language: str, more: str) -> str:
        shown = [_EVERYBODY.get(name, {}).get(language, name) for name in names[:_NAMED]]
        left = len(names) - _NAMED
        listed = ", ".join(shown) + (f" {more.format(left)}" if left > 0 else "")
        return text.replace("{t}", str(threshold)).replace("{names}", listed)

    return Finding(
        "regression",
        Severity.BLOCKING,
        {"en": filled(text_en, "en", "and {} more"), "nb": filled(text_nb, "nb", "og {} til")},
        {
            "en": filled(remedy_en, "en", "and {} more"),
            "nb": filled(remedy_nb, "nb", "og {} til"),
        },
    )
