"""Links: from a row's person to another person it names, mother of a child, within one view.

An identifier that a contract declares as a link is pseudonymised in the vault like the person
itself. A view whose permit opens the link holds, in a column `_link_<name>`, which person of the
view is meant: UInt32, counted from 0 through all buckets (the persons of the buckets before, plus
`_person`); null where the person has no row in the view, or where the source names none. No plan
can name the column.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pseudonym.contract.identifier import Identifier
from pseudonym.prf import project_pseudonyms, unit_numbers
from pseudonym.store.buckets import rids

__all__ = ["People", "link_column", "named", "resolved"]

Words = NDArray[np.uint64]


def link_column(name: str) -> str:
    """The column that holds a link; no variable's name begins with an underscore."""
    return f"_link_{name}"


def named(
    frame: pl.DataFrame, links: Sequence[Identifier], registry_key: bytes, project_key: bytes
) -> pl.DataFrame:
    """The project pseudonyms (UInt64) of the persons that a store bucket's rows name, by link."""
    columns = {}
    for link in links:
        pids = unit_numbers(registry_key, link.unit_type, rids(frame, link.name))
        pseudonyms = project_pseudonyms(project_key, link.unit_type, pids)
        columns[link_column(link.name)] = pl.Series(pseudonyms, dtype=pl.UInt64)
    return pl.DataFrame(columns)


class People:
    """Everybody in a view, in the order of buckets and, in each, of pseudonyms.

    Buckets are ranges of pseudonyms, so this is the ascending order of all of them.
    """

    def __init__(self, buckets: Sequence[Words]) -> None:
        self._all = np.concatenate([np.empty(0, np.uint64), *buckets])

    def index(self, pseudonyms: pl.Series) -> pl.Series:
        """Which person of the view each one is (UInt32); null for those who are not in it."""
        asked = pseudonyms.to_numpy()
        place = np.searchsorted(self._all, asked).clip(0, max(len(self._all) - 1, 0))
        found = self._all[place] == asked if len(self._all) else np.zeros(len(asked), np.bool_)
        indices = pl.Series(pseudonyms.name, place, pl.UInt32)
        return indices.set(pl.Series(~found), None)


def resolved(
    frame: pl.DataFrame, links: Sequence[str], people: People
) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """The frame with indices for pseudonyms in its link columns; how many rows of each link."""
    columns = [people.index(frame[link_column(name)]) for name in links]
    counts = {
        name: len(column) - column.null_count() for name, column in zip(links, columns, strict=True)
    }
    return frame.with_columns(columns), counts
