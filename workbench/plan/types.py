"""What the checker knows of an expression or a frame before any row is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from workbench.plan.schema import ColumnSchema, ColumnType, DatasetSchema, Labels

__all__ = [
    "BOOLEANS",
    "EVERYBODY",
    "RANGE_LIMIT",
    "RESERVED",
    "FrameType",
    "Type",
    "frame_of",
    "type_of_column",
]

BOOLEANS = ("false", "true")
RESERVED = frozenset({"", "Σ"})
"""Codes that mean missing and margin in every table; nobody's category may take them."""
EVERYBODY = "persons()"
"""What the frame of all persons is called; no dataset can have this name."""
RANGE_LIMIT = 50
"""An integer whose contract allows at most so many values is a category of its own accord."""

_WORDS: Mapping[ColumnType, str] = {
    "string": "a text",
    "integer": "a whole number",
    "float": "a number",
    "date": "a date",
    "boolean": "a yes/no value",
}


@dataclass(frozen=True)
class Type:
    """kind: the value's type. nullable: whether it can be null.

    levels: the public categories in display order, when the value is one of them (from a code
    list, bin edges or constants; never from data). origin: "dataset.variable" when it is that
    variable's own value, so that its labels and unit hold. labels: of the levels, where they come
    from a public list rather than from a contract.
    """

    kind: ColumnType
    nullable: bool = True
    levels: tuple[str, ...] | None = None
    origin: str | None = None
    labels: Mapping[str, Labels] = field(default_factory=dict, compare=False, hash=False)

    @property
    def numeric(self) -> bool:
        """Whether it can be calculated with."""
        return self.kind in ("integer", "float")

    @property
    def words(self) -> str:
        """The kind of value, as it is said in a sentence."""
        return _WORDS[self.kind]

    def or_null(self, nullable: bool = True) -> "Type":  # noqa: FBT001, FBT002 - reads as a word
        """The same type, nullable if it was or if asked."""
        return replace(self, nullable=self.nullable or nullable)


@dataclass(frozen=True)
class FrameType:
    """dataset: where the rows come from; kind: "person" or "event"; sorted: whether ordered.

    derived: the variables that are no dataset's own. periods: whether each row is an interval, with
    `start`, `end` and `days`. linked: of rows that a link led to whom they name, the kind of frame
    that they came from.
    """

    dataset: str
    kind: str
    columns: Mapping[str, Type]
    sorted: bool = False
    derived: frozenset[str] = frozenset()
    periods: bool = False
    linked: str | None = None


def type_of_column(dataset: str, column: ColumnSchema) -> Type:
    """A variable as its contract has it; a code that the tables keep for themselves is missing."""
    origin = f"{dataset}.{column.name}"
    nullable = column.missing or not RESERVED.isdisjoint(column.codes or ())
    return Type(column.type, nullable, _levels(column), origin)


def frame_of(dataset: DatasetSchema) -> FrameType:
    """All rows of a dataset."""
    columns = {name: type_of_column(dataset.name, one) for name, one in dataset.columns.items()}
    return FrameType(dataset.name, dataset.kind, columns)


def _levels(column: ColumnSchema) -> tuple[str, ...] | None:
    if column.type == "boolean":
        return BOOLEANS
    if column.codes is not None and column.type in ("string", "integer"):
        return tuple(code for code in column.codes if code not in RESERVED)
    if column.type == "integer" and column.minimum is not None and column.maximum is not None:
        least, most = int(column.minimum), int(column.maximum)
        if 0 <= most - least < RANGE_LIMIT:
            return tuple(str(value) for value in range(least, most + 1))
    return None
