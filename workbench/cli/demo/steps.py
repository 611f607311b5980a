"""The demo's steps: shown while they run, timed, and summed up in a JSON file."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

__all__ = ["Step", "Steps"]


@dataclass(frozen=True)
class Step:
    """One step: its name, seconds and whether it went well."""

    step: str
    seconds: float
    ok: bool


class Steps:
    """Runs steps one after the other; the summary is written after each."""

    def __init__(self, summary: Path, console: Console) -> None:
        self._summary = summary
        self._console = console
        self._done: list[Step] = []

    @contextmanager
    def step(self, name: str, doing: str) -> Iterator[None]:
        """Show `doing` with a spinner; an error inside marks the step and goes on upwards."""
        start = time.perf_counter()
        good = False
        try:
            with self._console.status(f"{doing} …"):
                yield
            good = True
        finally:
            seconds = time.perf_counter() - start
            self._done.append(Step(name, round(seconds, 3), good))
            mark = "[green]✓[/]" if good else "[red]✗[/]"
            self._console.print(f"{mark} {doing} [dim]{seconds:.1f} s[/]")
            self._write()

    def _write(self) -> None:
        self._summary.parent.mkdir(parents=True, exist_ok=True)
        draft = self._summary.with_name(f".{self._summary.name}.new")
        content = {"steps": [asdict(step) for step in self._done]}
        draft.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        draft.replace(self._summary)
