"""Time: start and stop in order, inside the registry's validity, not in the future, no overlaps."""

from datetime import date

import polars as pl

from pseudonym.contract.model import Contract
from pseudonym.contract.phases.rows import ROW, Check, run
from pseudonym.contract.report import Flag
from pseudonym.contract.rules import parse_rule
from pseudonym.contract.variable import Variable

__all__ = ["check"]

STILL_GOING = 2**62
"""A row without stop lasts beyond every day."""


def check(frame: pl.DataFrame, contract: Contract, today: date) -> list[Flag]:
    """Flags over a typed frame; start and stop are dates or days since an index date."""
    start, stop = (_present(frame, contract.with_role(role)) for role in ("start", "stop"))
    checks = _order(contract, start, stop)
    for item in (start, stop):
        if item is not None and item.data_type == "DATE":
            checks += _bounds(contract, item, today)
    dates = {item.name for item in contract.variables if item.data_type == "DATE"}
    for variable in contract.variables:
        for text in variable.rules:
            rule = parse_rule(text)
            if set(rule.names) <= set(frame.columns) and set(rule.names) & dates:
                checks.append(Check(rule.broken(), "broken_rule", variable.header, text))
    return run(frame, "time", checks) + _together(frame, contract, start, stop)


def _present(frame: pl.DataFrame, variable: Variable | None) -> Variable | None:
    return variable if variable is not None and variable.name in frame.columns else None


def _order(contract: Contract, start: Variable | None, stop: Variable | None) -> list[Check]:
    checks = []
    if start is not None:
        checks.append(Check(pl.col(start.name).is_null(), "missing_start", start.header))
    if start is not None and stop is not None:
        early = pl.col(stop.name) < pl.col(start.name)
        checks.append(Check(early, "stop_before_start", stop.header))
        if contract.dataset.temporality == "STATUS":
            apart = pl.col(stop.name) > pl.col(start.name)
            checks.append(Check(apart, "start_is_not_stop", stop.header))
    return checks


def _bounds(contract: Contract, item: Variable, today: date) -> list[Check]:
    column, dataset = pl.col(item.name), contract.dataset
    checks = [Check(column > today, "in_the_future", item.header)]
    if dataset.valid_from is not None:
        checks.append(Check(column < dataset.valid_from, "outside_validity", item.header))
    if dataset.valid_until is not None:
        checks.append(Check(column > dataset.valid_until, "outside_validity", item.header))
    return checks


def _together(
    frame: pl.DataFrame, contract: Contract, start: Variable | None, stop: Variable | None
) -> list[Flag]:
    """Rules over several rows of one key: one state at a time, periods that do not overlap."""
    temporality, person = contract.dataset.temporality, contract.person.name
    if start is None:
        return []
    if temporality == "STATUS" and person in frame.columns:
        both = pl.col(person).is_not_null() & pl.col(start.name).is_not_null()
        again = both & pl.struct(person, start.name).is_duplicated()
        return run(frame, "time", [Check(again, "status_repeated", start.header)])
    key = list(contract.dataset.no_overlap)
    if temporality == "ACCUMULATED" and person not in key:
        key = [person, *key]
    if stop is None or not key or not set(key) <= set(frame.columns):
        return []
    # Within a key, in order of start, a row overlaps when it starts before the latest stop so far.
    ordered = (
        frame.select(
            ROW,
            *key,
            pl.col(start.name).cast(pl.Int64).alias("_a"),
            pl.col(stop.name).cast(pl.Int64).fill_null(STILL_GOING).alias("_z"),
        )
        .drop_nulls([*key, "_a"])
        .sort(*key, "_a", "_z", ROW)
        .with_columns(pl.col("_z").cum_max().shift(1).over(key).alias("_before"))
        .filter(pl.col("_a") < pl.col("_before"))
        .select(ROW)
        .sort(ROW)
    )
    found = Check(pl.lit(value=True), "overlap", start.header, ", ".join(key))
    return run(ordered, "time", [found]) if ordered.height else []
