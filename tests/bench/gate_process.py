"""A gate daemon in a process of its own, as in earnest; it shares no interpreter with clients."""

import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kernels.host.config import Limits
from tests.lib.gate_house import GateHouse, Launching, launch

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Gate:
    """The daemon's process number, its door, and a launch token of the project alpha."""

    pid: int
    door: Path
    token: str

    def launch(self) -> Launching:
        """A Workbench kernel."""
        return launch(self.door, self.token)


@contextmanager
def gate_process() -> Iterator[Gate]:
    """Start it; it and its kernels are gone at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.gate_process"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        card = json.loads(process.stdout.readline() if process.stdout else b"")
        yield Gate(process.pid, Path(card["door"]), card["token"])
    finally:
        process.communicate(timeout=30)  # the end of its input is its end


def _serve() -> None:
    house = GateHouse(Limits())
    gc.freeze()  # as `kernels.host.gated.serve` does
    card = {"door": str(house.config.gated_socket), "token": house.grant()}
    print(json.dumps(card), flush=True)
    sys.stdin.read()
    house.close()


if __name__ == "__main__":
    _serve()
