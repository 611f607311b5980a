"""The drafted contract as TOML with comments that teach what to edit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pseudonym.contract.model import ExtractFile
from pseudonym.extract.inference import Guess

__all__ = ["DraftIdentifier", "DraftVariable", "contract_text"]


@dataclass(frozen=True)
class DraftIdentifier:
    """An identifier to be: name, header in the file, accepted classes."""

    name: str
    column: str | None
    types: tuple[str, ...]
    guessed: bool
    missing: bool = False


@dataclass(frozen=True, repr=False)
class DraftVariable:
    """A variable to be; form: its date format when it is not the file's."""

    name: str
    header: str
    guess: Guess
    role: Literal["start", "measure", "attribute"]
    form: str
    quasi: bool


def contract_text(
    source: str,
    registry: str,
    dataset: str,
    temporality: str,
    file: ExtractFile,
    identifiers: Sequence[DraftIdentifier],
    variables: Sequence[DraftVariable],
) -> str:
    """contract.toml for a drafted dataset."""
    parts = [_head(source, registry, dataset, temporality), _file(file)]
    parts += [_identifier(item, registry) for item in identifiers]
    parts += [_VARIABLES, *(_variable(item) for item in variables), _LOAD]
    return "\n".join(parts)


_VARIABLES = """\
# ---------------------------------------------------------------- variables
# For each: write labels that a researcher understands (nb, nn, en), the unit, and the value domain:
#   valueDomain = {min = 0, max = 120}         a range; the drafted ones are rounded outwards
#   valueDomain = {codeList = "sex"}           codes/sex.csv with the columns code,nb,en
#   missing = {allowed = false}                every row has a value
#   missing = {codes = ["99"]}                 these values mean missing
#   rules = ["stop_date >= start_date"]        comparisons within a row
#   disclosure = {quasiIdentifier = true}      helps to single out a person: age, sex, place, dates
# role: start and stop say when a row begins and ends; attribute describes, measure is measured.
"""
_LOAD = """\
# ---------------------------------------------------------------- thresholds of a load
# Shares; from `warn` on it is said, from `stop` on nothing is loaded. Against the version before.
[load]
rowCountChange = {warn = 0.05, stop = 0.20}
nullRateChange = {warn = 0.05, stop = 0.20}
psi = {warn = 0.10, stop = 0.25}
# The largest share of rows that may be left out as bad.
quarantine = {maxRate = 0.001}
"""


def _head(source: str, registry: str, dataset: str, temporality: str) -> str:
    title, name = _labels(dataset.replace("_", " ")), _labels(registry.replace("_", " "))
    return f"""\
# Data contract, drafted from {_comment(source)}.
# A guess to be corrected: read it from top to bottom, then try `workbench extract check`.
# Code lists stand in codes/; they hold the values of columns with few distinct ones. Look through
# them before you hand the contract on: they become part of the catalogue.
schema_version = "1.0"

# ---------------------------------------------------------------- who answers for the data
[registry]
id = {_quoted(registry)}
name = {name}
publisher = {_quoted(registry)}
# owner = "account"                      # the account that may publish on the platform
# legalBasis = ["GDPR-6-1-e", "GDPR-9-2-j"]
# healthCategory = ["RQSH"]              # HealthDCAT-AP
accessRights = "NON_PUBLIC"

# ---------------------------------------------------------------- the dataset
# temporalityType: FIXED one row a person; EVENT rows in time; STATUS a state at a date;
# ACCUMULATED periods that do not overlap.
# primaryKey: names that together occur once, for example ["person", "visit_date"].
[dataset]
id = {_quoted(dataset)}
version = "1.0.0"
label = {title}
temporalityType = {_quoted(temporality)}
sensitivityLevel = "PERSON_SPECIAL"
# populationDescription = {{nb = "…", en = "…"}}
# primaryKey = []
# validFrom = 2008-01-01                 # no rows before the registry existed
"""


def _file(file: ExtractFile) -> str:
    lines = [
        "# --------------------------------------------------------------- how the file is written",
        "[file]",
        f"format = {_quoted(file.format)}",
    ]
    if file.format == "csv":
        lines.append(f"delimiter = {_quoted(file.delimiter)}")
        lines.append(f"encoding = {_quoted(file.encoding)}  # utf-8, latin-1 or windows-1252")
    lines += [
        f"decimal = {_quoted(file.decimal)}",
        f"missing = {_list(file.missing)}  # texts that mean missing, in every column",
        f"date = {_quoted(file.date)}",
        f"ignore = {_list(file.ignore)}  # columns that are never read, such as copies of the id",
        f"true = {_list(file.true)}",
        f"false = {_list(file.false)}",
        "",
    ]
    return "\n".join(lines)


def _identifier(item: DraftIdentifier, registry: str) -> str:
    how = "guessed" if item.guessed else "as you said"
    lines = [
        "# ---------------------------------------------------------------- identifier",
        f"# {how}. The first identifier is the person whose row it is. Ids go to the vault only.",
        "# idType: FNR, DNR, HNR, FHN national numbers; LOCAL the registry's own ids; NONE each",
        "# row is a person of its own, and rows of two datasets are never joined.",
        "[[identifier]]",
        f"name = {_quoted(item.name)}",
        'unitType = "PERSON"',
    ]
    if item.column is not None:
        lines.append(f"column = {_quoted(item.column)}")
    lines.append(f"idType = {_list(item.types)}")
    if item.types == ("LOCAL",):
        lines.append(
            f"# namespace = {_quoted(registry)}  # datasets with the same one share their ids"
        )
    if item.column is not None:
        lines.append('onInvalid = "quarantine"  # or "keep_unlinked" or "stop"')
        missing = "keep_unlinked" if item.missing else "quarantine"
        lines.append(f"onMissing = {_quoted(missing)}")
    return "\n".join([*lines, ""])


def _variable(item: DraftVariable) -> str:
    found = item.guess
    label = item.header.replace("_", " ").strip()
    lines = [
        "[[variable]]",
        f"name = {_quoted(item.name)}",
    ]
    if item.header != item.name:
        lines.append(f"column = {_quoted(item.header)}")
    lines.append(f"label = {_labels(label[:1].upper() + label[1:])}")
    lines.append(f"dataType = {_quoted(found.kind or 'STRING')}")
    if item.form:
        lines.append(f"date = {_quoted(item.form)}")
    if found.kind in ("LONG", "DOUBLE") and not found.codes:
        lines.append('unit = ""')
    lines.append(f"role = {_quoted(item.role)}")
    if found.codes:
        lines.append(f"valueDomain = {{codeList = {_quoted(item.name)}}}")
    elif found.low is not None and found.high is not None:
        lines.append(f"valueDomain = {{min = {_bound(found.low)}, max = {_bound(found.high)}}}")
    elif found.kind == "STRING" and found.rows > found.missing:
        lines.append("# many distinct values: no code list was drafted; tables need one")
    if not found.missing:
        lines.append("missing = {allowed = false}")
    if item.quasi:
        lines.append("disclosure = {quasiIdentifier = true}")
    return "\n".join([*lines, ""])


def _bound(value: float | date) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value)


def _labels(text: str) -> str:
    return f"{{nb = {_quoted(text)}, en = {_quoted(text)}}}"


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(_quoted(value) for value in values)}]"


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are a subset, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())
