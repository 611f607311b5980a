"""A table as its owner brings it, columns of codes, a count, perhaps a sum, and as it returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from disclosure.tables import MARGIN

__all__ = ["Frame", "ProtectedTable", "Table"]


class Frame(Protocol):
    """What is asked of a data frame; polars' has it."""

    def to_dict(self, *, as_series: bool) -> dict[str, Any]:
        """Lists by column name."""
        ...


@dataclass(frozen=True)
class Table:
    """One table to protect.

    data: a polars DataFrame, or lists by column name; one row a cell, each combination of codes at
    most once; combinations without a row hold nobody. dimensions: columns of codes (text). count:
    column of persons (or other contributors), whole numbers. sum: column of a magnitude that is
    published beside the count; largest, second: columns of the two largest contributions to it.
    hierarchies: by dimension, each code's parent; codes without one lie under the total. total: the
    code of a total. Rows of totals and parents may be given (then all of them) or left out.
    margins: whether totals and parents are published. Tables of one population share their cells.
    """

    name: str
    data: Frame | Mapping[str, Sequence[Any]]
    dimensions: tuple[str, ...]
    count: str
    sum: str | None = None
    largest: str | None = None
    second: str | None = None
    hierarchies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    total: str = MARGIN
    margins: bool = True
    population: str = ""


@dataclass(frozen=True)
class ProtectedTable:
    """A table that may be published. columns: the dimensions, the count and the sum (None where
    withheld) and `mark` ("" shown, "primary", "complementary"), lists of one length.

    primary, complementary: cells withheld for their own sake and besides.
    """

    name: str
    columns: Mapping[str, list[Any]]
    primary: int
    complementary: int
