"""Identifiers: class, checksum and range of every id, against what contract and instance take."""

import polars as pl

from pseudonym.contract.identifier import Identifier
from pseudonym.contract.report import Flag, Severity, flag
from pseudonym.identifiers import CLASSES, FLAWS, Kind, classify

__all__ = ["LONGEST_LOCAL", "check"]

LONGEST_LOCAL = 64
NATIONAL_SHARE = 0.01
"""From this share on, local ids that pass as fødselsnummer are no coincidence (1 in 1,000)."""

_ALWAYS_STOP = ("synthetic", "real")
_RULES = {
    "missing": "id_missing",
    "length": "id_length",
    "date": "id_date",
    "checksum": "id_checksum",
    "synthetic": "id_synthetic",
    "real": "id_real",
}


def check(
    ids: pl.Series, identifier: Identifier, kind: Kind, rows: pl.Series | None = None
) -> tuple[list[Flag], pl.DataFrame]:
    """Flags of one identifier column and, in its order, the frame of classes.

    ids: String; for idType NONE only their number counts. A number of the wrong range for the
    instance stops the load whatever the contract says.
    """
    numbers = rows if rows is not None else pl.int_range(1, len(ids) + 1, eager=True)
    numbers = numbers.cast(pl.UInt32)
    column = identifier.column or identifier.name
    if identifier.id_type == ("NONE",):
        return [], _plain(len(ids), "NONE")
    if identifier.id_type == ("LOCAL",):
        return _local(ids, identifier, numbers, column)
    found = classify(ids, kind, identifier.checksum)
    flags = []
    for flaw, rule in _RULES.items():
        hits = numbers.filter(found["flaw"] == flaw)
        if len(hits) and not (flaw == "missing" and identifier.on_missing == "allow"):
            flags.append(flag("keys", rule, _severity(flaw, identifier), column, rows=hits))
    accepted = found["class"].cast(pl.String).is_in(list(identifier.id_type))
    foreign = found["valid"] & ~accepted
    if foreign.any():
        wanted = ", ".join(identifier.id_type)
        flags.append(
            flag(
                "keys",
                "id_class",
                _severity("class", identifier),
                column,
                rows=numbers.filter(foreign),
                detail=wanted,
            )
        )
    return flags, found.with_columns(pl.col("valid") & ~foreign)


def _local(
    ids: pl.Series, identifier: Identifier, numbers: pl.Series, column: str
) -> tuple[list[Flag], pl.DataFrame]:
    missing = ids.is_null() | (ids == "")
    long = (ids.str.len_bytes() > LONGEST_LOCAL).fill_null(value=False)
    flags = []
    if missing.any() and identifier.on_missing != "allow":
        severity = _severity("missing", identifier)
        flags.append(flag("keys", "id_missing", severity, column, rows=numbers.filter(missing)))
    if long.any():
        flags.append(
            flag(
                "keys",
                "id_too_long",
                _severity("length", identifier),
                column,
                rows=numbers.filter(long),
                detail=str(LONGEST_LOCAL),
            )
        )
    national = classify(ids, "production")["class"].cast(pl.String).is_in(["FNR", "DNR"])
    national = national.fill_null(value=False)
    present = len(ids) - int(missing.sum())
    if national.sum() and national.sum() >= NATIONAL_SHARE * present:
        flags.append(flag("keys", "id_national", "stop", column, rows=numbers.filter(national)))
    flaws = pl.select(
        pl.when(missing).then(pl.lit("missing")).when(long).then(pl.lit("length")).cast(FLAWS)
    ).to_series()
    classes = _plain(len(ids), "LOCAL")
    return flags, classes.with_columns(valid=~(missing | long), flaw=flaws)


def _plain(rows: int, name: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "class": pl.Series([name], dtype=CLASSES).new_from_index(0, rows),
            "synthetic": pl.repeat(value=False, n=rows, eager=True),
            "valid": pl.repeat(value=True, n=rows, eager=True),
            "flaw": pl.repeat(None, n=rows, dtype=FLAWS, eager=True),
        }
    )


def _severity(flaw: str, identifier: Identifier) -> Severity:
    if flaw in _ALWAYS_STOP:
        return "stop"
    chosen = identifier.on_missing if flaw == "missing" else identifier.on_invalid
    return chosen if chosen in ("quarantine", "stop") else "warn"
