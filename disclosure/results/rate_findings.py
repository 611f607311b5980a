"""What is said of rates that are withheld."""

from disclosure.findings import Finding, Severity

__all__ = ["bands_merged", "nothing", "withheld"]

_REMEDY = {
    "en": "Use broader groups, ages or periods, or widen the cohort.",
    "nb": "Bruk bredere grupper, aldre eller perioder, eller utvid kohorten.",
}


def withheld(count: int, threshold: int) -> Finding:
    """Says how many strata are not told."""
    return Finding(
        "rates",
        Severity.WITHHELD,
        {
            "en": f"{count} rates are withheld: fewer than {threshold} persons with the event or "
            "without it, or time that is mostly a few persons' own.",
            "nb": f"{count} rater er holdt tilbake: færre enn {threshold} personer med hendelsen "
            "eller uten den, eller tid som mest er noen få personers.",
        },
        _REMEDY,
        count,
    )


def nothing(threshold: int) -> Finding:
    """Refuses rates none of which may be told."""
    return Finding(
        "rates",
        Severity.BLOCKING,
        {
            "en": f"No rate has {threshold} persons with the event and without it.",
            "nb": f"Ingen rate har {threshold} personer med hendelsen og uten den.",
        },
        _REMEDY,
    )


def bands_merged(asked: int, left: int) -> Finding:
    """Says that age bands were joined before standardising."""
    return Finding(
        "rates",
        Severity.NOTE,
        {
            "en": f"The {asked} age bands are joined to {left}, so that each may be told in every "
            "group; weights are joined too.",
            "nb": f"De {asked} aldersgruppene er slått sammen til {left}, slik at hver kan vises i "
            "alle grupper; vektene også.",
        },
        _REMEDY,
    )
