"""`workbench up`: start the whole instance, watch over it, stop it with Ctrl-C."""

import typer
from rich.console import Console

from kernels.host.proof.probe import require_isolation
from workbench.cli.house import house

__all__ = ["app"]

app = typer.Typer()


@app.command()
def up(context: typer.Context) -> None:
    """Start vault, linker, engine, gate daemon and hub, and serve until Ctrl-C.

    Each process writes to a log of its own in the instance's folder `logs`. A process that fails
    is started again; when you stop this command, all of them stop.

    Example: workbench --instance /srv/workbench up
    """
    rooms, console = house(context), Console()
    require_isolation()
    rooms.accounts.groups()  # a damaged file is told now, not at the first sign-in
    rooms.accounts.way_in()
    processes = rooms.processes
    try:
        with console.status("Starting …") as status:

            def ready(name: str) -> None:
                console.print(f"[green]✓[/] {name}")
                status.update("Starting …")

            processes.start(ready)
        console.print(f"\nOpen [bold]{rooms.instance.url}[/] in your browser. Stop with Ctrl-C.")
        processes.wait()
        console.print("Stopping …")
    finally:
        processes.stop()
