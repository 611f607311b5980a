"""Writes docs/reference/states.md from the transition tables: `python -m tests.lib.states`."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from workbench.domain.permissions import CHECKS
from workbench.domain.transitions import OUTPUT, OUTPUT_EVENT, OUTPUT_HOLDER, PERMIT, PERMIT_EVENT

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/states.md"


def diagram(table: Mapping[StrEnum, frozenset[StrEnum]], first: str) -> list[str]:
    """A Mermaid state diagram of a transition table."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first}"]
    for old, after in table.items():
        lines += [f"    {old} --> {new}" for new in sorted(after)]
        if not after:
            lines.append(f"    {old} --> [*]")
    return [*lines, "```", ""]


def page() -> str:
    """The whole page."""
    lines = [
        "# States and permissions",
        "",
        "Made from `workbench/domain/transitions.py` (when) and `workbench/domain/permissions.py`",
        "(who) by `python -m tests.lib.states`. What is not listed here is refused.",
        "",
        "## Output request",
        "",
        *diagram(OUTPUT, "submitted"),
        "| state | whose turn | audit event on entering |",
        "|---|---|---|",
        *(f"| {s} | {OUTPUT_HOLDER[s]} | `{OUTPUT_EVENT[s]}` |" for s in OUTPUT),
        "",
        "Bytes that were submitted never change: a correction is a new run, hence a new request.",
        "An approval binds to the hash over names and contents of all files.",
        "",
        "## Permit",
        "",
        *diagram(PERMIT, "active"),
        "| state | audit event on entering again |",
        "|---|---|",
        *(f"| {s} | `{PERMIT_EVENT[s]}` |" for s in PERMIT),
        "",
        "## Permissions",
        "",
        "| permission | who |",
        "|---|---|",
        *(f"| `{p}` | {(check.__doc__ or '').strip()} |" for p, check in CHECKS.items()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
