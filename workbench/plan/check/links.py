"""The types of linked frames: whether the dataset declares the link and the permit opens it."""

from workbench.plan import nodes
from workbench.plan.check.expressions import column
from workbench.plan.errors import Refusal
from workbench.plan.names import listed, nearest
from workbench.plan.schema import Schema
from workbench.plan.types import FrameType

__all__ = ["linked_type"]


def linked_type(frame: nodes.Linked | nodes.Back, below: FrameType, schema: Schema) -> FrameType:
    """The type of a linked frame, or of one that is led back; raises Refusal as `check` does."""
    if isinstance(frame, nodes.Linked):
        _declared(frame, below, schema)
        kind, linked = "event", below.kind
    elif below.linked is None:
        raise Refusal(
            "wrong_frame",
            f"{below.dataset} was not linked, so there is no way back.",
            'As in births.linked("mother").with_columns(…).back().',
        )
    else:
        kind, linked = below.linked, None
    if len(set(frame.keep)) != len(frame.keep):
        raise Refusal("name_taken", "A variable is kept twice.", "Keep each variable once.")
    columns = {name: column(name, below, schema) for name in frame.keep}
    return FrameType(below.dataset, kind, columns, derived=frozenset(columns), linked=linked)


def _declared(frame: nodes.Linked, below: FrameType, schema: Schema) -> None:
    base: nodes.Frame = frame.frame
    while isinstance(base, nodes.Filter | nodes.Derive | nodes.Sort):
        base = base.frame
    if not isinstance(base, nodes.Dataset):
        raise Refusal(
            "wrong_frame",
            f"These rows of {below.dataset} are no dataset's own, so they name nobody.",
            'Link the dataset first: births.linked("mother"), then go on.',
        )
    links = schema.datasets[base.name].links
    opened = [one for one in links if f"{base.name}.{one}" not in schema.closed]
    if frame.link in opened:
        return
    near = nearest(frame.link, opened)
    if near is not None:
        raise Refusal(
            "unknown_name",
            f"{base.name} has no link {frame.link}.",
            f'Did you mean {near}? As in .linked("{near}").',
        )
    raise Refusal(
        "outside_permit",
        f"The permit opens no link {frame.link} in {base.name}.",
        f"It opens {listed(opened)}; links are declared in the data contract and opened by the "
        "permit.",
    )
