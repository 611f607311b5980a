"""The command itself: step by step, then the released table, then serving until Ctrl-C."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kernels.host.proof.probe import require_isolation
from workbench.cli.demo.accounts import open_accounts
from workbench.cli.demo.data import DATASETS, open_project, published, take_in
from workbench.cli.demo.steps import Steps
from workbench.cli.demo.study import Outcome, run_study, save_certificate
from workbench.cli.house import House, house
from workbench.domain.errors import Refusal
from workbench.services.audit import verify_log
from workbench.settings import PORT

app = typer.Typer()


@app.command()
def demo(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Do everything, then stop instead of serving.")
    ] = False,
    port: Annotated[
        int, typer.Option(help="Where to serve; another free one if it is taken.")
    ] = 8000,
) -> None:
    """The whole way once: three real registries in, a released table out, in the real workbench.

    Creates a demo instance, loads the NAFLD study as three registries with three owners, grants a
    permit, signs in through JupyterHub and runs the example notebook in a locked-down kernel. The
    steps and their seconds go to summary.json beside the instance. The second run takes seconds.
    """
    rooms, console = house(context), Console(soft_wrap=True)
    home = rooms.root.resolve().parent
    steps = Steps(home / "summary.json", console)
    console.rule("[bold]Workbench[/] the code goes to the data, and only safe results come back")
    with steps.step("host", "Looking whether this host can lock kernels in"):
        require_isolation()
        _choose_port(port)
    with steps.step("instance", "Creating the instance and its keys"):
        rooms.found("demo", port, "")
        passwords = open_accounts(
            rooms.accounts,
            rooms.instance.zone("portal") / "roles.toml",
            rooms.instance.zone("portal") / "demo-accounts.json",
        )
    try:
        outcome = _whole_way(rooms, steps, console, home, passwords["researcher"])
        _report(outcome, home, console)
        _doors(rooms, passwords, console)
        if not check:
            console.print("Serving. Stop with Ctrl-C.")
            rooms.processes.wait()
    finally:
        with console.status("Stopping …"):
            rooms.processes.stop()


def _choose_port(wanted: int) -> None:
    """Tell every process of this run where to serve: a stranger's machine may use the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        os.environ[PORT] = str(probe.getsockname()[1])


def _whole_way(rooms: House, steps: Steps, console: Console, home: Path, password: str) -> Outcome:
    with steps.step("services", "Starting vault, linker, engine, gate daemon, hub and portal"):
        rooms.processes.start(lambda name: console.print(f"  [dim]{name} answers[/]"))
    waiting = [dataset for dataset in DATASETS if not published(rooms, dataset)]
    if waiting:
        with steps.step("extracts", "Writing the registries' extracts"):
            extracts = rooms.demo_extracts(home / "extracts")
        for dataset in waiting:
            with steps.step(f"load {dataset}", f"Check, pack, load and publish {dataset}"):
                take_in(rooms, dataset, extracts[dataset])
    with steps.step("project", "Granting the permit, linking its view, making its twin"):
        project = open_project(rooms)
    with steps.step("notebook", "Running the example notebook through the hub"):
        outcome = run_study(rooms, project, "researcher", password)
    if not outcome.releases:
        raise Refusal(
            "nothing_released",
            "The example notebook ran, but the gate released nothing.",
            "Read what the notebook showed with `workbench notebook run`.",
        )
    with steps.step("certificate", "Verifying the certificate and the audit log"):
        save_certificate(rooms, outcome.releases[0], home / "certificate.json")
        if not verify_log(rooms.records).whole:
            raise typer.Exit(1)
    return outcome


def _report(outcome: Outcome, home: Path, console: Console) -> None:
    console.rule("What the researcher saw")
    for text in outcome.shown:
        console.print(Text(text))
        console.print()
    certificate, instance = (
        os.path.relpath(home / name) for name in ("certificate.json", "instance")
    )
    console.rule("Certificate")
    console.print(
        f"{len(outcome.releases)} releases left through the gate, each with a certificate. "
        "The first one's verifies, offline:\n\n"
        f"  .venv/bin/workbench --instance {instance} verify {certificate}\n"
    )


def _doors(rooms: House, passwords: Mapping[str, str], console: Console) -> None:
    table = Table(title=f"Open {rooms.instance.url}", title_justify="left")
    for heading in ("account", "password", "try"):
        table.add_column(heading)
    tasks = {
        "researcher": "open the project, start JupyterLab, ask for a table",
        "officer": "review files of sealed runs",
        "owner": "see the load report of nafld_base, publish, roll back",
        "owner-lab": "the same for nafld_lab",
        "owner-dx": "the same for nafld_dx",
    }
    for name, password in passwords.items():
        table.add_row(name, password, tasks.get(name, ""))
    console.print(table)
