"""A way for a kernel to be heard: the attack, and the one rule without which it succeeds."""

import asyncio
from dataclasses import dataclass
from typing import Any

from tests.redteam.kernel.hostile import Attack, Hostile
from tests.redteam.kernel.removals import Removal
from tests.redteam.kernel.stage import Seen, Stage

CANARY = "CANARY-7f3a"
NUMBER = 73_190_042


@dataclass(frozen=True)
class Path:
    """attack: what the kernel does during a cell; removed: the rule that is taken away; mark: what
    of the server's side shows the leak; ask: a question of the browser before the cell; setup: of
    the stage; interrupted: the browser interrupts first, so that the control channel is in use."""

    name: str
    attack: Attack | None
    removed: Removal
    mark: bytes = CANARY.encode()
    ask: tuple[str, str] | None = None
    code: str = "1\n2\n3\n4\n5\n6\n7\n8"
    setup: Any = None
    interrupted: bool = False

    async def run(self, stage: Stage) -> Seen:
        """Attack once; all that the server's side has seen."""
        if stage.ground.kernel is not None:
            stage.hostile.attack = self.attack
        if self.setup is not None:
            self.setup(stage)
        if self.interrupted:
            await stage.ask("interrupt_request", {}, "control")
            await asyncio.sleep(0.03)
        if self.ask is None:
            return await stage.cell(self.code)
        kind, channel = self.ask
        stage.seen = Seen()
        await stage.ask(kind, {"code": "x", "cursor_pos": 1}, channel)
        return await stage.cell("1")


def says(
    kind: str, channel: str = "iopub", parent: Any = None, /, *, changed: Any = None, **content: Any
) -> Attack:
    """The kernel sends one message."""

    async def attack(kernel: Hostile, asked: dict[str, Any]) -> None:
        of = asked if parent is None else parent
        await kernel.send(channel, kind, content, of, **(changed or {}))

    return attack


def answers(kind: str, /, **content: Any) -> Any:
    """The kernel answers a question so."""

    def setup(stage: Stage) -> None:
        stage.hostile.answers = {**stage.hostile.answers, kind: content}

    return setup
