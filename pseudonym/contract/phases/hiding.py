"""Identifiers in hiding: national numbers in text or number columns, the row's id copied."""

import polars as pl

from pseudonym.contract.model import Contract
from pseudonym.contract.phases.rows import ROW, Check, run
from pseudonym.contract.report import Flag, flag
from pseudonym.contract.variable import Variable
from pseudonym.identifiers import classify

__all__ = ["COPIED", "FEW", "check"]

CHANCE = 0.03
"""Below this share of eleven-digit numbers, hits are chance: of random ones 1 in 200 passes."""
FEW = 20
COPIED = 0.5


def check(frame: pl.DataFrame, contract: Contract) -> list[Flag]:
    """Flags over a typed frame; identifier columns, if there are any, are known by their names.

    Looks at columns without a code list. Numbers are recognised whole or split 6 + 5 by a space,
    dot or hyphen, as fødselsnummer or D-number, real or synthetic.
    """
    flags = []
    for variable in contract.variables:
        if variable.name not in frame.columns or variable.value_domain.codes:
            continue
        candidates = _candidates(frame, variable)
        if candidates.is_empty():
            continue
        found = classify(candidates["number"], "production")
        looks = found["class"].cast(pl.String).is_in(["FNR", "DNR"])
        hits = candidates.filter(looks)[ROW].unique().sort()
        if len(hits) and (candidates.height < FEW or looks.sum() >= CHANCE * candidates.height):
            flags.append(
                flag("hiding", "hidden_identifier", "quarantine", variable.header, rows=hits)
            )
    return flags + _copied(frame, contract)


def _candidates(frame: pl.DataFrame, variable: Variable) -> pl.DataFrame:
    """`_row` and every run of eleven digits in the column."""
    none = pl.DataFrame(schema={ROW: pl.UInt32, "number": pl.String})
    column = pl.col(variable.name)
    if variable.data_type in ("LONG", "DOUBLE"):
        large = frame.select(ROW, column.alias("number")).filter(
            pl.col("number").is_between(10**9, 10**11 - 1)
            & (pl.col("number") == pl.col("number").floor())
        )
        return large.with_columns(pl.col("number").cast(pl.Int64).cast(pl.String).str.zfill(11))
    if variable.data_type != "STRING":
        return none
    texts = frame.select(ROW, column.alias("text")).filter(
        pl.col("text").str.contains("[0-9]{6}[ .-]?[0-9]{5}")
    )
    if texts.is_empty():
        return none
    runs = pl.col("text").str.extract_all("[0-9]+(?:[ .-][0-9]+)*")
    return (
        texts.select(ROW, runs.alias("run"))
        .explode("run")
        .select(
            ROW,
            pl.concat_list(
                pl.col("run").str.extract_all("[0-9]+"),
                pl.col("run")
                .str.extract_all("[0-9]{6}[ .-][0-9]{5}")
                .list.eval(pl.element().str.replace_all("[ .-]", "")),
            ).alias("number"),
        )
        .explode("number")
        .filter(pl.col("number").str.len_bytes() == 11)
    )


def _copied(frame: pl.DataFrame, contract: Contract) -> list[Flag]:
    """Columns that repeat the row's own id, whatever kind of id it is."""
    if frame.height < FEW:
        return []
    checks = []
    for identifier in contract.identifiers:
        if identifier.name not in frame.columns:
            continue
        for variable in contract.variables:
            if variable.name in frame.columns and variable.data_type in ("STRING", "LONG"):
                same = pl.col(variable.name).cast(pl.String) == pl.col(identifier.name).cast(
                    pl.String
                )
                checks.append(Check(same, "identifier_copied", variable.header, severity="stop"))
    return [
        found
        for found in run(frame, "hiding", checks)
        if found.finding.count >= COPIED * frame.height
    ]
