"""Survival in words."""

from workbench.plan import nodes
from workbench.plan.nodes.analyses.survival import FollowUp
from workbench.plan.words.speech import listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.KaplanMeier) -> str:
    return (
        f"Survival (Kaplan–Meier) until {_followed(node)}, at {_times(node.times)}, "
        f"among {say(node.cohort)}."
    )


def _followed(node: FollowUp) -> str:
    """The event, the time, the groups and the landmark."""
    by = f" by {listed_by(node.by)}" if node.by else ""
    landmark = "" if node.landmark is None else f", from day {node.landmark} on"
    return f"{node.event}, followed for {node.time} days{landmark}{by}"


def _times(times: tuple[int, ...]) -> str:
    if len(times) <= 6:
        return f"day {listed_by(tuple(str(one) for one in times))}"
    return f"{len(times)} times from day {times[0]} to day {times[-1]}"
