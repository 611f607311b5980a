"""What the ledger says: which earlier release the new table collides with, and the way out."""

from disclosure.findings import Finding, Severity, cells_are
from disclosure.ledger.collision import Collision, Meets

__all__ = [
    "close_cells",
    "close_groups",
    "close_numbers",
    "close_population",
    "linear",
    "unaudited",
]


def close_population(release: str, threshold: int, how: Meets = "same") -> Finding:
    """The two populations are a few persons apart."""
    return Finding(
        "ledger",
        Severity.BLOCKING,
        {
            "en": f"This cohort and that of release {release} differ by fewer than {threshold} "
            "persons on one side; together the two would tell about those few.",
            "nb": f"Denne kohorten og den i utgivelse {release} skiller seg med færre enn "
            f"{threshold} personer på én side; sammen ville de fortelle om disse få.",
        },
        {
            "en": f"Use exactly the cohort of {release}, or change it so that on each side nobody "
            f"or at least {threshold} persons enter or leave.",
            "nb": f"Bruk nøyaktig kohorten i {release}, eller endre den slik at ingen eller minst "
            f"{threshold} personer kommer til og faller fra.",
        },
        collision=Collision(((release, how),)).json(),
    )


def close_cells(release: str, cells: int, threshold: int) -> Finding:
    """Some cells are withheld as they are a few persons apart from earlier counts."""
    return Finding(
        "ledger",
        Severity.WITHHELD,
        {
            "en": f"{cells_are(cells)['en']} withheld: fewer than {threshold} persons apart "
            f"from a number in release {release}.",
            "nb": f"{cells_are(cells)['nb']} holdt tilbake: færre enn {threshold} personer fra et "
            f"tall i utgivelse {release}.",
        },
        {
            "en": f"Use the categories of {release} for the same variable.",
            "nb": f"Bruk samme kategorier som i {release} for samme variabel.",
        },
        cells,
    )


def close_groups(release: str, threshold: int, collision: Collision) -> Finding:
    """A group that a result counts is a few persons apart from an earlier count."""
    return Finding(
        "ledger",
        Severity.BLOCKING,
        {
            "en": f"A group of this result{collision.words()} is fewer than {threshold} persons "
            f"apart from a number in release {release}.",
            "nb": f"En gruppe i dette resultatet{collision.words()} er færre enn {threshold} "
            f"personer fra et tall i utgivelse {release}.",
        },
        {
            "en": f"Use the cohort and the categories of {release}, for instance with the same "
            "variables required to be known.",
            "nb": f"Bruk kohorten og kategoriene i {release}, for eksempel med krav om at de samme "
            "variablene er kjent.",
        },
        collision=collision.json(),
    )


def close_numbers(
    release: str, new: str, earlier: str, threshold: int, how: Meets = "same"
) -> Finding:
    """A number of this result is one of an earlier release but for a few persons."""
    return Finding(
        "ledger",
        Severity.BLOCKING,
        {
            "en": f"{new} and what release {release} told of {earlier} are the same but for fewer "
            f"than {threshold} persons, or for what one or two make up; subtracted, they would "
            "tell about those.",
            "nb": f"{new} og det utgivelse {release} fortalte om {earlier}, er det samme bortsett "
            f"fra for færre enn {threshold} personer, eller for det én eller to utgjør; trukket "
            "fra hverandre ville de fortelle om disse.",
        },
        {
            "en": f"Use {earlier} as in {release}, or change it for nobody or at least "
            f"{threshold} persons.",
            "nb": f"Bruk {earlier} som i {release}, eller endre den for ingen eller minst "
            f"{threshold} personer.",
        },
        collision=Collision(((release, how),), (((new, earlier),),)).json(),
    )


def unaudited() -> Finding:
    """The audit across releases could not be carried through: not released."""
    return Finding(
        "ledger",
        Severity.BLOCKING,
        {
            "en": "The audit of this result together with the earlier releases did not finish.",
            "nb": "Kontrollen av dette resultatet sammen med tidligere utgivelser ble ikke ferdig.",
        },
        {
            "en": "Use fewer groups, or ask a disclosure officer to look at it.",
            "nb": "Bruk færre grupper, eller be en avsløringskontrollør se på det.",
        },
    )


def linear(collision: Collision) -> Finding:
    """Together with earlier releases the table would give a small group away."""
    names = ", ".join(release for release, _ in collision.releases)
    return Finding(
        "ledger",
        Severity.BLOCKING,
        {
            "en": f"Together with release {names}, sums and differences of the numbers in this "
            f"table would give a small group away{collision.words()}.",
            "nb": f"Sammen med utgivelse {names} ville summer og differanser av tallene i denne "
            f"tabellen røpe en liten gruppe{collision.words()}.",
        },
        {
            "en": f"Use the categories of {names}, leave out the margins, or drop one dimension.",
            "nb": f"Bruk kategoriene fra {names}, utelat marginene, eller fjern én dimensjon.",
        },
        collision=collision.json(),
    )
