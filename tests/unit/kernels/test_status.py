"""A sandbox's words about itself: four of them, short, and one descriptor at most."""

import asyncio
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from kernels.host.sandbox.status import Checked, End, Outbox, Ready, StatusChannel

OPEN = Path("/proc/self/fd")


def said(*words: bytes, descriptors: int = 0) -> tuple[list[Any], StatusChannel]:
    async def listen() -> tuple[list[Any], StatusChannel]:
        channel = StatusChannel()
        opened = [os.open("/", os.O_RDONLY) for _ in range(descriptors)]
        for word in words:
            socket.send_fds(channel.inner, [word], opened)
        for each in opened:
            os.close(each)
        channel.inner.close()
        heard = [await asyncio.wait_for(channel.receive(), 5) for _ in words]
        assert await asyncio.wait_for(channel.receive(), 5) is None
        return heard, channel

    return asyncio.run(listen())


@pytest.mark.parametrize(
    ("word", "heard"),
    [
        (b'{"k":"outbox"}', Outbox(k="outbox")),
        (b'{"k":"ready"}', Ready(k="ready")),
        (b'{"k":"failed","check":"not_root"}', Checked(k="failed", check="not_root")),
        (b'{"k":"end","outcome":"ok"}', End(k="end", outcome="ok")),
        (b'{"k":"end","outcome":"error","line":7}', End(k="end", outcome="error", line=7)),
        (
            b'{"k":"end","outcome":"error","cell":1999,"line":1999}',
            End(k="end", outcome="error", cell=1999, line=1999),
        ),
        (b'{"k":"end","outcome":"error","cell":0}', None),
        (b'{"k":"end","outcome":"error","line":0}', None),
        (b'{"k":"end","outcome":"error","line":"7"}', None),
        (b'{"k":"end","outcome":"maybe"}', None),
        (b'{"k":"end","outcome":"ok","text":"x"}', None),
        (b'{"k":"failed","check":"<script>"}', None),
        (b'{"k":"ready"}' + b" " * 60, None),
        (b"\xff", None),
    ],
)
def test_only_the_three_words_are_heard(word: bytes, heard: object) -> None:
    assert said(word)[0] == [heard]


def test_the_first_descriptor_is_the_outbox_and_all_others_are_closed() -> None:
    before = len(list(OPEN.iterdir()))
    _, channel = said(b'{"k":"outbox"}', b'{"k":"ready"}', b'{"k":"end","outcome":"ok"}',
                      descriptors=3)  # fmt: skip
    assert channel.outbox is not None
    os.close(channel.outbox)
    channel.close()
    assert len(list(OPEN.iterdir())) == before
