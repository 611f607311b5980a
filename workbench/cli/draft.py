"""`workbench registry new`: draft a contract from a file; mounted by the registry's commands."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pseudonym.contract.model import Contract
from pseudonym.contract.variable import Variable
from pseudonym.extract.draft import draft_contract

__all__ = ["new"]


class IdKind(StrEnum):
    """What the identifiers are."""

    FNR = "FNR"
    DNR = "DNR"
    HNR = "HNR"
    FHN = "FHN"
    LOCAL = "LOCAL"
    NONE = "NONE"


class Temporal(StrEnum):
    """How rows lie in time."""

    FIXED = "FIXED"
    EVENT = "EVENT"
    STATUS = "STATUS"
    ACCUMULATED = "ACCUMULATED"


def new(
    file: Annotated[
        Path, typer.Argument(help="Any CSV (delimiter and encoding are found) or Parquet.")
    ],
    registry: Annotated[str, typer.Option(help="Id of the registry: lower case, digits, _.")],
    dataset: Annotated[str, typer.Option(help="Id of the dataset: lower case, digits, _.")],
    id_column: Annotated[
        str | None,
        typer.Option(help="Header of the column that identifies persons (else guessed)."),
    ] = None,
    id_type: Annotated[
        IdKind | None,
        typer.Option(
            help="FNR, DNR, HNR, FHN: national numbers. LOCAL: the registry's own ids. "
            "NONE: each row is a person of its own."
        ),
    ] = None,
    temporality: Annotated[
        Temporal | None,
        typer.Option(help="FIXED: one row a person. EVENT: many rows in time (else guessed)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write (default: contracts/DATASET).")
    ] = None,
) -> None:
    """Draft a data contract from a CSV or Parquet file: types, ranges, codes, identifier.

    Writes contract.toml, with comments that say what to edit, and one CSV a code list in codes/.
    Values are written for columns with few distinct values only, as their codes.

    Example: [bold]workbench registry new clinic.csv --registry clinic --dataset clinic_visit
    --id-column patient --id-type LOCAL[/]
    """
    folder = out or Path("contracts") / dataset
    draft = draft_contract(
        file,
        folder,
        registry=registry,
        dataset=dataset,
        id_column=id_column,
        id_type=id_type.value if id_type else None,
        temporality=temporality.value if temporality else None,
    )
    console = Console(highlight=False)
    _print(draft.contract, console)
    console.print(Text(f"Drafted {folder}/contract.toml.", style="bold"))
    console.print(
        Text(
            "Next: read it and correct it; look through codes/ before you hand it on; then\n"
            f"  workbench extract check {file} --contract {folder} --kind test"
        )
    )


def _print(contract: Contract, console: Console) -> None:
    for item in contract.identifiers:
        where = f"column {item.column}" if item.column else "no column: each row its own person"
        console.print(Text(f"{item.name}: {'/'.join(item.id_type)}, {where}"))
    if contract.file.ignore:
        names = ", ".join(name or "(no heading)" for name in contract.file.ignore)
        console.print(Text(f"left unread, a counter of rows or a copy of the id: {names}"))
    console.print(Text(f"{contract.dataset.id}: {contract.dataset.temporality}"))
    table = Table("variable", "type", "role", "domain", "missing")
    for variable in contract.variables:
        table.add_row(
            Text(variable.name),
            variable.data_type,
            variable.role,
            _domain(variable),
            "" if variable.missing.allowed else "never",
        )
    console.print(table)


def _domain(variable: Variable) -> str:
    domain = variable.value_domain
    if domain.codes:
        return f"{len(domain.codes)} codes"
    return f"{domain.min} to {domain.max}" if domain.min is not None else ""
