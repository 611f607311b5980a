"""What a plan reads of one bucket: the stored rows, its persons, and what is known of each."""

from collections.abc import Callable

import polars as pl

from workbench.plan.schema import ColumnType, DatasetSchema
from workbench.plan.types import EVERYBODY
from workbench.sdk.compile.memory import once

__all__ = ["EVERYBODY", "PERSON", "Scan", "everybody", "source"]

PERSON = "_person"
"""The dense index of the person in the bucket (UInt32); no plan can name it."""
Scan = Callable[[str], pl.LazyFrame]
"""All rows of a dataset in one bucket, as `source` gives them; of EVERYBODY, as `everybody`."""
_TYPES: dict[ColumnType, pl.DataType] = {
    "string": pl.String(),
    "integer": pl.Int64(),
    "float": pl.Float64(),
    "date": pl.Date(),
    "boolean": pl.Boolean(),
}


def source(frame: pl.LazyFrame, dataset: DatasetSchema, *others: str) -> pl.LazyFrame:
    """The stored rows in the five types of the plan; NaN and infinities read as null.

    others: further columns, which are left as they are.
    """
    return frame.select(*_columns(dataset), *others)


@once
def _columns(dataset: DatasetSchema) -> list[pl.Expr]:
    columns = [pl.col(PERSON)]
    for column in dataset.columns.values():
        value = pl.col(column.name).cast(_TYPES[column.type])
        if column.type == "float":
            value = pl.when(value.is_finite()).then(value)
        columns.append(value.alias(column.name))
    return columns


def everybody(count: int) -> pl.LazyFrame:
    """The persons of a bucket that holds `count` of them, each once: PERSON alone."""
    return pl.LazyFrame({PERSON: pl.int_range(count, dtype=pl.UInt32, eager=True)})
