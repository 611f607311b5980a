"""Survival in words."""

from workbench.plan import nodes
from workbench.plan.nodes.analyses.survival import Curve, FollowUp
from workbench.plan.words.speech import listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.KaplanMeier) -> str:
    return _curve("Survival (Kaplan–Meier) until", node)


@say.register
def _(node: nodes.NelsonAalen) -> str:
    return _curve("Cumulative hazard (Nelson–Aalen) of", node)


@say.register
def _(node: nodes.LifeTable) -> str:
    return _curve("Life table (actuarial) until", node)


@say.register
def _(node: nodes.CumulativeIncidence) -> str:
    what = f"Cumulative incidence (Aalen–Johansen) of each cause other than “{node.censored}” in"
    return _curve(what, node)


@say.register
def _(node: nodes.RestrictedMean) -> str:
    return f"Mean time during {node.until} days until {_followed(node)}, among {say(node.cohort)}."


@say.register
def _(node: nodes.LogRank) -> str:
    strata = f" within strata of {listed_by(node.strata)}" if node.strata else ""
    return (
        f"Test ({node.weights}) that groups are alike{strata}: {_followed(node)}, "
        f"among {say(node.cohort)}."
    )


def _curve(what: str, node: Curve) -> str:
    return f"{what} {_followed(node)}, at {_times(node.times)}, among {say(node.cohort)}."


def _followed(node: FollowUp) -> str:
    """The event, the time, the groups and the landmark."""
    by = f" by {listed_by(node.by)}" if node.by else ""
    landmark = "" if node.landmark is None else f", from day {node.landmark} on"
    return f"{node.event}, followed for {node.time} days{landmark}{by}"


def _times(times: tuple[int, ...]) -> str:
    if len(times) <= 6:
        return f"day {listed_by(tuple(str(one) for one in times))}"
    return f"{len(times)} times from day {times[0]} to day {times[-1]}"
