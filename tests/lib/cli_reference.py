"""Writes docs/reference/cli.md from the commands: `python -m tests.lib.cli_reference`."""

import re
from pathlib import Path

import click
import typer

from workbench.cli.main import build

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/cli.md"


def leaves(command: click.Command, name: str) -> list[tuple[str, click.Command]]:
    """Every command under a group with its full name, sorted."""
    below = getattr(command, "commands", None)
    if below is None:
        return [(name, command)]
    return [one for key in sorted(below) for one in leaves(below[key], f"{name} {key}")]


def plain(text: str | None) -> str:
    """Help text without Rich's markup."""
    return re.sub(r"\[/?[a-z ]*\]", "", text or "").replace("\b", "").strip()


def section(name: str, command: click.Command) -> list[str]:
    """One command: what it does, its arguments and options."""
    lines = [f"## {name}", "", plain(command.help), ""]
    rows = []
    for parameter in command.params:
        if parameter.name == "help":
            continue
        label = ", ".join(parameter.opts) if parameter.opts else str(parameter.name)
        if isinstance(parameter, click.Argument) or parameter.param_type_name == "argument":
            label = str(parameter.name).upper()
        words = plain(getattr(parameter, "help", "")).replace("|", "\\|").replace("\n", " ")
        needed = " (required)" if parameter.required else ""
        rows.append(f"| `{label}` | {words}{needed} |")
    if rows:
        lines += ["| | |", "|---|---|", *rows, ""]
    return lines


def page() -> str:
    """The whole reference page."""
    lines = [
        "# Commands",
        "",
        "Made from the commands themselves by `python -m tests.lib.cli_reference`.",
        "",
        "Every command takes `--instance FOLDER` (or `WORKBENCH_INSTANCE`) before its name. Exit",
        "status: 0 done, 1 the answer is no, 2 refused with a remedy, 3 a fault of ours.",
        "",
    ]
    for name, command in leaves(typer.main.get_command(build()), "workbench"):
        lines += section(name, command)
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
