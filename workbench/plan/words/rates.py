"""Rates in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.Rates) -> str:
    time = (
        f"{node.days} days"
        if node.days is not None
        else f"the time from {node.start} to {node.end}"
    )
    by = list(node.by)
    if node.ages:
        edges = ", ".join(str(age) for age in node.ages)
        at = f"{node.age} at the start" if node.age is not None else f"age (from {node.birth})"
        by.append(f"{at} in bands from {edges}")
    if node.periods:
        by.append(f"calendar period from {', '.join(str(year) for year in node.periods)}")
    told = f" by {listed_by(tuple(by))}" if by else ""
    standard = f", standardised to {node.standard}" if node.standard else ""
    if node.reference:
        standard = ", against the rates of a reference population"
    return (
        f"Rate of {node.event} per {node.per} person-years over {time}{told}{standard}, "
        f"among {say(node.cohort)}."
    )
