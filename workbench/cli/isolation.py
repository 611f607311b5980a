"""`workbench isolation-report`: every forbidden act, tried inside a kernel's jail and outside."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

__all__ = ["app"]

app = typer.Typer()


@app.command()
def isolation_report(
    as_json: Annotated[bool, typer.Option("--json", help="For scripts: one JSON object.")] = False,
    short: Annotated[bool, typer.Option("--short", help="Only the acts that matter most.")] = False,
) -> None:
    """Show that a kernel cannot do what must not be done: by trying it.

    Each act is tried by the same program twice: in a kernel's sandbox, where it must be BLOCKED,
    and outside, where it is usually ALLOWED. What is BLOCKED outside too is missing on this host
    or needs root. Nothing is harmed: the acts reach for canaries only. Exit status 1 when
    anything was ALLOWED inside.

    Example: workbench isolation-report --short
    """
    from kernels.host.proof.probe import can_isolate
    from kernels.host.proof.report import SHORT
    from kernels.host.proof.report import isolation_report as try_all

    acts = try_all(SHORT if short else ())
    escaped = [act for act in acts if act.inside == "ALLOWED"]
    if as_json:
        rows = [
            {"name": a.name, "inside": a.inside, "outside": a.outside, "layer": a.layer}
            for a in acts
        ]
        typer.echo(json.dumps({"acts": rows}))
    else:
        table = Table("act", "inside", "outside", "layer", box=None, pad_edge=False)
        for act in acts:
            inside = "[red]ALLOWED[/]" if act.inside == "ALLOWED" else "[green]BLOCKED[/]"
            table.add_row(act.name, inside, act.outside, act.layer)
        console = Console()
        console.print(table)
        console.print(f"{len(acts)} acts, {len(acts) - len(escaped)} blocked inside.")
        for each in can_isolate():  # against what it lacks nothing was tried
            console.print(f"This host lacks a layer: {each.what}.")
    if escaped:
        raise typer.Exit(1)
