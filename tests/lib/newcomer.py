"""Somebody who follows a tutorial word by word: commands are run, code becomes a notebook."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat

COMMAND = ".venv/bin/workbench"
PASSWORD = "four words make a password"
PATIENCE = 90.0  # seconds until everything is up


@dataclass(frozen=True)
class Page:
    """A tutorial's blocks: its commands one by one, and the cells of its notebook."""

    commands: tuple[tuple[str, ...], ...]
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Walk:
    """What the newcomer saw: each command with its exit status and all that it printed."""

    folder: Path
    done: tuple[tuple[tuple[str, ...], int, str], ...]

    def shown(self, *words: str) -> str:
        """What the one command with these words in it printed."""
        (found,) = [text for command, _, text in self.done if set(words) <= set(command)]
        return found


def read_page(page: Path) -> Page:
    """The blocks of a Markdown page."""
    text = page.read_text(encoding="utf-8")
    shell = "".join(re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))
    lines = shell.replace("\\\n", " ").splitlines()
    return Page(
        tuple(tuple(shlex.split(line)) for line in lines),
        tuple(re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)),
    )


@contextmanager
def follow(page: Page, folder: Path, notebook: str) -> Iterator[Walk]:
    """Run every command of a page in a folder; the instance serves until the end of the block."""
    cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in page.cells]  # type: ignore[no-untyped-call]  # nbformat carries no types
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / notebook)  # type: ignore[no-untyped-call]  # nbformat carries no types
    done: list[tuple[tuple[str, ...], int, str]] = []
    serving: list[subprocess.Popen[bytes]] = []
    try:
        for command in page.commands:
            if command == ("make", "setup"):
                continue  # whoever runs the tests has done so
            assert command[0] == COMMAND, command
            if command[-1] == "up":
                serving.append(_up(command, folder))
            else:
                port = ("--port", _free_port()) if "init" in command else ()
                done.append((command, *_run((*command, *port), folder)))
        yield Walk(folder, tuple(done))
    finally:
        for process in serving:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _ours(command: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "workbench", *command[1:]]


def _run(command: tuple[str, ...], folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        _ours(command),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=180,
        env={**os.environ, "COLUMNS": "200", "WORKBENCH_PASSWORD": PASSWORD},
    )
    return done.returncode, done.stdout


def _up(command: tuple[str, ...], folder: Path) -> "subprocess.Popen[bytes]":
    log = folder / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(_ours(command), cwd=folder, stdout=output, stderr=output)
    end = time.monotonic() + PATIENCE
    while "Open http" not in log.read_text(encoding="utf-8"):
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            process.wait()
            raise AssertionError(f"it did not come up:\n{log.read_text(encoding='utf-8')}")
        time.sleep(0.2)
    return process


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
