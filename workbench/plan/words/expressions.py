"""Expressions in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import constant, inner, say, some

__all__: list[str] = []


@say.register
def _(node: nodes.Column) -> str:
    return node.name


@say.register
def _(node: nodes.Value) -> str:
    return constant(node.value)


@say.register
def _(node: nodes.DateValue) -> str:
    return node.value.isoformat()


@say.register(nodes.Compare)
@say.register(nodes.Arithmetic)
def _(node: nodes.Compare | nodes.Arithmetic) -> str:
    return f"{inner(node.left)} {node.op} {inner(node.right)}"


@say.register
def _(node: nodes.Logic) -> str:
    return f" {node.op} ".join(inner(one) for one in node.operands)


@say.register
def _(node: nodes.Not) -> str:
    return f"not {inner(node.operand)}"


@say.register
def _(node: nodes.IsIn) -> str:
    return f"{inner(node.operand)} is one of {some(node.values)}"


@say.register
def _(node: nodes.StartsWith) -> str:
    return f"{inner(node.operand)} begins with {some(node.prefixes)}"


@say.register
def _(node: nodes.IsNull) -> str:
    return f"{inner(node.operand)} is missing"


@say.register
def _(node: nodes.FillNull) -> str:
    return f"{inner(node.operand)} (or {say(node.value)} if missing)"


@say.register
def _(node: nodes.When) -> str:
    arms = "; ".join(f"{say(one.then)} when {say(one.when)}" for one in node.cases)
    last = "missing" if node.otherwise is None else say(node.otherwise)
    return f"({arms}; otherwise {last})"


@say.register
def _(node: nodes.Bins) -> str:
    edges = ", ".join(f"{edge:g}" for edge in node.edges)
    return f"{inner(node.operand)} in bins at {edges}"


@say.register
def _(node: nodes.AsCode) -> str:
    return f"{inner(node.operand)} as one of {some(node.codes)}"


@say.register
def _(node: nodes.Coalesce) -> str:
    return f"the first of {', '.join(say(one) for one in node.operands)} that is not missing"


@say.register
def _(node: nodes.Cast) -> str:
    kind = {"integer": "whole number", "float": "number", "string": "text"}[node.to]
    return f"{inner(node.operand)} as a {kind}"
