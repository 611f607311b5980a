"""Rows that are led to the person whom they name, and back to their own.

A stored link counts persons through all buckets, in the buckets' order; rows carry where they came
from in the same numbers.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from workbench.plan import nodes
from workbench.plan.nodes import Frame
from workbench.plan.schema import DatasetSchema
from workbench.sdk.compile.frames import makes, rows
from workbench.sdk.compile.scans import PERSON, Scan, source
from workbench.sdk.compile.settled import offer, settle, settled_name

__all__ = ["linked_source", "linked_source_of"]

_LINK, _ORIGIN, _FROM = "_link", "_origin", "_from"


def linked_source_of(name: str) -> tuple[str, str] | None:
    """The dataset and the link that a scan is asked for, None when it is asked for none."""
    dataset, dot, link = name.partition(".")
    return (dataset, link) if dot else None


def linked_source(frame: pl.LazyFrame, dataset: DatasetSchema, link: str) -> pl.LazyFrame:
    """The stored rows as `source` gives them, and whom each names by a link (UInt32)."""
    named = frame.select(PERSON, *dataset.columns, pl.col(f"_link_{link}").alias(_LINK))
    return source(named, dataset, _LINK)


@makes(nodes.Linked)
def _(frame: nodes.Linked, scan: Scan) -> pl.LazyFrame:
    return scan(settled_name(frame))


@makes(nodes.Back)
def _(frame: nodes.Back, scan: Scan) -> pl.LazyFrame:
    return scan(settled_name(frame))


@offer.register
def _(frame: nodes.Linked, scan: Scan) -> pl.LazyFrame:
    base = _dataset(frame.frame)

    def with_link(name: str) -> pl.LazyFrame:
        return scan(f"{base}.{frame.link}" if name == base else name)

    held = rows(frame.frame, with_link).select(PERSON, *frame.keep, _to=pl.col(_LINK))
    return held.drop_nulls("_to")


@offer.register
def _(frame: nodes.Back, scan: Scan) -> pl.LazyFrame:
    return rows(frame.frame, scan).select(*frame.keep, _to=pl.col(_ORIGIN))


@settle.register
def _(
    _frame: nodes.Linked, offers: Sequence[pl.DataFrame], keys: Sequence[pl.Series]
) -> list[pl.DataFrame]:
    before = np.cumsum([0, *(len(one) for one in keys)])
    told = [
        one.with_columns((pl.col(PERSON).cast(pl.Int64) + int(start)).alias(_ORIGIN)).drop(PERSON)
        for one, start in zip(offers, before[:-1], strict=True)
    ]
    return _dealt(pl.concat(told), before)


@settle.register
def _(
    _frame: nodes.Back, offers: Sequence[pl.DataFrame], keys: Sequence[pl.Series]
) -> list[pl.DataFrame]:
    return _dealt(pl.concat(offers), np.cumsum([0, *(len(one) for one in keys)]))


def _dealt(
    whole: pl.DataFrame, before: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> list[pl.DataFrame]:
    """The rows by the bucket of the person `_to`, PERSON first."""
    whole = whole.sort("_to")
    to = whole["_to"].to_numpy().astype(np.int64)
    ends = np.searchsorted(to, before)
    return [
        whole[int(low) : int(high)]
        .with_columns((pl.col("_to").cast(pl.Int64) - int(start)).cast(pl.UInt32).alias(PERSON))
        .drop("_to")
        for low, high, start in zip(ends[:-1], ends[1:], before[:-1], strict=True)
    ]


def _dataset(frame: Frame) -> str:
    while isinstance(frame, nodes.Filter | nodes.Derive | nodes.Sort):
        frame = frame.frame
    if not isinstance(frame, nodes.Dataset):
        raise TypeError("only a dataset's own rows name anybody")
    return frame.name
