"""`workbench seccomp-profile`: the kernels' system call filter for container engines."""

import json
import os
import platform
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer()


@app.command()
def seccomp_profile(
    output: Annotated[
        Path | None, typer.Option(help="Write to this file instead of the screen.")
    ] = None,
    machine: Annotated[
        str, typer.Option(help="x86_64 or aarch64; without it, this machine's.")
    ] = "",
    workbench: Annotated[
        bool,
        typer.Option(
            "--workbench",
            help="For the Workbench lane: locks on files are allowed. Never for real rows.",
        ),
    ] = False,
    gate: Annotated[
        bool,
        typer.Option(
            "--gate", help="For the container of the gate daemon, which makes the sandboxes."
        ),
    ] = False,
    hub: Annotated[
        bool,
        typer.Option("--hub", help="For the container of the hub, which jails servers alike."),
    ] = False,
) -> None:
    """Print the kernels' system call filter as an OCI seccomp profile (JSON).

    It is made from the same table as the filter of every sandbox. Container engines and
    Kubernetes (`seccompProfile: Localhost`) read it.

    Example: workbench seccomp-profile --output workbench-kernel.json
    """
    from kernels.host.seccomp.daemon import daemon_profile
    from kernels.host.seccomp.profile import profile

    if sum((workbench, gate, hub)) > 1:
        raise typer.BadParameter("One of --workbench, --gate and --hub.")
    if gate or hub:
        found = daemon_profile(machine or platform.machine(), network=hub)
    else:
        found = profile(machine or platform.machine(), sealed=not workbench)
    text = json.dumps(found, indent=1) + "\n"
    if output is None:
        typer.echo(text, nl=False)
        return
    draft = output.with_name(f".{output.name}-{os.getpid()}")
    draft.write_text(text, encoding="ascii")
    draft.replace(output)
