"""A browser that speaks garbage, a kernel that hangs, a permit that closes: over the real hub.

Real hub, gate daemon, servers and sandboxes. Another person's kernel works on all the time.
"""

import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from kernels.server.bodies import SENTENCE
from kernels.server.incoming import V1
from kernels.server.specs import NOT_OFFERED
from tests.lib.hub_world import CODE, RealGate, World, grant, hub_world, permit
from tests.lib.processes import below
from tests.lib.waiting import within
from workbench.adapters.hub.client import HubClient
from workbench.adapters.hub.kernel_line import WebKernel
from workbench.domain.errors import Refusal

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]
KERNEL, SERVER = "inside/boot.py", "jupyterhub.singleuser"
HANGS = "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with hub_world(tmp_path_factory.mktemp("bad") / "instance", real_gate=True) as found:
        for project, user in (("heart", "kari"), ("lung", "ola")):
            grant(found.records, permit(project, user, sealed=True))
            (found.instance.zone("views") / project / "v1" / "twin").mkdir(parents=True)
        yield found


@pytest.fixture(scope="module")
def kari(world: World) -> Iterator[HubClient]:
    with world.client("kari") as client:
        client.start_server("heart")
        yield client


@pytest.fixture(scope="module")
def other(world: World) -> Iterator[WebKernel]:
    """Another person's kernel, of which each test sees that it works."""
    with world.client("ola") as client:
        client.start_server("lung")
        with client.kernel("lung") as kernel:
            kernel.execute("x = 41")
            yield kernel


@pytest.fixture(autouse=True)
def others_work_on(other: WebKernel) -> Iterator[None]:
    yield
    begun = time.monotonic()
    assert other.execute("x + 1")["outputs"][0]["data"]["text/plain"] == "42"
    assert time.monotonic() - begun < 5


def channels(kari: HubClient) -> str:
    """The address of the one kernel's line."""
    (running,) = kari.api("GET", "heart", "/api/kernels")
    return f"{kari.url.replace('http', 'ws')}/user/kari/heart/api/kernels/{running['id']}/channels"


@contextmanager
def tab(kari: HubClient) -> Iterator[WebKernel]:
    """One more tab on the running kernel."""
    line = WebKernel(channels(kari), {"Authorization": f"token {kari.token}"})
    try:
        line.ready()
        yield line
    finally:
        line.close()


@contextmanager
def raw_line(kari: HubClient, *protocols: Any) -> Iterator[ClientConnection]:
    header = {"Authorization": f"token {kari.token}"}
    with connect(
        channels(kari), additional_headers=header, proxy=None, subprotocols=protocols or None
    ) as line:
        yield line


def kernels_of(world: World) -> list[int]:
    assert isinstance(world.gate, RealGate)
    return below(world.gate.process.pid, KERNEL)


def resident(world: World) -> int:
    """Bytes of the largest single-user server."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1])
             for pid in below(world.hub.pid, SERVER)]  # fmt: skip
    return max(pages) * os.sysconf("SC_PAGE_SIZE")


# ---- kernel specifications
@pytest.mark.parametrize(
    "name", ["bash", "../../evil", "x" * 50_000, "wörk", "workbench\0", 7, None, [], {"a": 1}, True]
)
def test_a_kernel_of_none_of_ours_is_refused_in_a_sentence(
    world: World, kari: HubClient, name: object
) -> None:
    before = len(kernels_of(world))
    body = {"path": "a.ipynb", "type": "notebook", "name": "a", "kernel": {"name": name}}
    for path, asked in (("/api/kernels", {"name": name}), ("/api/sessions", body)):
        answer = kari.ask_server("POST", "heart", path, asked)
        if name is None and answer.status_code == 201:  # Jupyter's word for the usual one: ours
            made = answer.json()
            assert (made.get("kernel") or made)["name"] == "workbench"
            kari.ask_server("DELETE", "heart", f"{path}/{made['id']}")
            continue
        told = {400, 404} if path == "/api/kernels" else {400, 409}  # Jupyter's words for sessions
        assert answer.status_code in told, (path, answer.text[:300])
        assert "Traceback" not in answer.text
        assert answer.json()["message"] in {SENTENCE, *NOT_OFFERED.values()}
    assert kari.api("GET", "heart", "/api/kernels") == []
    assert within(8, lambda: len(kernels_of(world)) == before)


@pytest.mark.parametrize(
    "entry", [{"name": "bash", "display_name": "Bash"}, {"name": 7}, {}, [], "workbench", None]
)
def test_a_notebook_whose_kernel_entry_is_damaged_is_opened_and_starts_none(
    kari: HubClient, entry: object
) -> None:
    notebook = {"nbformat": 4, "nbformat_minor": 5, "cells": [], "metadata": {"kernelspec": entry}}
    body = {"type": "notebook", "format": "json", "content": notebook}
    kept = kari.ask_server("PUT", "heart", "/api/contents/damaged.ipynb", body)
    assert kept.status_code in (200, 201, 400)
    opened = kari.ask_server("GET", "heart", "/api/contents/damaged.ipynb")
    assert opened.status_code in (200, 400, 404)
    assert kari.api("GET", "heart", "/api/kernels") == []


# ---- a browser that speaks garbage
@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"7", b"null", b"[]", b'"x"', b"{", b"[" * 100_000, b'{"name":NaN}',
             b'{"name": 7}', b'{"notebook": 7}', b'{"kernel": 7, "path": "a", "type": "notebook"}',
             b'{"type": "file", "format": "text", "content": 7}',
             b'{"type": "notebook", "content": []}', b'{"type": []}']
)  # fmt: skip
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/kernels"), ("POST", "/api/sessions"), ("PUT", "/api/contents/a.txt")],
)
def test_a_body_that_is_none_is_refused_and_leaves_nothing(
    kari: HubClient, method: str, path: str, body: bytes
) -> None:
    place = f"/user/kari/heart{path}"
    answer = kari._http.request(method, place, content=body)
    for one in kari.api("GET", "heart", "/api/kernels"):  # no body means the usual kernel
        assert (one["name"], path) == ("workbench", "/api/kernels")
        kari.ask_server("DELETE", "heart", f"/api/kernels/{one['id']}")
    if body not in (b"", b"null") and (path != "/api/kernels" or b"content" not in body):
        assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:500])
    assert "Traceback" not in answer.text
    assert "/site-packages/" not in answer.text


GARBAGE: dict[str, list[str | bytes]] = {
    "text": ["", "x", "[]", "7", "{}", "[" * 100_000, '{"channel": "shell"}',
             '{"channel": "shell", "header": {}}', '{"channel": {}, "header": 7}',
             json.dumps({"channel": "hb", "header": {"msg_id": "1", "msg_type": "x",
                         "session": "s"}, "parent_header": {}, "metadata": {}, "content": {}})],
    "bytes": [b"", b"\xff", b"\xff" * 64, b"\0" * 64, b"\xff\xff\xff\x7f" + b"\0" * 60],
}  # fmt: skip


@pytest.mark.parametrize("protocols", [(), (V1,)], ids=["text", "v1"])
def test_a_line_that_speaks_garbage_is_closed_and_its_kernel_and_other_tab_work_on(
    world: World, kari: HubClient, protocols: tuple[Any, ...]
) -> None:
    with kari.kernel("heart") as kernel:
        kernel.execute("kept = 'as it was'")
        before = resident(world)
        for garbage in (*GARBAGE["text"], *GARBAGE["bytes"], b"\xff" * 8 + b"CANARY" * 1000):
            with raw_line(kari, *protocols) as line:
                line.send(garbage)
                code = closed(line)
                assert code == 4400, (garbage[:40], code)
        assert kernel.execute("kept")["outputs"][0]["data"]["text/plain"] == "'as it was'"
        assert resident(world) - before < 64 << 20
    assert "CANARY" not in world.log.read_text(errors="replace")


def closed(line: ClientConnection) -> int:
    """The code that the server closes with; what comes before is not looked at."""
    end = time.monotonic() + 10
    try:
        while time.monotonic() < end:
            line.recv(timeout=10)
    except ConnectionClosed as ended:
        return ended.rcvd.code if ended.rcvd else 1006
    raise AssertionError("the line stayed open")


def test_frames_beyond_all_size_or_of_no_encoding_end_their_line_alone(
    world: World, kari: HubClient
) -> None:
    with kari.kernel("heart") as kernel:
        with raw_line(kari) as line, suppress(ConnectionClosed):
            line.send("x" * (80 << 20))
            closed(line)
        with raw_line(kari) as line:
            # a text frame, masked with zeros, that is no UTF-8; then one of a kind that is none
            for frame in (b"\x81\x82\0\0\0\0\xff\xfe", b"\x8f\x80\0\0\0\0"):
                with suppress(OSError):
                    line.socket.sendall(frame)
            closed(line)
        assert kernel.execute("1")["status"] == "ok"
        assert resident(world) < 1 << 30


# ---- two tabs
def test_two_tabs_see_the_same_kernel_and_each_gets_its_own_replies(kari: HubClient) -> None:
    with kari.kernel("heart") as first:
        with tab(kari) as second:
            first.execute("shared = 1")
            assert second.execute("shared += 1; shared")["execution_count"] == 2
            second_sees = [message for message in drain(first) if kind(message) == "execute_input"]
            assert [one["content"]["code"] for one in second_sees] == ["shared += 1; shared"]
            same = secrets.token_hex(16)
            for number, line in enumerate((first, second)):
                line._line.send(json.dumps(request(same, line._session, f"'tab {number}'")))
            for number, line in enumerate((first, second)):
                seen = drain(line, 1.5)
                replies = [m for m in seen if kind(m) == "execute_reply"]
                assert len(replies) == 1, number
                assert replies[0]["parent_header"]["session"] == line._session
                states = [m["content"]["execution_state"] for m in seen if kind(m) == "status"]
                assert states[-1] == "idle"
        assert first.execute("shared")["outputs"][0]["data"]["text/plain"] == "2"


def test_a_tab_that_closes_in_a_cell_leaves_the_other_and_the_cell_as_they_are(
    kari: HubClient,
) -> None:
    with kari.kernel("heart") as first:
        with tab(kari) as second:
            second._send("execute_request", {"code": "import time; time.sleep(1.5); done = 1"})
            time.sleep(0.3)
        assert first.execute("done")["outputs"][0]["data"]["text/plain"] == "1"


def request(name: str, session: str, code: str) -> dict[str, Any]:
    header = {"msg_id": name, "msg_type": "execute_request", "session": session, "username": "",
              "version": "5.3", "date": ""}  # fmt: skip
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {},
               "allow_stdin": False, "stop_on_error": True}  # fmt: skip
    return {"header": header, "parent_header": {}, "metadata": {}, "content": content,
            "buffers": [], "channel": "shell"}  # fmt: skip


def drain(line: WebKernel, seconds: float = 1) -> list[dict[str, Any]]:
    found = []
    end = time.monotonic() + seconds
    while (message := line._receive(end)) is not None:
        found.append(message)
    return found


def kind(message: dict[str, Any]) -> str:
    return str(message["header"]["msg_type"])


# ---- a kernel that never answers
@pytest.mark.parametrize("act", ["restart", "shutdown"])
def test_a_kernel_that_hangs_is_restarted_or_shut_down_in_bounded_time(
    world: World, kari: HubClient, act: str
) -> None:
    with kari.kernel("heart") as kernel:
        (running,) = kari.api("GET", "heart", "/api/kernels")
        own = set(kernels_of(world))
        place = f"/api/kernels/{running['id']}"
        kernel._send("execute_request", {"code": HANGS, "silent": False})
        time.sleep(0.5)
        begun = time.monotonic()
        asked = kari.ask_server("POST", "heart", f"{place}/interrupt")
        assert asked.status_code == 204
        assert time.monotonic() - begun < 5
        begun = time.monotonic()
        if act == "restart":
            assert kari.ask_server("POST", "heart", f"{place}/restart", {}).status_code == 200
            kernel.ready()
            assert kernel.execute("6 * 7")["outputs"][0]["data"]["text/plain"] == "42"
        else:
            assert kari.ask_server("DELETE", "heart", place).status_code == 204
            assert within(8, lambda: len(kernels_of(world)) == len(own) - 1)
        assert time.monotonic() - begun < 20


# ---- a permit that closes
def last_words_of(kari: HubClient, close: Callable[[], None]) -> tuple[str, float]:
    """What the notebook shows at a running cell when the permit closes, and after how long."""
    kari.start_server("heart")
    with kari.kernel("heart") as kernel:
        at: list[float] = []

        def later() -> None:
            time.sleep(0.7)
            at.append(time.monotonic())
            close()

        closing = threading.Thread(target=later)
        closing.start()
        with pytest.raises(Refusal) as ended:
            kernel.execute("import time; time.sleep(200)")
        closing.join()
        took = time.monotonic() - at[0]
    assert within(20, lambda: not kari._ready("heart"))  # the server goes after its last words
    return ended.value.reason, took


def command(world: World, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "--instance", str(world.instance.root), *arguments],
        cwd=CODE, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_suspended_permit_is_told_in_the_notebook(world: World, kari: HubClient) -> None:
    said, took = last_words_of(
        kari, lambda: command(world, "project", "suspend", "heart", "--why", "a test")
    )
    assert "suspended" in said or "stilt i bero" in said
    assert took < 60
    command(world, "project", "resume", "heart", "--why", "a test")


def test_a_member_who_was_removed_is_told_in_the_notebook(world: World, kari: HubClient) -> None:
    said, took = last_words_of(
        kari, lambda: grant(world.records, permit("heart", "ola", sealed=True))
    )
    assert "withdrawn" in said or "trukket tilbake" in said
    assert took < 60
    grant(world.records, permit("heart", "kari", sealed=True))
