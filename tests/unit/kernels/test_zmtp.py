"""ZeroMQ's protocol with a peer that keeps to nothing, and with the library itself."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import zmq
import zmq.asyncio

from kernels.host.relay.zmtp import Broken, Gone, Peer, Pending, Room

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
READY = b"\x04\x06\x05READY"
LIMIT = 1 << 16


def frame(content: bytes, flags: int = 0) -> bytes:
    return bytes((flags | 2,)) + len(content).to_bytes(8, "big") + content


async def messages(peer: Peer) -> AsyncIterator[list[bytes]]:
    came: asyncio.Queue[list[bytes] | None] = asyncio.Queue()
    serving = asyncio.create_task(peer.serve(came.put_nowait))
    serving.add_done_callback(lambda _: came.put_nowait(None))
    try:
        while (frames := await came.get()) is not None:
            yield frames
        await serving
    finally:
        serving.cancel()


def told(pieces: Iterable[bytes], room: Room) -> tuple[int, int]:
    """Messages that came until the peer was cut off, and what was held by then (-1: it was not)."""

    async def cut_off() -> tuple[int, int]:
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        peer, got, most = Peer(ours, b"ROUTER", LIMIT, room), 0, -1

        async def says() -> None:
            loop = asyncio.get_running_loop()
            with suppress(OSError):
                for piece in pieces:
                    await loop.sock_sendall(theirs, piece)

        saying = asyncio.create_task(says())
        try:
            async with asyncio.timeout(10):
                async for _ in messages(peer):
                    got += 1
        except Broken:
            most = room.used
        peer.close()
        saying.cancel()
        theirs.close()
        return got, most

    return asyncio.run(cut_off())


def endless(piece: bytes) -> Iterable[bytes]:
    yield GREETING + READY
    while True:
        yield piece


@pytest.mark.parametrize("content", [b"", b"x" * (LIMIT // 4)])
def test_a_message_of_frames_without_end_is_cut_off(content: bytes) -> None:
    got, most = told(endless(frame(content, flags=1)), Room(1 << 24))
    assert got == 0
    assert 0 <= most <= 4 * LIMIT


def test_peers_together_hold_no_more_than_their_room() -> None:
    room = Room(3 * LIMIT, used=3 * LIMIT - 100)
    got, most = told(endless(frame(b"x" * (LIMIT - 1), flags=1)), room)
    assert got == 0
    assert 3 * LIMIT <= most <= 4 * LIMIT
    assert room.used == 3 * LIMIT - 100  # given back


BROKEN = {
    "another protocol": b"GET / HTTP/1.1\r\n".ljust(64, b" "),
    "an old version": GREETING[:10] + b"\x01" + GREETING[11:] + READY,
    "another mechanism": GREETING.replace(b"NULL\0", b"PLAIN") + READY,
    "a message before READY": GREETING + frame(b"x"),
    "another command": GREETING + b"\x04\x06\x05ERROR",
    "a long command": GREETING + b"\x06" + (1 << 40).to_bytes(8, "big"),
    "a command after READY": GREETING + READY + b"\x04\x05\x04PING",
    "flags that nobody knows": GREETING + READY + b"\x08\x01x",
    "a frame over the limit": GREETING + READY + b"\x02" + (LIMIT + 1).to_bytes(8, "big"),
    "a frame larger than any memory": GREETING + READY + b"\x02" + b"\xff" * 8,
}


ENDED = {
    "nothing": b"",
    "a part of the greeting": GREETING[:20],
    "a part of READY": GREETING + READY[:4],
    "the head of a frame": GREETING + READY + frame(b"x" * 300)[:5],
    "a part of a frame": GREETING + READY + frame(b"x" * 300)[:100],
    "the first frame of two": GREETING + READY + frame(b"x", flags=1),
}


def end_of(said: bytes) -> type[Broken]:
    async def cut_off() -> type[Broken]:
        ours, theirs = socket.socketpair()
        peer = Peer(ours, b"ROUTER", LIMIT, Room(1 << 24))
        theirs.sendall(said)
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(Broken) as end:
            await anext(messages(peer))
        peer.close()
        theirs.close()
        return end.type

    return asyncio.run(cut_off())


@pytest.mark.parametrize("said", BROKEN.values(), ids=BROKEN)
def test_whoever_does_not_keep_to_the_protocol_is_cut_off(said: bytes) -> None:
    assert end_of(said) is Broken


@pytest.mark.parametrize("said", ENDED.values(), ids=ENDED)
def test_who_hangs_up_in_the_middle_of_a_message_has_gone_and_broken_nothing(said: bytes) -> None:
    assert end_of(said) is Gone


def test_for_a_peer_that_does_not_read_little_is_kept() -> None:
    async def kept() -> int:
        ours, theirs = socket.socketpair()
        room = Room(1 << 24)
        peer = Peer(ours, b"ROUTER", LIMIT, room)
        theirs.sendall(GREETING + READY)
        await peer.open()
        while await peer.until_free(0.05):
            peer.send([b"x" * LIMIT])
        held = room.used
        theirs.close()
        peer.close()
        assert room.used == 0
        return held

    assert 0 < asyncio.run(kept()) < 2 << 20


def test_who_has_to_wait_gets_the_next_message_after_that_and_the_peer_waits_with_it() -> None:
    async def order() -> list[str]:
        ours, theirs = socket.socketpair()
        peer = Peer(ours, b"ROUTER", LIMIT, Room(1 << 24))
        done: list[str] = []
        go_on = asyncio.Event()

        async def wait() -> None:
            await go_on.wait()
            done.append("waited")

        def take(frames: list[bytes]) -> Pending | None:
            done.append(frames[0].decode())
            return wait() if frames == [b"slow"] else None

        theirs.sendall(GREETING + READY + frame(b"quick"))
        serving = asyncio.create_task(peer.serve(take))
        for said in (b"slow", b"next"):
            await asyncio.sleep(0.05)
            theirs.sendall(frame(said))
        await asyncio.sleep(0.05)
        assert done == ["quick", "slow"]
        go_on.set()
        await asyncio.sleep(0.05)
        serving.cancel()
        peer.close()
        theirs.close()
        return done

    assert asyncio.run(order()) == ["quick", "slow", "waited", "next"]


def test_what_fails_with_a_message_ends_its_connection() -> None:
    def take(frames: list[bytes]) -> None:
        raise ZeroDivisionError(len(frames))

    async def ended() -> None:
        ours, theirs = socket.socketpair()
        peer = Peer(ours, b"ROUTER", LIMIT, Room(1 << 24))
        theirs.sendall(GREETING + READY)
        asyncio.get_running_loop().call_later(0.05, theirs.sendall, frame(b"x"))
        async with asyncio.timeout(5):
            with pytest.raises(ZeroDivisionError):
                await peer.serve(take)
        peer.close()
        theirs.close()

    asyncio.run(ended())


@asynccontextmanager
async def joined(
    folder: Path, kind: int, ours: bytes
) -> AsyncIterator[tuple[Peer, zmq.asyncio.Socket]]:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "s"))
    listener.listen()
    listener.setblocking(False)
    context = zmq.asyncio.Context()
    theirs = context.socket(kind)
    theirs.connect(f"ipc://{folder}/s")
    connected, _ = await asyncio.get_running_loop().sock_accept(listener)
    peer = Peer(connected, ours, 1 << 22, Room(1 << 24))
    yield peer, theirs
    peer.close()
    listener.close()
    context.destroy(0)


SIZES = [[b""], [b"x" * 255], [b"x" * 256, b"", b"y"], [b"z" * (1 << 21), b"z"]]


@pytest.mark.parametrize(("kind", "ours"), [(zmq.DEALER, b"ROUTER"), (zmq.ROUTER, b"DEALER")])
def test_the_library_understands_us_and_we_it(tmp_path: Path, kind: int, ours: bytes) -> None:
    async def echo() -> list[list[bytes]]:
        async with joined(tmp_path, kind, ours) as (peer, theirs):
            came, back = messages(peer), []
            for frames in SIZES:
                if kind == zmq.ROUTER:
                    asyncio.get_running_loop().call_soon(peer.send, frames)
                    await asyncio.wait_for(_opened(peer), 5)
                    name, *got = await theirs.recv_multipart()
                    await theirs.send_multipart([name, *got])
                else:
                    await theirs.send_multipart(frames)
                back.append(await asyncio.wait_for(anext(came), 5))
            return back

    assert asyncio.run(echo()) == SIZES


async def _opened(peer: Peer) -> None:
    await peer.open()
    await asyncio.sleep(0.01)
