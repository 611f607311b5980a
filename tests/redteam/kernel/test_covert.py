"""What is left to a kernel that signals on purpose, measured: never more than is stated.

An attacker inside sends symbols by one channel, one a cell; a decoder in front tells apart whatever
can be told apart. log2 of what it tells apart is the channel's bits a cell.
"""

import asyncio
import json
import math
import re
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from kernels.host.egress.capacity import MEMORY_STEPS, sealed_kernel, sealed_runs
from kernels.host.egress.told import moments
from tests.redteam.kernel.hostile import Hostile
from tests.redteam.kernel.removals import copied, replaced
from tests.redteam.kernel.stage import LIMITS, Seen, Stage, ends, staged

pytestmark = pytest.mark.alone
SYMBOLS = range(24)
CODE = "\n".join(str(number) for number in range(12))
LINES = CODE.count("\n") + 1
Send = Callable[[Stage, int], None]
Asked = dict[str, Any]


def content_of(seen: Seen) -> tuple[str, ...]:
    """All that can be told apart in frames but ids, counts, moments: the relay's own."""
    found = []
    for channel, parts in seen.frames:
        content = json.loads(parts[-1])
        content.pop("execution_count", None)
        if "text" in content:
            content["text"] = re.sub(r"within [0-9.]+ s", "", content["text"])
        kind = json.loads(parts[parts.index(b"<IDS|MSG>") + 2])["msg_type"]
        found.append(f"{channel} {kind} {json.dumps(content, sort_keys=True)}")
    return (*sorted(found), seen.log, seen.end)


def attack(run: Callable[[Hostile, Asked, int], Coroutine[Any, Any, None]]) -> Send:
    """The hostile kernel runs this in each cell."""

    def send(stage: Stage, symbol: int) -> None:
        async def attacks(kernel: Hostile, asked: Asked) -> None:
            await run(kernel, asked, symbol)

        stage.hostile.attack = attacks

    return send


async def _name(kernel: Hostile, asked: Asked, symbol: int) -> None:
    error = {"ename": f"Error{symbol}", "evalue": "", "traceback": []}
    await kernel.send("iopub", "error", error, asked)
    await kernel.send("shell", "execute_reply", {"status": "error", **error}, asked)


async def _ok_or_error(kernel: Hostile, asked: Asked, symbol: int) -> None:
    await kernel.send("shell", "execute_reply", {"status": ("ok", "error")[symbol % 2]}, asked)


async def _line(kernel: Hostile, asked: Asked, symbol: int) -> None:
    await kernel.send("shell", "execute_reply", {"status": "error", "line": symbol + 1}, asked)


async def _count(kernel: Hostile, asked: Asked, symbol: int) -> None:
    for _ in range(symbol):
        await kernel.send("iopub", "stream", {"name": "stdout", "text": "."}, asked)
        await kernel.send("shell", "inspect_reply", {"status": "ok"}, asked)


async def _order(kernel: Hostile, asked: Asked, symbol: int) -> None:
    for bit in range(5):
        kind = ("stream", "error")[symbol >> bit & 1]
        await kernel.send("iopub", kind, {"name": "stdout", "text": "."}, asked)
        await kernel.send("shell", f"{kind}_reply", {"status": "ok"}, asked)


async def _state(kernel: Hostile, asked: Asked, symbol: int) -> None:
    for _ in range(symbol % 3):
        await kernel.send("iopub", "status", {"execution_state": "idle"}, asked)
    await kernel.send("iopub", "status", {"execution_state": f"state{symbol}"}, asked)


def _memory(stage: Stage, symbol: int) -> None:
    stage.box.used = symbol * LIMITS.memory // len(SYMBOLS)


async def observed(
    send: Send,
    symbols: Iterable[int],
    removed: Callable[[Stage], AbstractContextManager[Any]] = lambda _stage: nullcontext(),
) -> dict[int, tuple[str, ...]]:
    """What each symbol looks like from outside."""
    async with staged("interactive") as stage:
        with removed(stage):
            found = {}
            for symbol in symbols:
                send(stage, symbol)
                found[symbol] = content_of(await stage.cell(CODE))
            return found


def bits(observations: dict[int, Any]) -> float:
    return math.log2(len(set(observations.values())))


CHANNELS = {
    "the name of an exception": (attack(_name), 0.0),
    "ok or error": (attack(_ok_or_error), 1.0),
    "the line of an error": (attack(_line), math.log2(LINES + 1)),
    "how many messages": (attack(_count), 0.0),
    "the order of messages": (attack(_order), 0.0),
    "the execution state": (attack(_state), 0.0),
    "the memory": (_memory, math.log2(MEMORY_STEPS)),
}


@cache
def measured(name: str) -> float:
    """Bits a cell by this channel, past the real relay."""
    return bits(asyncio.run(observed(CHANNELS[name][0], SYMBOLS)))


@pytest.mark.parametrize("name", list(CHANNELS))
def test_a_cell_tells_no_more_than_is_stated_by(name: str) -> None:
    assert measured(name) <= CHANNELS[name][1]


@pytest.mark.parametrize("name", ["ok or error", "the line of an error", "the memory"])
def test_the_decoder_reads_what_is_left_open(name: str) -> None:
    """A measurement that finds nothing must be able to find something."""
    assert measured(name) > 0.9 * CHANNELS[name][1]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("the name of an exception", "error"),
        ("how many messages", "stream"),
        ("the execution state", "status"),
    ],
)
def test_without_the_rule_the_same_decoder_reads_every_symbol(name: str, kind: str) -> None:
    send, _ = CHANNELS[name]
    assert bits(asyncio.run(observed(send, SYMBOLS, copied("iopub", kind)))) > 4.5


SLOW = replace(LIMITS, grid=0.25)
PAUSES = [0.02 + 0.11 * number for number in range(9)]


async def durations(removed: Callable[[Stage], AbstractContextManager[Any]]) -> list[float]:
    """Seconds from a cell's beginning to its end as the browser sees them, for each pause."""
    async with staged("interactive", SLOW) as stage:
        with removed(stage):
            found = []
            for pause in PAUSES:

                async def waits(_kernel: Hostile, _asked: Asked, pause: float = pause) -> None:
                    await asyncio.sleep(pause)

                stage.hostile.attack = waits
                seen = await stage.cell(CODE)
                found.append(_time_of(seen, b'"idle"') - _time_of(seen, b"running"))
            return found


def _time_of(seen: Seen, word: bytes) -> float:
    return next(
        time for (_, parts), time in zip(seen.frames, seen.times, strict=True) if word in parts[-1]
    )


async def _at_once(_stage: Stage) -> None:
    """In the place of waiting for the moment."""


def test_the_time_of_an_end_tells_no_more_than_the_moments() -> None:
    told = asyncio.run(durations(lambda _stage: nullcontext()))
    steps = [round(one / SLOW.grid - 0.3) for one in told]
    assert len(set(steps)) <= moments(max(PAUSES) + 0.1, SLOW.grid)
    # what an end is late by is the machine's own: it does not grow with the pause
    late = [one - step * SLOW.grid for one, step in zip(told, steps, strict=True)]
    assert max(late) < 0.7 * SLOW.grid
    assert min(late) > -0.01


def test_without_the_moments_the_time_of_an_end_is_the_kernels() -> None:
    told = asyncio.run(durations(replaced("kernel", "_until_told", _at_once)))
    pairs = list(zip(told, PAUSES, strict=True))
    assert sum(abs(one - pause) < 0.025 for one, pause in pairs) > len(pairs) / 2


def test_all_channels_of_one_cell_together_are_within_the_stated_capacity() -> None:
    together = sum(map(measured, CHANNELS))
    together += math.log2(moments(LIMITS.wall, LIMITS.grid))  # as if every moment could be hit
    one = replace(LIMITS, cells_a_day=1, errors_a_day=1, starts_a_day=1, cell_lines=LINES)
    stated = sealed_kernel(one)
    assert 0.8 * (stated - _death(one)) < together <= stated + 1.0  # ok or error is in the line too


def _death(limits: Any) -> float:
    return math.log2(moments(limits.wall, limits.grid)) + 2


def test_a_sealed_run_tells_no_more_than_is_stated() -> None:
    async def told() -> set[tuple[str, ...]]:
        found = set()
        async with staged("sealed") as stage:
            for line in [*range(1, LINES + 3), None]:
                for step in range(MEMORY_STEPS):
                    word: dict[str, Any] = {"k": "end", "outcome": "error" if line else "ok"}
                    word |= {"line": line} if line else {}
                    stage.ground.script = ends(json.dumps(word).encode())
                    stage.ground.used = (2 * step + 1) * LIMITS.memory // (2 * MEMORY_STEPS)
                    found.add(content_of(await stage.cell(CODE)))
        return found

    limits = replace(LIMITS, sealed_lines=LINES, sealed_runs_a_day=1)
    a_run = sealed_runs(limits) - math.log2(moments(limits.sealed_wall, limits.grid))
    assert 0.8 * a_run < math.log2(len(asyncio.run(told()))) <= a_run
