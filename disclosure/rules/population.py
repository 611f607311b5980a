"""Population: a table is about many persons, or it is about individuals."""

from disclosure.findings import Finding, Severity
from disclosure.policy import Policy

__all__ = ["finding"]


def finding(population: int, view_population: int, policy: Policy) -> Finding | None:
    """A blocking finding when the cohort, or what it leaves out of the view, is too small.

    population, view_population: distinct persons. The number of persons in the view is known to
    the project, so a cohort of all but a few would count those few.
    """
    small_view = view_population < policy.small_view
    minimum = policy.small_population if small_view else policy.minimum_population
    if population < minimum:
        return Finding(
            "population",
            Severity.BLOCKING,
            {
                "en": f"The cohort has fewer than {minimum} persons.",
                "nb": f"Kohorten har færre enn {minimum} personer.",
            },
            {
                "en": "Widen the cohort's filters.",
                "nb": "Gjør kohortens filtre videre.",
            },
        )
    if 0 < view_population - population < policy.threshold:
        return Finding(
            "population",
            Severity.BLOCKING,
            {
                "en": f"The cohort leaves out fewer than {policy.threshold} persons of the view.",
                "nb": f"Kohorten utelater færre enn {policy.threshold} personer av utsnittet.",
            },
            {
                "en": "Take in everybody, or leave out a larger group.",
                "nb": "Ta med alle, eller utelat en større gruppe.",
            },
        )
    return None
