"""Random frames that need everybody at once, for tests/lib/plans.py: matched and linked persons."""

from typing import Any

from hypothesis import strategies as st

from tests.lib.plans_values import Of
from workbench.plan import nodes

PERSON = nodes.Dataset(name="person")
VARIABLES = ("sex", "place", "region", "age", "weight", "vital", "birth")


def by_mother(draw: Any, of: Of) -> nodes.Frame:
    """The persons whose mother is in the view, with something of hers and of her children."""
    linked: nodes.Frame = nodes.Linked(frame=PERSON, link="mother", keep=VARIABLES)
    if draw(st.booleans()):
        linked = nodes.Filter(frame=linked, where=draw(of("boolean", "person", 1)))
    children = nodes.Reduce(op="sum", frame=linked, value=nodes.Column(name="age"))
    theirs = draw(of(draw(st.sampled_from(["integer", "float"])), "person", 1))
    derived = (
        nodes.Derived(name="m_one", value=nodes.Take(which="last", frame=PERSON, value=theirs)),
        nodes.Derived(name="m_two", value=children),
    )
    linked = nodes.Derive(frame=linked, columns=derived)
    own = nodes.Back(frame=linked, keep=(*VARIABLES, "m_one", "m_two"))
    name = draw(st.sampled_from(["m_one", "m_two"]))
    where = nodes.Compare(op=">", left=nodes.Column(name=name), right=nodes.Value(value=1))
    return nodes.Filter(frame=own, where=where) if draw(st.booleans()) else own


def matched(draw: Any, of: Of, controls: nodes.Frame) -> nodes.Frame:
    """Some persons and others like them, out of a frame with the person's variables."""
    cases = nodes.Filter(frame=PERSON, where=draw(of("boolean", "person", 1)))
    within = draw(st.sampled_from([0, 1.5, 400]))
    names = draw(st.lists(st.sampled_from(["age", "weight", "birth"]), unique=True, max_size=2))
    calipers = tuple(nodes.Caliper(name=name, within=within) for name in names)
    others = ["sex", "region", "vital", "place"]
    exact = draw(st.lists(st.sampled_from(others), unique=True, min_size=not names, max_size=2))
    replacement = draw(st.booleans())
    frame = nodes.Matched(
        cases=cases,
        controls=controls,
        exact=tuple(exact),
        calipers=calipers,
        ratio=draw(st.integers(1, 3)),
        replacement=replacement,
        carry=() if replacement else draw(st.sampled_from([(), ("birth",)])),
        seed=draw(st.integers(0, 3)),
    )
    if draw(st.booleans()):
        return nodes.Filter(frame=frame, where=nodes.Column(name="case"))
    sets = nodes.Compare(
        op=">=", left=nodes.Column(name="sets"), right=nodes.Value(value=draw(st.integers(1, 2)))
    )
    return nodes.Filter(frame=frame, where=sets)
