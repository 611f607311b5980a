"""`workbench doctor`: what this host and this instance need, each line ok or a remedy."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from workbench.cli.house import house
from workbench.cli.symptoms import Check, host_checks, instance_checks

__all__ = ["app"]

app = typer.Typer()


@app.command()
def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts: one JSON object.")] = False,
) -> None:
    """Check what this host can isolate, versions, keys, disk, database and clock.

    Each line is ok or says what to do. Exit status 1 when something essential is missing; a
    warning (!) is worth a look, but the workbench runs.

    Example: workbench doctor
    """
    checks = [*host_checks(), *instance_checks(house(context))]
    good = all(check.ok or not check.essential for check in checks)
    if as_json:
        typer.echo(json.dumps({"ok": good, "checks": [check.to_json() for check in checks]}))
    else:
        _show(checks)
    if not good:
        raise typer.Exit(1)


def _show(checks: list[Check]) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for check in checks:
        mark = "[green]✓[/]" if check.ok else "[red]✗[/]" if check.essential else "[yellow]![/]"
        table.add_row(mark, check.name, check.text)
        if not check.ok and check.remedy:
            table.add_row("", "", f"[bold]What to do:[/] {check.remedy}")
    Console().print(table)
