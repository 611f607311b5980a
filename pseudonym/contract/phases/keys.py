"""Keys: a primary key names one row, a FIXED dataset has one row a person."""

import polars as pl

from pseudonym.contract.model import Contract
from pseudonym.contract.phases.rows import Check, run
from pseudonym.contract.report import Flag

__all__ = ["check"]


def check(frame: pl.DataFrame, contract: Contract) -> list[Flag]:
    """Flags over a typed frame that may hold identifier columns (ids or pseudonyms) by name.

    Every row of a repeated key is flagged: which of them is right is not ours to choose. A key
    with a part that is not in the frame (the store holds no identifier) is not judged.
    """
    checks = []
    key = contract.dataset.primary_key
    if key and set(key) <= set(frame.columns):
        whole = pl.all_horizontal(pl.col(name).is_not_null() for name in key)
        repeated = whole & pl.struct(key).is_duplicated()
        checks.append(Check(repeated, "duplicate_key", "", ", ".join(key)))
    person = contract.person
    if (
        contract.dataset.temporality == "FIXED"
        and person.name in frame.columns
        and key != (person.name,)
    ):
        column = pl.col(person.name)
        repeated = column.is_not_null() & column.is_duplicated()
        checks.append(Check(repeated, "person_repeated", person.column or person.name))
    return run(frame, "keys", checks)
