"""`workbench extract`: the owner's side, offline: check a file by its contract, and seal it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from pseudonym.card import load_card
from pseudonym.contract.loading import load_contract
from pseudonym.contract.report import Report
from pseudonym.extract.checking import Progress as Tell
from pseudonym.extract.checking import check_extract
from pseudonym.pack import RefusedExtract, make_pack

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Check and seal a registry's extract. Runs offline, on the owner's own machine.\n\n"
    "1. `workbench registry new FILE …` drafts a contract.\n\n"
    "2. `workbench extract check FILE --contract DIR` names what is wrong, by row and rule.\n\n"
    "3. `workbench extract pack FILE --contract DIR --card card.json --out X.wbpack` seals it.",
)

EXIT_STOPPED = 2
STYLES = {"stop": "bold red", "quarantine": "yellow", "warn": "cyan"}
ENDS = {
    "nb": {
        "pass": "Filen holder kontrakten.",
        "warn": "Filen kan lastes; les funnene først.",
        "stop": "Filen kan ikke lastes slik den er.",
    },
    "en": {
        "pass": "The file keeps its contract.",
        "warn": "The file can be loaded; read the findings first.",
        "stop": "The file cannot be loaded as it is.",
    },
}
ROW = {"nb": "rad", "en": "row"}


class Kind(StrEnum):
    """The kind of instance that the file is meant for."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class Language(StrEnum):
    """The language of the report."""

    NB = "nb"
    EN = "en"


File = Annotated[Path, typer.Argument(help="The extract: CSV or Parquet, as the contract says.")]
Folder = Annotated[
    Path, typer.Option("--contract", help="The contract's folder: contract.toml and codes/*.csv.")
]
Lang = Annotated[Language, typer.Option("--lang", help="Language of the report.")]


@app.command()
def check(
    file: File,
    contract: Folder,
    kind: Annotated[
        Kind,
        typer.Option(help="demo and test take synthetic identifiers only, production real ones."),
    ] = Kind.PRODUCTION,
    lang: Lang = Language.EN,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check a file against its contract: exactly what the platform will check.

    The report names rules and row numbers (1 is the first row below the header), never a value.
    Exit code 0: may be loaded; 2: the report says stop.

    Example: [bold]workbench extract check clinic.csv --contract contracts/clinic --kind test[/]
    """
    promised = load_contract(contract)
    with _bar(quiet=as_json) as tell:
        report = check_extract(file, promised, kind.value, progress=tell)
    if as_json:
        typer.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        show(report, lang.value)
    if report.verdict == "stop":
        raise typer.Exit(EXIT_STOPPED)


@app.command()
def pack(
    file: File,
    contract: Folder,
    card: Annotated[
        Path, typer.Option(help="The platform's card.json: which instance, and its public keys.")
    ],
    out: Annotated[Path, typer.Option(help="The sealed pack to write, usually X.wbpack.")],
    lang: Lang = Language.EN,
) -> None:
    """Check a file and seal it in two parts: identifiers for the vault, the rest for the store.

    Nobody on the platform can open both. The pack opens in the card's instance only. Rows that
    the report leaves out stay with you; nothing is written when the report says stop.

    Example: [bold]workbench extract pack clinic.csv --contract contracts/clinic
    --card card.json --out clinic.wbpack[/]
    """
    promised, to = load_contract(contract), load_card(card)
    try:
        with _bar() as tell:
            report = make_pack(file, promised, to.model_dump(), out, tell)
    except RefusedExtract as refused:
        show(refused.report, lang.value)
        raise
    show(report, lang.value)
    typer.echo(f"{out}  {out.stat().st_size:,} bytes  {to.kind} {to.instance}")


def show(report: Report, lang: str) -> None:
    """Print a report: what weighs most first, each finding with its rows and its remedy."""
    console = Console(highlight=False)
    lines = report.render(lang).splitlines()
    console.print(Text(lines[0], style="bold"))
    weight = list(STYLES)
    for found in sorted(report.findings, key=lambda item: weight.index(item.severity)):
        name = f"{found.phase}.{found.rule}"
        head = Text.assemble(("■ ", STYLES[found.severity]), (found.column, "bold"))
        head.append(f"{': ' if found.column else ''}{found.text[lang]}")
        console.print(head)
        rows = ", ".join(str(row) for row in found.rows)
        more = ", …" if found.count > len(found.rows) > 0 else ""
        if rows:
            console.print(Padding(Text(f"{ROW[lang]} {rows}{more}"), (0, 0, 0, 2)))
        console.print(Padding(Text(f"→ {found.remedy[lang]}"), (0, 0, 0, 2)))
        console.print(Padding(Text(f"{found.severity} · {name}", style="dim"), (0, 0, 0, 2)))
    console.print(Text(ENDS[lang][report.verdict], style="bold"))


@contextmanager
def _bar(*, quiet: bool = False) -> Iterator[Tell]:
    """A progress bar on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    console = Console(stderr=True, quiet=quiet)
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("read", total=1.0)

        def tell(step: str, done: float) -> None:
            bar.update(task, description=step, completed=done)

        yield tell
