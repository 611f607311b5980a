"""The real demo, started as a user starts it, for the tests that walk through it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 240.0  # seconds until the demo serves
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Demo:
    """A running demo: its address, its folder, its accounts."""

    url: str
    home: Path
    passwords: Mapping[str, str]
    project: str = "nafld-mortality"

    @property
    def instance(self) -> Path:
        return self.home / "instance"

    def command(
        self,
        *arguments: str,
        environ: Mapping[str, str] | None = None,
        patience: float = 120,
    ) -> "subprocess.CompletedProcess[str]":
        """Run `workbench` on this instance, for at most so many seconds."""
        return subprocess.run(
            [sys.executable, "-m", "workbench", "--instance", str(self.instance), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=patience,
            env={**os.environ, "COLUMNS": "200", **(environ or {})},
        )


@contextmanager
def running_demo(home: Path) -> Iterator[Demo]:
    """`workbench demo` in a folder, until the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home.mkdir(parents=True, exist_ok=True)
    log = home / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench", "--instance", str(home / "instance"), "demo",
             "--port", str(port)],
            stdout=output,
            stderr=output,
            cwd=ROOT,
        )  # fmt: skip
    try:
        _await(process, home / "summary.json", log)
        accounts = home / "instance/portal/demo-accounts.json"
        yield Demo(f"http://127.0.0.1:{port}", home, json.loads(accounts.read_text()))
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(90)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: "subprocess.Popen[bytes]", summary: Path, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        steps = json.loads(summary.read_text())["steps"] if summary.exists() else []
        if any(step["step"] == "certificate" and step["ok"] for step in steps):
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise AssertionError(f"the demo did not serve:\n{log.read_text()[-4000:]}")
