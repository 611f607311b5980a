"""A plan in plain words, for the researcher, the officer and the certificate."""

from functools import singledispatch
from itertools import pairwise

from workbench.plan import nodes
from workbench.plan.nodes import Node, Plan

__all__ = ["bin_labels", "explain", "say"]


def explain(plan: Plan) -> str:
    """What the plan asks, in one or two English sentences; no data, only the plan's own words."""
    return say(plan.analysis)


def bin_labels(edges: tuple[int | float, ...]) -> tuple[str, ...]:
    """The categories that edges make, in order: <40, 40–<60, ≥60."""
    text = [f"{edge:g}" if float(f"{edge:g}") == edge else repr(edge) for edge in edges]
    inner = [f"{low}–<{high}" for low, high in pairwise(text)]
    return (f"<{text[0]}", *inner, f"≥{text[-1]}")


@singledispatch
def say(node: Node) -> str:
    """A node in words; every kind of node has its own."""
    raise TypeError(f"{type(node).__name__} has no words")


@say.register
def _(node: nodes.Column) -> str:
    return node.name


@say.register
def _(node: nodes.Value) -> str:
    return _constant(node.value)


@say.register
def _(node: nodes.DateValue) -> str:
    return node.value.isoformat()


@say.register(nodes.Compare)
@say.register(nodes.Arithmetic)
def _(node: nodes.Compare | nodes.Arithmetic) -> str:
    return f"{_inner(node.left)} {node.op} {_inner(node.right)}"


@say.register
def _(node: nodes.Logic) -> str:
    return f" {node.op} ".join(_inner(one) for one in node.operands)


@say.register
def _(node: nodes.Not) -> str:
    return f"not {_inner(node.operand)}"


@say.register
def _(node: nodes.IsIn) -> str:
    return f"{_inner(node.operand)} is one of {_some(node.values)}"


@say.register
def _(node: nodes.StartsWith) -> str:
    return f"{_inner(node.operand)} begins with {_some(node.prefixes)}"


@say.register
def _(node: nodes.IsNull) -> str:
    return f"{_inner(node.operand)} is missing"


@say.register
def _(node: nodes.FillNull) -> str:
    return f"{_inner(node.operand)} (or {say(node.value)} if missing)"


@say.register
def _(node: nodes.When) -> str:
    arms = "; ".join(f"{say(one.then)} when {say(one.when)}" for one in node.cases)
    last = "missing" if node.otherwise is None else say(node.otherwise)
    return f"({arms}; otherwise {last})"


@say.register
def _(node: nodes.Bins) -> str:
    edges = ", ".join(f"{edge:g}" for edge in node.edges)
    return f"{_inner(node.operand)} in bins at {edges}"


@say.register
def _(node: nodes.AsCode) -> str:
    return f"{_inner(node.operand)} as one of {_some(node.codes)}"


@say.register
def _(node: nodes.DatePart) -> str:
    return f"the {node.part} of {_inner(node.operand)}"


@say.register
def _(node: nodes.Between) -> str:
    return f"{node.unit} from {_inner(node.start)} to {_inner(node.end)}"


@say.register
def _(node: nodes.Exists) -> str:
    return f"any row of {say(node.frame)}"


@say.register
def _(node: nodes.CountRows) -> str:
    return f"the number of rows of {say(node.frame)}"


@say.register
def _(node: nodes.Take) -> str:
    return f"the {node.which} {say(node.value)} of {say(node.frame)}"


@say.register
def _(node: nodes.Reduce) -> str:
    word = {"sum": "sum", "mean": "mean", "min": "least", "max": "greatest"}[node.op]
    of = " of" if node.op in ("sum", "mean") else ""
    return f"the {word}{of} {say(node.value)} of {say(node.frame)}"


@say.register
def _(node: nodes.Dataset) -> str:
    return node.name


@say.register
def _(_node: nodes.Persons) -> str:
    return "all persons of the view"


@say.register
def _(node: nodes.Filter) -> str:
    word = "and" if isinstance(node.frame, nodes.Filter) else "where"
    return f"{say(node.frame)} {word} {_inner(node.where)}"


@say.register
def _(node: nodes.Sort) -> str:
    order = ", ".join(node.by) + (" descending" if node.descending else "")
    return f"{say(node.frame)} sorted by {order}"


@say.register
def _(node: nodes.Derive) -> str:
    columns = ", ".join(f"{one.name} = {say(one.value)}" for one in node.columns)
    return f"{say(node.frame)} with {columns}"


@say.register
def _(node: nodes.Crosstab) -> str:
    margins = " with margins" if node.margins else ""
    return f"Count the persons by {_by(node.by)}{margins}, among {say(node.cohort)}."


@say.register
def _(node: nodes.Count) -> str:
    by = f" by {_by(node.by)}" if node.by else ""
    return f"Count the persons{by}, among {say(node.cohort)}."


@say.register
def _(node: nodes.Describe) -> str:
    by = f" by {_by(node.by)}" if node.by else ""
    return (
        f"Number, mean and standard deviation of {node.variable}{by}, over the persons with a "
        f"value, among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.DpCount) -> str:
    by = f" by {_by(node.by)}" if node.by else ""
    return (
        f"Count the persons{by} with noise at ρ = {node.rho} (differential privacy), "
        f"among {say(node.cohort)}."
    )


@say.register
def _(node: Plan) -> str:
    return say(node.analysis)


def _inner(node: Node) -> str:
    text = say(node)
    compound = isinstance(node, (nodes.Compare, nodes.Arithmetic, nodes.Logic, nodes.Not))
    return f"({text})" if compound else text


def _by(names: tuple[str, ...]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def _some(values: tuple[nodes.Scalar, ...], most: int = 6) -> str:
    shown = ", ".join(_constant(value) for value in values[:most])
    more = len(values) - most
    return shown if more <= 0 else f"{shown} and {more} more"


def _constant(value: nodes.Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"“{value}”" if isinstance(value, str) else f"{value:g}"
