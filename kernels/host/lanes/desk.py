"""What every kernel of this daemon shares, and what every kernel can be asked."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kernels.host.budget import CellBudgets
from kernels.host.config import GateConfig
from kernels.host.egress.spool import Spool
from kernels.host.engine_link import EngineLink
from kernels.host.lanes.sealed_run import SealedRuns
from kernels.host.rundir import RunFolder
from kernels.host.sandbox.spawn import Ground
from kernels.host.sandbox.uids import Uids
from kernels.protocol import Ended, Grant

__all__ = ["Desk", "Kernel"]


@dataclass(frozen=True)
class Desk:
    """The daemon's tools. now: Unix seconds."""

    config: GateConfig
    ground: Ground
    engine: EngineLink
    spool: Spool
    uids: Uids
    sealed: SealedRuns
    cells: CellBudgets
    now: Callable[[], float] = time.time

    def folder(self, grant: Grant) -> RunFolder:
        """The folder of a new kernel's sockets."""
        front = self.config.of_runtime(grant.front) if grant.front else None
        return RunFolder(self.config.runtime, front)


class Kernel(Protocol):
    """A kernel of any lane, from its launch to its end."""

    grant: Grant

    @property
    def dropped(self) -> Counter[str]:
        """How many messages did not pass the relay, by reason."""

    async def start(self) -> Path:
        """Start it; the ipc prefix of its five channels. Refusal or Fault when it cannot."""

    async def interrupt(self) -> None:
        """Stop what it computes now."""

    def stop(self, why: str, *, tell: bool = True) -> None:
        """End it; `why` is a sentence that a researcher understands, the first one counts.

        tell: show it in the notebook too.
        """

    async def ended(self) -> Ended:
        """Wait for its end."""

    async def close(self) -> None:
        """Kill what is left of it and give everything back."""
