"""`workbench registry`: a registry's data on the platform, from the sealed pack to published."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from pseudonym.contract.report import Report
from workbench.cli.draft import new
from workbench.cli.extract import Language, show
from workbench.cli.house import house
from workbench.cli.nation import demo_national
from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.ports import LoadRecord
from workbench.services.load import load_pack
from workbench.services.publish import publish_version, rollback_dataset

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Load, publish and roll back the datasets of registries.\n\n"
    "1. `workbench registry new FILE …` drafts a contract; `workbench extract pack` seals it.\n\n"
    "2. `workbench registry load X.wbpack` validates and pseudonymises it; nobody uses it yet.\n\n"
    "3. `workbench registry publish DATASET` makes it current, in one step.\n\n"
    "Nothing to load? `workbench registry demo-national` makes up a nation and loads all of it.",
)
app.command("new")(new)
app.command("demo-national")(demo_national)

EXIT_STOPPED = 2
STYLES = {
    "published": "bold green",
    "staged": "yellow",
    "refused": "red",
    "rolled_back": "red",
    "superseded": "dim",
}
Why = Annotated[str, typer.Option(help="A reason; it goes into the audit log.")]
Dataset = Annotated[str, typer.Argument(help="The dataset's id, as in its contract.")]
Lang = Annotated[Language, typer.Option("--lang", help="Language of the report.")]


@app.command()
def load(
    context: typer.Context,
    pack: Annotated[Path, typer.Argument(help="A sealed pack from `workbench extract pack`.")],
    why: Why = "",
    lang: Lang = Language.EN,
) -> None:
    """Open, validate and pseudonymise a pack; stage it as a new version that nobody uses yet.

    The vault opens the identifiers and gives numbers, the store opens the rest; neither sees the
    other's part. Exit code 0: staged; 2: refused, and nothing was kept but the report.

    Example: [bold]workbench registry load clinic.wbpack[/]
    """
    rooms = house(context)
    record = load_pack(rooms.records, rooms.desk, rooms.clock, pack, who=rooms.actor, why=why)
    show(Report.from_json(record.report), lang.value)
    typer.echo(f"load {record.id}: {record.dataset} {record.version} is {record.state}")
    if record.state != "staged":
        raise typer.Exit(EXIT_STOPPED)
    typer.echo(f"Next: workbench registry publish {record.dataset}")


@app.command()
def publish(
    context: typer.Context,
    dataset: Dataset,
    version: Annotated[
        str, typer.Argument(help="Which version; without it the newest staged one.")
    ] = "",
    why: Why = "",
) -> None:
    """Make a staged version the current one: one switch, all of it or nothing.

    Projects keep the version that their view was built from until the view is built again.

    Example: [bold]workbench registry publish clinic_visit 1.1.0[/]
    """
    rooms = house(context)
    record = publish_version(rooms.records, rooms.desk, dataset, version, who=rooms.actor, why=why)
    typer.echo(f"{record.dataset} {record.version} is published")


@app.command()
def rollback(context: typer.Context, dataset: Dataset, why: Why = "") -> None:
    """Go back to the version that was published before.

    Example: [bold]workbench registry rollback clinic_visit --why "wrong units in 2019"[/]
    """
    rooms = house(context)
    record = rollback_dataset(rooms.records, rooms.desk, dataset, who=rooms.actor, why=why)
    typer.echo(f"{record.dataset} is back at {record.version}")


@app.command("list")
def list_loads(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, without reports.")] = False,
) -> None:
    """Every load, newest first, and what became of it.

    Example: [bold]workbench registry list[/]
    """
    loads = house(context).records.loads.all()
    if as_json:
        typer.echo(json.dumps([_row(load) for load in loads], indent=2))
        return
    table = Table(box=SIMPLE, pad_edge=False)
    shown = ("load", "dataset", "version", "state", "rows", "when")
    for name in shown:
        table.add_column(name, no_wrap=name in ("load", "state"))
    for item in loads:
        row = _row(item)
        row["state"] = f"[{STYLES.get(item.state, 'default')}]{item.state}[/]"
        table.add_row(*(str(row[name]) for name in shown))
    Console().print(table)


@app.command()
def report(
    context: typer.Context,
    load: Annotated[str, typer.Argument(help="The load's id, from `workbench registry list`.")],
    lang: Lang = Language.EN,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """The validation report of a load: rules and row numbers, never a value.

    Example: [bold]workbench registry report 4f2a90c1d35be677 --lang nb[/]
    """
    rooms = house(context)
    record = rooms.records.loads.find(load)
    if record is None:
        raise Refusal("no_load", "There is no such load.", "`workbench registry list` shows all.")
    event = AuditEvent(What.DATA_REPORT_VIEW, rooms.actor, f"{record.dataset}/{record.version}")
    rooms.records.audit.append(event)
    if as_json:
        typer.echo(json.dumps(dict(record.report), ensure_ascii=False, indent=2))
    else:
        show(Report.from_json(record.report), lang.value)


def _row(load: LoadRecord) -> dict[str, str | int]:
    return {
        "load": load.id,
        "registry": load.registry,
        "dataset": load.dataset,
        "version": load.version,
        "state": load.state,
        "rows": int(load.report.get("rows", 0)),
        "findings": len(load.report.get("findings", ())),
        "when": f"{load.at:%Y-%m-%d %H:%M}",
    }
