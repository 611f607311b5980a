"""Malformed, forged, repeated, oversized: dropped, counted and survived."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import zmq

from tests.redteam.kernel.hostile import DELIMITER, Hostile, frames
from tests.redteam.kernel.stage import KEY, staged

LANES = ["interactive", "workbench"]
Asked = dict[str, Any]
Attack = Callable[[Hostile, Asked], Awaitable[None]]
_HEADER = {"msg_id": "1", "msg_type": "stream", "session": "s", "version": "5.3"}
_DEEP = b"[" * 3_000
_TEXT = {"name": "stdout", "text": "x"}


def raw(*parts: bytes) -> Attack:
    """Frames as they are, on every channel that a kernel has."""

    async def attack(kernel: Hostile, _asked: Asked) -> None:
        for channel in ("shell", "iopub", "control"):
            head = [b"topic"] if channel == "iopub" else kernel.routes.get(channel, [b"?"])
            await kernel.sockets[channel].send_multipart([*head, *parts])

    return attack


def signed(
    header: Any = None, parent: Any = None, content: Any = b"{}", count: int = 1, **more: Any
) -> Attack:
    """Messages whose signature holds; bytes are sent as they are, None is what is usual."""

    async def attack(kernel: Hostile, asked: Asked) -> None:
        for channel, kind in (("iopub", "stream"), ("shell", "execute_reply")):
            usual = {**_HEADER, "msg_type": kind}
            for number in range(count):
                whole = frames(
                    kernel.key,
                    {**usual, "msg_id": str(number)} if header is None else header,
                    asked if parent is None else parent,
                    content,
                    **more,
                )
                head = [b"topic"] if channel == "iopub" else kernel.routes[channel]
                await kernel.sockets[channel].send_multipart([*head, *whole])

    return attack


async def _replays(kernel: Hostile, asked: Asked) -> None:
    whole = frames(kernel.key, _HEADER, asked, _TEXT)
    reply = frames(kernel.key, {**_HEADER, "msg_type": "inspect_reply"}, asked, {})
    for _ in range(50):
        await kernel.sockets["iopub"].send_multipart([b"topic", *whole])
        await kernel.sockets["shell"].send_multipart([*kernel.routes["shell"], *reply])


ATTACKS: dict[str, Attack] = {
    "no message at all": raw(b""),
    "no delimiter": raw(b"a", b"b", b"c"),
    "a delimiter and nothing": raw(DELIMITER),
    "too few frames": raw(DELIMITER, b"0" * 64, b"{}"),
    "a wrong signature": raw(DELIMITER, b"0" * 64, b"{}", b"{}", b"{}", b"{}"),
    "an empty signature": raw(DELIMITER, b"", b"{}", b"{}", b"{}", b"{}"),
    "twenty buffers": signed(buffers=[b"x"] * 20),
    "a header that is no JSON": signed(header=b"\xff\xfe\x00"),
    "a header that is a list": signed(header=b"[]"),
    "a header without a kind": signed(header=b"{}"),
    "a kind that is a number": signed(header=b'{"msg_type": 7}'),
    "a kind with NUL": signed(header=b'{"msg_type": "stream\\u0000"}'),
    "a header without a bottom": signed(header=_DEEP),
    "a parent without a bottom": signed(parent=_DEEP),
    "a parent that is a number": signed(parent=b"7"),
    "a parent whose id is a list": signed(parent=b'{"msg_id": [1]}'),
    "content without a bottom": signed(content=_DEEP),
    "content that is no JSON": signed(content=b"\x80\x81"),
    "content that is a list": signed(content=b"[1]"),
    "a number of five thousand digits": signed(content=b'{"status": ' + b"9" * 3000 + b"}"),
    "numbers that are none": signed(content=b'{"text": NaN, "x": 1e999}'),
    "half a character": signed(content=b'{"name": "stdout", "text": "\\ud800"}'),
    "the same name many times": signed(content=b'{"status": 1, ' + b'"a": 1, ' * 99 + b'"a": 2}'),
    "a kind that nobody knows": signed(header={**_HEADER, "msg_type": "anything"}),
    "a reply to nobody": signed(parent=b'{"msg_id": "' + b"0" * 32 + b'"}'),
    "a reply to the browser's own id": signed(parent=b'{"msg_id": "browser-1"}'),
    "a hundred replies": signed(content=b'{"status": "odd"}', count=100),
    "replays": _replays,
}


@pytest.mark.parametrize("lane", LANES)
def test_whatever_is_malformed_or_forged_is_dropped_and_the_cell_ends(lane: str) -> None:
    async def survives() -> dict[str, int]:
        lost = {}
        async with staged(lane) as stage:
            for name, attack in ATTACKS.items():
                before = stage.kernel.dropped.total()
                stage.hostile.attack = attack
                seen = await stage.cell("1")
                assert seen.of(b"execute_reply"), name
                assert not seen.end, name
                assert "Traceback" not in seen.log, name
                lost[name] = stage.kernel.dropped.total() - before
        return lost

    lost = asyncio.run(survives())
    passes = {"half a character", "numbers that are none", "the same name many times"}
    assert [name for name, count in lost.items() if not count and name not in passes] == []
    assert lost["replays"] >= 50


@pytest.mark.parametrize(("lane", "size"), [("interactive", 5 << 10), ("workbench", 9 << 20)])
def test_a_message_over_the_limit_ends_its_kernel_with_a_sentence(lane: str, size: int) -> None:
    async def ends() -> str:
        async with staged(lane) as stage:
            stage.hostile.attack = signed(content=b'{"text": "' + b"x" * size + b'"}')
            stage.hostile.reply = {"status": "x" * size}
            return (await stage.cell("1", patience=10.0)).end

    assert "was stopped because it sent" in asyncio.run(ends())


@pytest.mark.parametrize("lane", [*LANES, "sealed"])
def test_two_tabs_with_the_same_ids_get_each_their_own_replies(lane: str) -> None:
    async def replies() -> list[list[bytes]]:
        async with staged(lane) as stage:
            tabs = [stage.context.socket(zmq.DEALER) for _ in range(2)]
            for number, tab in enumerate(tabs):
                tab.linger = 0
                tab.identity = f"tab-{number}".encode()
                tab.connect(f"ipc://{stage.front}-1")
                await stage.ask("execute_request", {"code": f"{number}"}, socket=tab, msg_id="same")
            await asyncio.sleep(0.6)
            got = []
            for tab in tabs:
                mine = []
                while await tab.poll(50):
                    mine.append((await tab.recv_multipart())[-1])
                got.append(mine)
                tab.close(0)
            shown = [json.loads(one)["code"] for one in stage.seen.of(b"execute_input")]
            assert sorted(shown) in (["0"], ["0", "1"])
            return got

    got = asyncio.run(replies())
    assert [len(mine) for mine in got] == [1, 1]


GARBAGE: dict[str, list[bytes]] = {
    "nothing": [b""],
    "no delimiter": [b"x", b"y"],
    "a wrong signature": [DELIMITER, b"0" * 64, b"{}", b"{}", b"{}", b"{}"],
    "a header without a bottom": frames(KEY, _DEEP, b"{}", b"{}"),
    "an id that is markup": frames(KEY, {**_HEADER, "msg_id": "<b>"}, b"{}", b"{}"),
    "code that is a number": frames(
        KEY, {**_HEADER, "msg_type": "execute_request"}, b"{}", b'{"code": 7}'
    ),
    "content without a bottom": frames(
        KEY, {**_HEADER, "msg_id": "2", "msg_type": "execute_request"}, b"{}", _DEEP
    ),
    "a kernel's own kind": frames(
        KEY, {**_HEADER, "msg_id": "3", "msg_type": "execute_reply"}, b"{}", b"{}"
    ),
    "a comm": frames(KEY, {**_HEADER, "msg_id": "4", "msg_type": "comm_open"}, b"{}", b"{}"),
}


@pytest.mark.parametrize("lane", [*LANES, "sealed"])
def test_a_browser_that_speaks_garbage_disturbs_nobody(lane: str) -> None:
    async def survives() -> None:
        async with staged(lane) as stage:
            for name, parts in GARBAGE.items():
                for channel in ("shell", "control", "hb"):
                    await stage.browser[channel].send_multipart(parts)
                seen = await stage.cell("1")
                assert seen.of(b"execute_reply"), name
            assert stage.kernel.dropped.total() >= 8

    asyncio.run(survives())


def test_a_client_that_reads_nothing_makes_no_other_client_miss_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kernels.host.relay.links._DEAF", 0.3)
    monkeypatch.setattr("kernels.host.relay.zmtp._UNSENT", 20 << 10)

    async def shown() -> int:
        async with staged("workbench") as stage:
            deaf = stage.context.socket(zmq.SUB)
            deaf.setsockopt(zmq.RCVHWM, 1)
            deaf.setsockopt(zmq.RCVBUF, 4096)
            deaf.setsockopt(zmq.SUBSCRIBE, b"")
            deaf.connect(f"ipc://{stage.front}-2")
            await asyncio.sleep(0.1)

            async def prints(kernel: Hostile, asked: Asked) -> None:
                for _ in range(300):
                    content = {"name": "stdout", "text": "x" * 4000}
                    await kernel.send("iopub", "stream", content, asked)
                    await asyncio.sleep(0.001)

            stage.hostile.attack = prints
            seen = await stage.cell("1", patience=20.0)
            deaf.close(0)
            assert seen.of(b"execute_reply")
            return len(seen.of(b"stream"))

    assert asyncio.run(shown()) > 250
