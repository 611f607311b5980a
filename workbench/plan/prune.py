"""A plan without the derived variables that nothing in it uses: one question, one spelling."""

from workbench.plan import nodes
from workbench.plan.nodes import Node, Plan
from workbench.plan.nodes.versions import least

__all__ = ["pruned"]

Names = frozenset[str]


def pruned(plan: Plan) -> Plan:
    """The same question with only the derived variables that its answer depends on.

    It says the least version of the language that has all its nodes.
    """
    analysis = plan.analysis
    cohort = _frame(analysis.cohort, frozenset(analysis.reads))
    short = plan.model_copy(update={"analysis": analysis.model_copy(update={"cohort": cohort})})
    return short.model_copy(update={"v": least(short)})


def _frame(frame: nodes.Frame, wanted: Names) -> nodes.Frame:
    if isinstance(frame, (nodes.Dataset, nodes.Persons)):
        return frame
    if isinstance(frame, nodes.Matched):
        read = wanted | set(frame.by)
        cases = _frame(frame.cases, read | set(frame.carry))
        return frame.model_copy(update={"cases": cases, "controls": _frame(frame.controls, read)})
    if isinstance(frame, nodes.Linked | nodes.Back):
        keep = tuple(one for one in frame.keep if one in wanted)
        return frame.model_copy(
            update={"frame": _frame(frame.frame, frozenset(keep)), "keep": keep}
        )
    if isinstance(frame, nodes.Filter):
        where = _within(frame.where)
        return nodes.Filter(frame=_frame(frame.frame, wanted | _columns(where)), where=where)
    if isinstance(frame, nodes.Sort):
        return frame.model_copy(update={"frame": _frame(frame.frame, wanted | set(frame.by))})
    if isinstance(frame, nodes.Episodes | nodes.Spans | nodes.Split | nodes.Exposed):
        return _periods(frame, wanted)
    kept = tuple(
        nodes.Derived(name=one.name, value=_within(one.value))
        for one in frame.columns
        if one.name in wanted
    )
    below = wanted - {one.name for one in kept}
    for one in kept:
        below |= _columns(one.value)
    inner = _frame(frame.frame, below)
    return nodes.Derive(frame=inner, columns=kept) if kept else inner


def _periods(
    frame: nodes.Episodes | nodes.Spans | nodes.Split | nodes.Exposed, wanted: Names
) -> nodes.Frame:
    """Periods over what they are made of; a split stays, since it decides which rows there are."""
    if isinstance(frame, nodes.Episodes):
        read = {frame.start, frame.end or frame.start}
        return frame.model_copy(update={"frame": _frame(frame.frame, frozenset(read))})
    if isinstance(frame, nodes.Spans):
        keep = tuple(one for one in frame.keep if one in wanted)
        below = _frame(frame.frame, frozenset({frame.start, frame.end, *keep}))
        return frame.model_copy(update={"frame": below, "keep": keep})
    if isinstance(frame, nodes.Exposed):
        by = _frame(frame.by, frozenset())
        return frame.model_copy(update={"frame": _frame(frame.frame, wanted), "by": by})
    origin = None if frame.origin is None else _within(frame.origin)
    read_by = frozenset() if origin is None else _columns(origin)
    below = _frame(frame.frame, (wanted - {frame.name}) | read_by)
    return frame.model_copy(update={"frame": below, "origin": origin})


def _within(node: nodes.Expression) -> nodes.Expression:
    """The expression with the frames of its aggregates pruned."""
    if isinstance(node, nodes.OverRows):
        if node.read is None:
            return node.model_copy(update={"frame": _frame(node.frame, frozenset())})
        value = _within(node.read)
        frame = _frame(node.frame, _columns(value))
        return node.model_copy(update={"frame": frame, "value": value})
    changed: dict[str, object] = {}
    for field in type(node).model_fields:
        value = getattr(node, field)
        if isinstance(value, tuple) and any(isinstance(one, Node) for one in value):
            changed[field] = tuple(_part(one) for one in value)
        elif isinstance(value, Node):
            changed[field] = _part(value)
    return node.model_copy(update=changed) if changed else node


def _part(node: Node) -> Node:
    if isinstance(node, nodes.Case):
        return nodes.Case(when=_within(node.when), then=_within(node.then))
    return _within(node)  # type: ignore[arg-type]  # every other part of an expression is one


def _columns(node: Node) -> Names:
    """The names that an expression reads of its own frame; aggregates read theirs."""
    if isinstance(node, nodes.Column):
        return frozenset({node.name})
    if isinstance(node, nodes.OverRows):
        return frozenset()
    found: Names = frozenset()
    for field in type(node).model_fields:
        value = getattr(node, field)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Node):
                found |= _columns(one)
    return found
