"""The `workbench` command: mounts every group, and turns refusals into words and exit codes."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import click
import typer
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from workbench.cli import (
    account,
    audit,
    demo,
    doctor,
    extract,
    isolation,
    notebook,
    output,
    project,
    registry,
    services,
    up,
    verify,
)
from workbench.cli.house import House

__all__ = ["build", "run"]

EXIT_REFUSED = 2
EXIT_FAULT = 3


def build(make_house: Callable[[Path], House] | None = None) -> typer.Typer:
    """The command with all its groups; `make_house` opens an instance's folder."""
    app = typer.Typer(
        name="workbench",
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="The code goes to the data, and only safe results come back.\n\n"
        "Start with [bold]make demo[/], then `workbench doctor`.",
    )

    @app.callback()
    def instance(
        context: typer.Context,
        root: Annotated[
            Path | None,
            typer.Option(
                "--instance",
                envvar="WORKBENCH_INSTANCE",
                help="The instance's folder (default: var/instance here).",
            ),
        ] = None,
    ) -> None:
        if make_house is not None:
            context.obj = make_house(root or Path("var/instance"))

    for group, name in (
        (registry, "registry"),
        (extract, "extract"),
        (project, "project"),
        (output, "output"),
        (notebook, "notebook"),
        (account, "account"),
        (audit, "audit"),
    ):
        app.add_typer(group.app, name=name)
    for single in (demo, doctor, isolation, services, up, verify):
        app.registered_commands += single.app.registered_commands
    return app


def run(make_house: Callable[[Path], House], arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status (2 refused, 3 a fault of ours)."""
    console = Console(stderr=True)
    command = typer.main.get_command(build(make_house))
    try:
        done = command.main(args=arguments, prog_name="workbench", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        console.print("Stopped.")
        return 130
    except Exception as error:  # noqa: BLE001 - the last door: nothing else may print a traceback
        return _explain(error, console)
    return done if isinstance(done, int) else 0


def _explain(error: Exception, console: Console) -> int:
    code = getattr(error, "code", None)
    reason, remedy = getattr(error, "reason", None), getattr(error, "remedy", None)
    if isinstance(code, str) and isinstance(reason, str) and isinstance(remedy, str):
        body = Text.assemble(reason, "\n", ("What to do: ", "bold"), remedy)
        console.print(Panel(body, title=f"refused: {code}", border_style="yellow"))
        return EXIT_REFUSED
    incident = getattr(error, "incident", None) or os.urandom(4).hex()
    # Only the places in the code are told, never the values that an error may carry.
    places = []
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        places.append(f"{Path(frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    where = " > ".join(places[-6:])
    body = Text(f"{type(error).__name__} at {where}\nThis is our mistake, not yours.")
    console.print(Panel(body, title=f"fault: incident {incident}", border_style="red"))
    return EXIT_FAULT
