"""The processes of an instance, one command each; `workbench up` starts them all."""

from dataclasses import asdict
from typing import Annotated

import typer

from workbench.cli.house import house
from workbench.settings import Computing

app = typer.Typer()

KINDS = ("demo", "test", "production")


@app.command()
def init(
    context: typer.Context,
    kind: Annotated[
        str,
        typer.Option(
            help="demo and test take synthetic identifiers only, production real ones only."
        ),
    ] = "production",
    port: Annotated[int, typer.Option(help="Where people open the workbench.", min=1024)] = 8000,
    database: Annotated[
        str, typer.Option(help="SQLAlchemy URL; empty for SQLite in the instance.")
    ] = "",
) -> None:
    """Create an instance: its folders, its keys, its database. Safe to repeat."""
    if kind not in KINDS:
        raise typer.BadParameter(f"one of {', '.join(KINDS)}", param_hint="--kind")
    house(context).found(kind, port, database)
    typer.echo(f"The instance is ready in {house(context).root}. Next: workbench up")


@app.command()
def vault(context: typer.Context) -> None:
    """Serve the vault: national identifiers, no health data."""
    house(context).serve("vault")


@app.command()
def linker(context: typer.Context) -> None:
    """Serve the store and linker: health data under registry pseudonyms."""
    house(context).serve("linker")


@app.command()
def engine(
    context: typer.Context,
    executor: Annotated[
        str, typer.Option(help="local, or dask: many processes or machines. [instance.toml]")
    ] = "",
    workers: Annotated[
        int, typer.Option(help="Threads (local) or worker processes (dask).", min=0, max=4096)
    ] = 0,
    scheduler: Annotated[
        str, typer.Option(help="tls://host:port of a dask cluster that runs elsewhere.")
    ] = "",
) -> None:
    """Serve the engine: runs plans, applies the gate, signs releases.

    Where it computes stands in instance.toml ([engine]); the options say otherwise for this run.

    Example: workbench engine --executor dask --workers 4
    """
    rooms = house(context)
    asked = {"executor": executor, "workers": workers, "scheduler": scheduler}
    said = asdict(rooms.instance.computing) | {key: value for key, value in asked.items() if value}
    rooms.serve_engine(Computing.read(said))


@app.command()
def gated(context: typer.Context) -> None:
    """Serve the gate daemon: launches kernels, rebuilds their messages."""
    house(context).serve("gated")


@app.command()
def portal(context: typer.Context) -> None:
    """Serve the portal (started by JupyterHub)."""
    house(context).serve("portal")
