"""The `workbench` command: opens a group when it is named, turns refusals into words and codes."""

import importlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.panel import Panel
from rich.text import Text
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.rich_utils import rich_format_error

from workbench.cli.house import House

__all__ = ["build", "run"]

EXIT_REFUSED = 2
EXIT_FAULT = 3

# A command imports only its own module: the vault's process never loads the portal's code.
GROUPS = {
    "account": "workbench.cli.account",
    "audit": "workbench.cli.audit",
    "cluster": "workbench.cli.cluster",
    "extract": "workbench.cli.extract",
    "notebook": "workbench.cli.notebook",
    "output": "workbench.cli.output",
    "policy": "workbench.cli.policy",
    "project": "workbench.cli.project",
    "registry": "workbench.cli.registry",
}
SINGLES = {
    "demo": "workbench.cli.demo",
    "doctor": "workbench.cli.doctor",
    "isolation-report": "workbench.cli.isolation",
    "protect": "workbench.cli.protect",
    "seccomp-profile": "workbench.cli.seccomp",
    "up": "workbench.cli.up",
    "verify": "workbench.cli.verify",
}
SERVICES = ("init", "vault", "linker", "engine", "gated", "portal")


class _Commands(TyperGroup):
    """Every command by name; its module is imported when it is asked for."""

    def list_commands(self, _context: Any) -> list[str]:
        return sorted([*GROUPS, *SINGLES, *SERVICES])

    def get_command(self, _context: Any, name: str) -> Any:
        if name in SERVICES:
            group: Any = typer.main.get_command(_app_of("workbench.cli.services"))
            return group.commands[name]
        place = (GROUPS | SINGLES).get(name)
        if place is None:
            return None
        command = typer.main.get_command(_app_of(place))
        command.name = name
        return command


def _app_of(module: str) -> typer.Typer:
    app: typer.Typer = importlib.import_module(module).app
    app._add_completion = False  # one command, one completion: a group of it has none of its own
    return app


def build(make_house: Callable[[Path], House] | None = None) -> Any:
    """The command with all its groups; `make_house` opens an instance's folder."""
    app = typer.Typer(
        name="workbench",
        cls=_Commands,
        no_args_is_help=True,
        rich_markup_mode="rich",
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="The code goes to the data, and only safe results come back.\n\n"
        "Start with [bold]make demo[/]; `workbench doctor` says what this host can do.",
    )

    @app.callback()
    def open_house(
        context: typer.Context,
        instance: Annotated[
            Path, typer.Option(envvar="WORKBENCH_INSTANCE", help="The instance's folder.")
        ] = Path("var/instance"),
    ) -> None:
        if make_house is not None:
            context.obj = make_house(instance)

    return typer.main.get_command(app)


def run(make_house: Callable[[Path], House], arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status (2 refused, 3 a fault of ours)."""
    console = Console(stderr=True)
    try:
        done = build(make_house).main(args=arguments, prog_name="workbench", standalone_mode=False)
    except typer.Exit as asked:
        return asked.exit_code
    except (typer.Abort, KeyboardInterrupt):
        console.print("Stopped.")
        return 130
    except Exception as error:  # noqa: BLE001 - the last door: nothing else may print a traceback
        if isinstance(error, TyperException):
            usage: Any = error  # typer keeps its exceptions' common class to itself
            rich_format_error(usage)
            return EXIT_REFUSED
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
