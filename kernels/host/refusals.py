"""What a researcher reads when a kernel or run is refused, in the language of the installation.

The English words stand where the refusal is raised; here stand the Norwegian ones, by code, and for
what only an operator can mend, other words in both: the remedy on the host is no researcher's.
"""

from kernels.errors import Refusal

__all__ = ["told"]

_GO_ON = (
    "Gå videre med tvillingen i Workbench-kjernen, eller send en forseglet kjøring; det er "
    "plass igjen om {2} min."
)
_NORWEGIAN: dict[str, tuple[str, str]] = {
    "too_many_kernels": (
        "Du har {0} kjerner i gang i dette prosjektet, så mange som en person kan ha.",
        "Avslutt dem du ikke lenger trenger: Kernel, Shut Down All Kernels.",
    ),
    "too_many_launches": (
        "For mange kjerner ble startet på ett minutt.",
        "Vent et minutt og start den igjen.",
    ),
    "not_granted": (
        "Denne serveren kan ikke starte kjerner.",
        "Stopp serveren og start den igjen fra prosjektets side.",
    ),
    "permit_expired": (
        "Tillatelsen til dette prosjektet har utløpt.",
        "Be om at den forlenges; notatbøkene er tatt vare på.",
    ),
    "not_confirmed": (
        "Huben har ikke bekreftet tillatelsen til dette prosjektet på en stund.",
        "Prøv igjen om et minutt; si fra til driften om det fortsetter.",
    ),
    "sealed_not_permitted": (
        "Tillatelsen til dette prosjektet omfatter ikke forseglede kjøringer.",
        "Bruk Workbench-kjernen, eller be om at tillatelsen endres.",
    ),
    "sealed_kernel_not_permitted": (
        "Tillatelsen til dette prosjektet omfatter ikke en interaktiv forseglet kjerne.",
        "Bruk Workbench-kjernen, eller be om at tillatelsen endres.",
    ),
    "no_view": (
        "Prosjektets data ligger ikke der de ble gjort klare.",
        "Si fra til driften: `workbench project build` gjør dem klare på nytt.",
    ),
    "engine_away": ("Motoren svarer ikke.", "Prøv igjen om et minutt."),
    "engine_failed": ("Motoren kunne ikke svare.", "Prøv igjen; si fra til driften."),
    "no_isolation": (
        "Sandkassen holdt ikke (prøve: {0}), så ingen kjerne ble startet.",
        "Be driften kjøre `workbench doctor` på maskinen.",
    ),
    "script_too_long": (
        "Et forseglet skript har høyst {0} linjer.",
        "Del det i flere kjøringer.",
    ),
    "runs_used_up": (
        "{0} forseglede kjøringer i timen er tillatt, og {1} om dagen.",
        "Prøv skriptet på tvillingen med Workbench-kjernen; neste kjøring kan begynne om {2} min.",
    ),
    "cell_too_long": (
        "En celle i en forseglet kjerne har høyst {0} linjer.",
        "Del den, eller kjør den som en forseglet kjøring.",
    ),
    "starts_used_up": (
        "{0} forseglede kjerner kan startes i timen, og {1} om dagen.",
        _GO_ON,
    ),
    "cells_used_up": (
        "{0} celler kan kjøres i forseglede kjerner i timen, og {1} om dagen.",
        _GO_ON,
    ),
    "errors_used_up": (
        "{0} celler kan feile i forseglede kjerner i timen, og {1} om dagen.",
        _GO_ON,
    ),
}
_OPERATORS: dict[str, dict[str, tuple[str, str]]] = {
    "tampered_environment": {
        "en": (
            "The packages for kernels are not as they were installed, so no kernel starts.",
            "Tell the operator: `workbench doctor` says what to do.",
        ),
        "nb": (
            "Pakkene til kjernene er ikke slik de ble installert, så ingen kjerne starter.",
            "Si fra til driften: `workbench doctor` sier hva som må gjøres.",
        ),
    },
}


def told(refusal: Refusal, language: str) -> Refusal:
    """The same refusal in words for a researcher; language: "nb" or "en".

    A code that is not known here (the engine's own) keeps its words.
    """
    words = _OPERATORS.get(refusal.code, {}).get(language)
    if words is None and language == "nb":
        words = _NORWEGIAN.get(refusal.code)
    if words is None:
        return refusal
    reason, remedy = (each.format(*refusal.facts) for each in words)
    return Refusal(refusal.code, reason, remedy, *refusal.facts)
