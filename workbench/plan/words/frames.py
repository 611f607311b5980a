"""Frames in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import inner, say

__all__: list[str] = []


@say.register
def _(node: nodes.Dataset) -> str:
    return node.name


@say.register
def _(_node: nodes.Persons) -> str:
    return "all persons of the view"


@say.register
def _(node: nodes.Filter) -> str:
    word = "and" if isinstance(node.frame, nodes.Filter) else "where"
    return f"{say(node.frame)} {word} {inner(node.where)}"


@say.register
def _(node: nodes.Sort) -> str:
    order = ", ".join(node.by) + (" descending" if node.descending else "")
    return f"{say(node.frame)} sorted by {order}"


@say.register
def _(node: nodes.Derive) -> str:
    columns = ", ".join(f"{one.name} = {say(one.value)}" for one in node.columns)
    return f"{say(node.frame)} with {columns}"
