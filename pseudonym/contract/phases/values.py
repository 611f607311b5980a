"""Values: missing where they may not be, outside the range, not in the code list at the row's date,
against a row rule that needs no time."""

import polars as pl

from pseudonym.contract.model import Contract
from pseudonym.contract.phases.rows import ROW, Check, run
from pseudonym.contract.report import Flag, flag
from pseudonym.contract.rules import parse_rule
from pseudonym.contract.variable import Variable

__all__ = ["check"]


def check(frame: pl.DataFrame, contract: Contract) -> list[Flag]:
    """Flags over a typed frame (`_row` and variables by name; absent ones are skipped)."""
    dates = {item.name for item in contract.variables if item.data_type == "DATE"}
    checks: list[Check] = []
    dated: list[Flag] = []
    for variable in contract.variables:
        if variable.name not in frame.columns:
            continue
        checks += _of_one(variable)
        for text in variable.rules:
            rule = parse_rule(text)
            if set(rule.names) <= set(frame.columns) and not set(rule.names) & dates:
                checks.append(Check(rule.broken(), "broken_rule", variable.header, text))
        dated += _codes_then(frame, variable)
    return run(frame, "values", checks) + dated


def _of_one(variable: Variable) -> list[Check]:
    column, header, domain = pl.col(variable.name), variable.header, variable.value_domain
    checks = []
    if not variable.missing.allowed and variable.role != "start":
        checks.append(Check(column.is_null(), "missing_value", header))
    if domain.min is not None:
        checks.append(Check(column < domain.min, "below_minimum", header, str(domain.min)))
    if domain.max is not None:
        checks.append(Check(column > domain.max, "above_maximum", header, str(domain.max)))
    if domain.codes:
        known = pl.Series([code.code for code in domain.codes], dtype=pl.String).unique()
        unknown = ~column.cast(pl.String).is_in(known.implode())
        checks.append(Check(unknown, "unknown_code", header, ", ".join(domain.code_list)))
    return checks


def _codes_then(frame: pl.DataFrame, variable: Variable) -> list[Flag]:
    """Codes that exist, but not on the row's own date; rows without date are not judged."""
    domain = variable.value_domain
    at = domain.valid_at
    if at is None or at not in frame.columns or not domain.codes:
        return []
    known = pl.DataFrame(
        {
            "code": [code.code for code in domain.codes],
            "begin": [code.valid_from for code in domain.codes],
            "end": [code.valid_until for code in domain.codes],
        },
        schema={"code": pl.String, "begin": pl.Date, "end": pl.Date},
    )
    asked = frame.select(
        pl.col(variable.name).cast(pl.String).alias("code"), pl.col(at).alias("at")
    )
    pairs = asked.drop_nulls().unique().join(known, on="code")
    begun = pl.col("begin").is_null() | (pl.col("begin") <= pl.col("at"))
    ended = pl.col("end").is_not_null() & (pl.col("end") < pl.col("at"))
    valid = pairs.filter(begun & ~ended).select("code", "at").unique()
    never = pairs.select("code", "at").unique().join(valid, on=["code", "at"], how="anti")
    if never.is_empty():
        return []
    rows = asked.with_columns(frame[ROW]).join(never, on=["code", "at"], how="semi")[ROW].sort()
    return [
        flag("values", "code_not_valid_then", "quarantine", variable.header, rows=rows, detail=at)
    ]
