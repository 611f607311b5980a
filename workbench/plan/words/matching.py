"""Matched controls in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import inner, listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.Matched) -> str:
    near = tuple(f"{one.name} within {one.within:g}" for one in node.calipers)
    alike = listed_by((*(f"the same {name}" for name in node.exact), *near))
    some = "one control" if node.ratio == 1 else f"up to {node.ratio} controls"
    again = "with replacement" if node.replacement else "nobody twice"
    carry = f", who have {listed_by(node.carry)} from their case" if node.carry else ""
    return (
        f"the cases {inner(node.cases)} and {some} each with {alike} ({again}, lots drawn from "
        f"{node.seed}){carry} among {inner(node.controls)}"
    )
