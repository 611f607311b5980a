"""Rules of the relay, taken away one at a time from the test's side: what does each one stop?"""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

import zmq

from kernels.host.relay.requests import Outgoing
from kernels.host.relay.session import Received
from kernels.host.relay.strict import Outcome
from tests.redteam.kernel.hostile import CHANNELS, DELIMITER, frames
from tests.redteam.kernel.stage import KEY, Stage

Removal = Callable[[Stage], AbstractContextManager[Any]]


def copied(channel: str, kind: str, what: str = "content") -> Removal:
    """Messages of this kind pass, rebuilt but for `what`, which is copied from the kernel's.

    what: content, header, metadata, buffers, parent or topic.
    """

    @contextmanager
    def removal(stage: Stage) -> Iterator[None]:
        def passes(got: list[bytes]) -> None:
            asyncio.ensure_future(_pass(stage, channel, kind, what, got))  # noqa: RUF006 - a test

        with _overheard(stage, channel, passes):
            yield

    return removal


async def _pass(stage: Stage, channel: str, kind: str, what: str, got: list[bytes]) -> None:
    at = got.index(DELIMITER)
    header, parent = json.loads(got[at + 2]), json.loads(got[at + 3])
    if header["msg_type"] != kind:
        return
    request = stage.kernel._profile.requests.find(parent.get("msg_id"))
    own = {"msg_id": "ours", "msg_type": kind}
    whole = frames(
        KEY,
        got[at + 2] if what == "header" else own,
        got[at + 3] if what == "parent" or request is None else request.header,
        got[at + 5] if what == "content" else {},
        metadata=got[at + 4] if what == "metadata" else b"{}",
        buffers=got[at + 6 :] if what == "buffers" else (),
    )
    topic = got[0] if what == "topic" else b"topic"
    head = [topic] if channel == "iopub" else []
    for client in stage.kernel._front._clients[channel].values():
        client.peer.send([*head, *whole])


@contextmanager
def _overheard(stage: Stage, channel: str, passes: Callable[[list[bytes]], None]) -> Iterator[None]:
    """Let `passes` see each message of a kernel's channel, whether the relay reads it or not."""
    back = stage.kernel._back
    if channel in getattr(back, "_hears", ()):
        decode = back._wire.decode

        def spied(got: list[bytes]) -> Received:
            passes(got)
            return decode(got)

        with patch.object(back._wire, "decode", spied):
            yield
        return
    if channel in back._links:
        task = asyncio.ensure_future(back._links[channel].serve(passes))
        yield
        task.cancel()
        return
    made = stage.context.socket(zmq.SUB if channel == "iopub" else zmq.DEALER)
    made.linger = 0
    if channel == "iopub":
        made.setsockopt(zmq.SUBSCRIBE, b"")
    else:
        made.setsockopt(zmq.IDENTITY, b"relay")
    made.connect(f"ipc://{stage.kernel._folder.back}-{CHANNELS.index(channel) + 1}")
    task = asyncio.ensure_future(_read_socket(made, passes))
    yield
    task.cancel()
    made.close(0)


async def _read_socket(made: Any, passes: Callable[[list[bytes]], None]) -> None:
    while True:
        passes(await made.recv_multipart())


def replaced(place: str, name: str, new: Any) -> Removal:
    """A method of the kernel's object (place "kernel") or of its profile is another one."""

    def removal(stage: Stage) -> AbstractContextManager[Any]:
        return patch.object(_place(stage, place), name, _bound(new, stage))

    return removal


def _place(stage: Stage, place: str) -> Any:
    found: Any = stage
    for name in place.split("."):
        found = getattr(found, name)
    return found


def _bound(new: Any, stage: Stage) -> Any:
    return (lambda *given, **named: new(stage, *given, **named)) if callable(new) else new


def of_module(place: str, new: Any) -> Removal:
    """Something of a module is another thing."""

    def removal(_stage: Stage) -> AbstractContextManager[Any]:
        return patch(place, new)

    return removal


def in_table(place: str, key: str, new: Any) -> Removal:
    """An entry of a module's table is another one."""

    def removal(_stage: Stage) -> AbstractContextManager[Any]:
        module, _, name = place.rpartition(".")
        return patch.dict(f"{module}.{name}", {key: new})

    return removal


def asked_of_the_kernel(kind: str) -> Removal:
    """A question is forwarded, and the kernel's answer is passed instead of our own."""

    @contextmanager
    def removal(stage: Stage) -> Iterator[None]:
        incoming = stage.kernel._profile.incoming

        def forwards(channel: str, received: Received) -> Any:
            if received.header["msg_type"] != kind:
                return incoming(channel, received)
            profile = stage.kernel._profile
            request = profile.requests.admit(channel, received.header, received.route)
            forward = type(profile).interrupt(profile)
            forward = type(forward)("shell", kind, json.loads(received.content), request.inner)
            asyncio.ensure_future(stage.kernel._back.send(forward))  # noqa: RUF006 - a test
            return type(incoming("stdin", received))()

        reply = kind.removesuffix("_request") + "_reply"
        with (
            patch.object(stage.kernel._profile, "incoming", forwards),
            copied("shell", reply)(stage),
        ):
            yield

    return removal


def unparsed(stage: Stage, request: Any, content: bytes) -> Any:
    """In the place of Strict._taken: what the kernel says is what is shown."""
    said = json.loads(content)
    shown = Outgoing("iopub", "error", said, request)
    asyncio.ensure_future(stage.kernel._front.send(shown))  # noqa: RUF006 - a test
    return Outcome(ok=True)
