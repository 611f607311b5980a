"""Texts and codes: what they hold, how long they are, and pieces of them."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from workbench.plan.nodes.base import Node, Text

if TYPE_CHECKING:
    from workbench.plan.nodes import Expression

__all__ = ["Contains", "EndsWith", "ReadText", "Slice", "TextLength"]

Pieces = Annotated[tuple[Annotated[Text, Field(min_length=1)], ...],
                   Field(min_length=1, max_length=200)]  # fmt: skip


class Contains(Node):
    """Whether the text holds one of the pieces, letter by letter; null when it is null."""

    k: Literal["contains"] = "contains"
    operand: "Expression"
    pieces: Pieces


class EndsWith(Node):
    """Whether the text ends with one of the suffixes; null when it is null."""

    k: Literal["ends_with"] = "ends_with"
    operand: "Expression"
    suffixes: Pieces


class TextLength(Node):
    """How many characters the text has."""

    k: Literal["text_length"] = "text_length"
    operand: "Expression"


class Slice(Node):
    """`length` characters of the text after the first `start`; fewer where it ends before."""

    k: Literal["slice"] = "slice"
    operand: "Expression"
    start: Annotated[int, Field(ge=0, le=64)] = 0
    length: Annotated[int, Field(ge=1, le=64)]


class ReadText(Node):
    """A text as a number or a date; null where it is none.

    Read are 12 and -12 (at most 18 digits) as integer, these and 1.5 (15 digits on either side) as
    float, 2020-01-31 as date, and nothing else: no blanks, no plus, no exponents.
    """

    k: Literal["read_text"] = "read_text"
    to: Literal["integer", "float", "date"]
    operand: "Expression"
