"""The processes of a cluster of dask, on this machine or another; the engine asks them."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.house import house

app = typer.Typer(help="The processes of a cluster that computes for the engine.")

Certificates = Annotated[
    Path, typer.Option(help="The folder with this role's certificate: engine/cluster, or a copy.")
]


@app.command()
def scheduler(
    context: typer.Context,
    certificates: Certificates,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 for any that is free.", min=0, max=65535)] = 8786,
) -> None:
    """Deal out the engine's work to the workers that have a certificate of the same authority.

    Example: workbench cluster scheduler --certificates /etc/workbench/cluster --host 10.0.0.5
    """
    house(context).cluster_scheduler(certificates, host, port)


@app.command()
def worker(
    context: typer.Context,
    scheduler: Annotated[str, typer.Argument(help="tls://host:port of the scheduler.")],
    certificates: Certificates,
    views: Annotated[Path, typer.Option(help="The instance's folder of views, or its mount.")],
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    threads: Annotated[int, typer.Option(help="Bucket groups at once.", min=1, max=256)] = 1,
    memory: Annotated[
        int, typer.Option(help="MiB; a worker that takes more ends itself.", min=256)
    ] = 4096,
) -> None:
    """Compute bucket groups for the engine.

    Example: workbench cluster worker tls://10.0.0.5:8786 --certificates /etc/workbench/cluster
    --views /srv/views --host 10.0.0.6
    """
    house(context).cluster_worker(scheduler, certificates, views, host, threads, memory)
