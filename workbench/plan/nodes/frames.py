"""Frames: rows, one or many a person. The person key has no name."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from workbench.plan.nodes.base import Name, Node

if TYPE_CHECKING:
    from workbench.plan.nodes import Expression, Frame

__all__ = ["Dataset", "Derive", "Derived", "Filter", "Persons", "Sort"]


class Dataset(Node):
    """All rows of a dataset of the view; FIXED ones have one row a person."""

    k: Literal["dataset"] = "dataset"
    name: Name


class Persons(Node):
    """Every person of the view, each in one row without a variable of its own."""

    k: Literal["persons"] = "persons"


class Filter(Node):
    """The rows for which `where` is true; null is not true."""

    k: Literal["filter"] = "filter"
    frame: "Frame"
    where: "Expression"


class Sort(Node):
    """An order of an event frame, for first and last."""

    k: Literal["sort"] = "sort"
    frame: "Frame"
    by: Annotated[tuple[Name, ...], Field(min_length=1, max_length=4)]
    descending: bool = False


class Derived(Node):
    """A new variable; all of one `Derive` see the frame as it was before."""

    name: Name
    value: "Expression"


class Derive(Node):
    """A frame with derived variables; a name that is taken is refused."""

    k: Literal["derive"] = "derive"
    frame: "Frame"
    columns: Annotated[tuple[Derived, ...], Field(min_length=1, max_length=64)]
