"""`workbench audit`: read the log and prove that nobody changed it."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from workbench.cli.house import house
from workbench.domain.errors import Refusal
from workbench.services.audit import verify_log
from workbench.services.export_history import export_history

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="The append-only, hash-chained log of everything that happened.",
)
out = Console()


@app.command("verify")
def verify(
    context: typer.Context,
    head: Annotated[
        str,
        typer.Option(
            help="POSITION:HASH that you noted after an earlier verification; "
            "shows that nothing was cut off since."
        ),
    ] = "",
) -> None:
    """Walk the whole chain: finds what was changed, removed, inserted or reordered.

    Note the position and hash it prints, outside this machine: with --head they prove later that
    the log still begins with everything that it holds today. Exit status 1 when something is wrong.

    Example: workbench audit verify
    """
    found = verify_log(house(context).records, head)
    if found.head is None:
        out.print("The log is empty.")
    else:
        out.print(f"{found.entries} entries; the last is [bold]{found.head.position}[/]:", end="")
        out.print(found.head.hash, highlight=False, soft_wrap=True)
    if found.whole:
        out.print("[green]The chain is whole.[/]")
        return
    table = Table("position", "damage", "noticed by", title="The chain is damaged")
    for damage in found.breaks[:50]:
        table.add_row(str(damage.position), damage.damage, damage.source)
    out.print(table)
    if len(found.breaks) > 50:
        out.print(f"… and {len(found.breaks) - 50} more.")
    raise typer.Exit(1)


@app.command("list")
def listing(
    context: typer.Context,
    start: Annotated[int, typer.Option(help="First position to show (1 is the oldest).")] = 0,
    last: Annotated[int, typer.Option(min=1, help="How many entries to show.")] = 50,
    subject: Annotated[str, typer.Option(help="Only what happened to this thing.")] = "",
    who: Annotated[str, typer.Option(help="Only what this account did.")] = "",
) -> None:
    """Show entries: the newest, or from --start on.

    Example: workbench audit list --subject nafld-mortality
    """
    records = house(context).records
    shown = [
        entry
        for entry in records.audit.entries(start)
        if subject in ("", entry.event.subject) and who in ("", entry.event.who)
    ]
    table = Table("#", "when (UTC)", "who", "what", "subject", "why")
    for entry in shown[:last] if start else shown[-last:]:
        event = entry.event
        at = entry.at.strftime("%Y-%m-%d %H:%M:%S")
        row = (str(entry.position), at, event.who, event.what, event.subject, event.why)
        # Words that people wrote are text, never markup.
        table.add_row(*(cell.replace("[", "\\[") for cell in row))
    out.print(table)


@app.command("export")
def export(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="The file to write, one JSON object a line.")],
    project: Annotated[str, typer.Option(help="Only the releases of this project.")] = "",
    bodies: Annotated[
        bool,
        typer.Option(
            "--bodies/--no-bodies",
            help="Whether plans and released numbers go with the certificates; without them the "
            "releases cannot be checked together.",
        ),
    ] = True,
) -> None:
    """Write every release with its certificate and the log that they stand in, for an auditor.

    No entry tells who and why, and what concerns no release tells only what it was; the hashes of
    the chain can be checked all the same, with `workbench verify --history`. The engine must run:
    it signs where the log ends.

    Example: workbench audit export history.jsonl
    """
    rooms = house(context)
    draft = target.with_name(f".{target.name}.new")
    lines = export_history(rooms.records, rooms.ends, rooms.instance.id, project, bodies=bodies)
    try:
        with draft.open("wb") as file:
            for line in lines:
                file.write(line)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError:
        raise Refusal(
            "not_written", f"{target} cannot be written.", "Name a file in a folder of yours."
        ) from None
    finally:
        draft.unlink(missing_ok=True)
    out.print(f"Written to {target}. Check it with: workbench verify --history {target}")
