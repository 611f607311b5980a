"""Writes docs/reference/cli.md from the commands: `python -m tests.lib.cli_reference`."""

import re
from pathlib import Path
from typing import Any

from workbench.cli.main import build

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/cli.md"


def leaves(command: Any, name: str) -> list[tuple[str, Any]]:
    """Every command under a group with its full name, sorted."""
    if not hasattr(command, "list_commands"):
        return [(name, command)]
    return [
        one
        for key in sorted(command.list_commands(None))
        for one in leaves(command.get_command(None, key), f"{name} {key}")
    ]


def plain(text: str | None) -> str:
    """Help text without Rich's markup; examples as blocks to copy."""
    words = re.sub(r"(?<!\\)\[(/|/?bold)\]", "", text or "").replace("\\[", "[").strip()
    return re.sub(r"^Example: ((?:.+\n?)+)", example, words, flags=re.MULTILINE)


def example(found: re.Match[str]) -> str:
    """A command as a block of its own, broken lines joined."""
    return f"```sh\n{' '.join(found[1].split())}\n```"


def section(name: str, command: Any) -> list[str]:
    """One command: what it does, its arguments and options."""
    lines = [f"## {name}", "", plain(command.help), ""]
    rows = []
    for parameter in command.params:
        if parameter.name == "help":
            continue
        label = ", ".join(parameter.opts) if parameter.opts else str(parameter.name)
        if parameter.param_type_name == "argument":
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
    for name, command in leaves(build(), "workbench"):
        lines += section(name, command)
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
