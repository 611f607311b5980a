"""Links between persons: the rows of a child as its mother's, and back.

A contract declares whom a dataset's rows name besides their own person. Links lead nowhere else:
no plan can name a person, nor join persons by a value that they share.
"""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from workbench.plan.nodes.base import Name, Node

if TYPE_CHECKING:
    from workbench.plan.nodes import Frame

__all__ = ["Back", "Linked"]

Keep = Annotated[tuple[Name, ...], Field(max_length=64)]


class Linked(Node):
    """The rows of a frame as those of whom they name by a link of their dataset.

    An event frame: a mother has a row for each child. It has the `keep` variables of the rows.
    Rows that name nobody, or nobody of the view, take no part.
    """

    k: Literal["linked"] = "linked"
    frame: "Frame"
    link: Name
    keep: Keep = ()


class Back(Node):
    """The rows of a linked frame as their own persons' again, with what was derived meanwhile.

    One row a person, if the frame that was linked had one; `keep` are the variables that it has.
    """

    k: Literal["back"] = "back"
    frame: "Frame"
    keep: Keep = ()
