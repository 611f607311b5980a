"""The provisioner asks the gate daemon, obeys its answers, and tells why a kernel ended."""

import asyncio
import signal
import struct
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.multikernelmanager import DuplicateKernelError

from kernels.protocol import Ended, Failed, Launch, Launched, Ok, Refused, Signal, pack
from kernels.server.provisioner import (
    SENTENCES,
    GatedProvisioner,
    NotLaunched,
    RefusedLaunch,
    told,
)
from kernels.server.specs import spec
from tests.lib.plain_gate import REQUEST, unpack

TOKEN = "t" * 43


class Script:
    """A gate that answers a launch with `answer`, then says `later` when told to go on."""

    def __init__(self, answer=None, later=None):
        self.answer, self.later = answer, later
        self.asked = []
        self.go_on = asyncio.Event()
        self.hung_up = asyncio.Event()

    async def serve(self, reader, writer):
        self.asked.append(await self._receive(reader))
        if self.answer is not None:
            writer.write(self.answer if isinstance(self.answer, bytes) else pack(self.answer))
            follow = asyncio.create_task(self._follow(writer))
            try:
                while True:
                    self.asked.append(await self._receive(reader))
            except EOFError:
                follow.cancel()
        self.hung_up.set()
        writer.close()

    async def _follow(self, writer):
        await self.go_on.wait()
        if self.later is None:
            writer.close()
        else:
            writer.write(pack(self.later))

    @staticmethod
    async def _receive(reader):
        (length,) = struct.unpack(">I", await reader.readexactly(4))
        return unpack(REQUEST, await reader.readexactly(length))


@pytest.fixture
def provisioner(tmp_path, monkeypatch):
    """A provisioner for a kernel manager of the Workbench kernel."""
    monkeypatch.setenv("WORKBENCH_GATED_SOCKET", str(tmp_path / "gated.sock"))
    monkeypatch.setenv("WORKBENCH_LAUNCH_TOKEN", TOKEN)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    manager = AsyncKernelManager()
    return GatedProvisioner(
        kernel_id="0a" * 8,
        kernel_spec=KernelSpec(**spec("workbench")),
        parent=manager,
        lane="sealed",
    )


def against(tmp_path, script, deed):
    """Run `deed` while the scripted gate listens."""

    async def both():
        server = await asyncio.start_unix_server(script.serve, str(tmp_path / "gated.sock"))
        async with server:
            return await asyncio.wait_for(deed(), 10)

    return asyncio.run(both())


def front(tmp_path, name="1"):
    folder = tmp_path / f"front{name}"
    folder.mkdir()
    return Launched(front=str(folder / "k"))


async def launch(provisioner):
    arguments = await provisioner.pre_launch()
    return await provisioner.launch_kernel(**arguments)


def test_a_launch_carries_the_token_the_lane_and_the_key_of_this_kernel(tmp_path, provisioner):
    async def deed():
        script.info = await launch(provisioner)
        assert provisioner.has_process
        assert await provisioner.poll() is None
        await provisioner.cleanup()

    script = Script(front(tmp_path))
    against(tmp_path, script, deed)

    key = provisioner.parent.session.key.decode()
    assert script.asked == [Launch(token=TOKEN, kernel="0a" * 8, lane="sealed", front_key=key)]
    assert script.info["transport"] == "ipc"
    assert [script.info[f"{one}_port"] for one in ("shell", "iopub", "control")] == [1, 2, 5]


def test_the_address_stays_the_same_when_the_kernel_restarts(tmp_path, provisioner):
    async def deed():
        first = (await launch(provisioner))["ip"]
        script.answer = front(tmp_path, "2")
        second = (await launch(provisioner))["ip"]
        assert first == second
        assert Path(second).parent.resolve() == (tmp_path / "front2").resolve()
        await provisioner.cleanup()

    script = Script(front(tmp_path))
    against(tmp_path, script, deed)


def test_a_refusal_is_an_answer_with_its_sentence(tmp_path, provisioner):
    async def deed():
        with pytest.raises(NotLaunched) as refused:
            await launch(provisioner)
        assert refused.value.status_code == 403
        assert str(refused.value) == "The permit has ended. Ask for a new one (100 %)."
        assert await provisioner.poll() == 1

    answer = Refused(
        id=0, code="expired", reason="The permit has ended.", remedy="Ask for a new one (100 %)."
    )
    against(tmp_path, Script(answer), deed)
    assert provisioner.why.startswith("The permit has ended.")
    assert not provisioner.told


@pytest.mark.parametrize(
    ("answer", "status"),
    [(Failed(id=0, incident="0123abcd"), 500), (Ok(), 500), (b"\x00\x00\x00\x02{}", 503),
     (b"\xff\xff\xff\xff", 503), (None, 503)],
)  # fmt: skip
def test_anything_but_a_kernel_is_no_kernel(tmp_path, provisioner, answer, status):
    async def deed():
        with pytest.raises(NotLaunched) as refused:
            await launch(provisioner)
        assert refused.value.status_code == status
        assert not provisioner.has_process

    against(tmp_path, Script(answer), deed)


def test_without_a_gate_the_launch_says_so(provisioner):
    with pytest.raises(NotLaunched) as refused:
        asyncio.run(launch(provisioner))

    assert refused.value.status_code == 503


def test_without_a_token_nothing_is_asked(tmp_path, provisioner, monkeypatch):
    monkeypatch.delenv("WORKBENCH_LAUNCH_TOKEN")
    script = Script(front(tmp_path))

    async def deed():
        with pytest.raises(NotLaunched) as refused:
            await launch(provisioner)
        assert refused.value.status_code == 403

    against(tmp_path, script, deed)
    assert script.asked == []


def test_the_end_of_a_kernel_is_told_with_its_reason(tmp_path, provisioner):
    async def deed():
        await launch(provisioner)
        script.go_on.set()
        assert await provisioner.wait() == 137
        assert await provisioner.poll() == 137

    script = Script(front(tmp_path), Ended(exit=137, why="It used more memory than it may."))
    against(tmp_path, script, deed)
    assert provisioner.why == "It used more memory than it may."
    assert provisioner.told


@pytest.mark.parametrize(("language", "said"), [("en", "gate daemon"), ("nb", "Portvakten")])
def test_a_gate_that_disappears_is_the_end_of_the_kernel(
    tmp_path, provisioner, monkeypatch, language, said
):
    monkeypatch.setenv("WORKBENCH_LANGUAGE", language)

    async def deed():
        await launch(provisioner)
        script.go_on.set()
        assert await provisioner.wait() == -9

    script = Script(front(tmp_path), None)
    against(tmp_path, script, deed)
    assert said in provisioner.why
    assert not provisioner.told


def test_signals_are_passed_by_name_and_others_are_not(tmp_path, provisioner):
    async def deed():
        await launch(provisioner)
        for number in (signal.SIGINT, signal.SIGUSR1, 0, signal.SIGTERM):
            await provisioner.send_signal(number)
        await provisioner.kill()
        await provisioner.cleanup()
        await script.hung_up.wait()

    script = Script(front(tmp_path))
    against(tmp_path, script, deed)
    assert script.asked[1:] == [
        Signal(what="interrupt"), Signal(what="terminate"), Signal(what="kill"),
    ]  # fmt: skip


def test_hanging_up_ends_the_kernel(tmp_path, provisioner):
    async def deed():
        await launch(provisioner)
        await provisioner.cleanup()
        await script.hung_up.wait()

    script = Script(front(tmp_path))
    against(tmp_path, script, deed)


def test_a_refusal_keeps_its_sentence_where_a_session_is_asked_for():
    """Jupyter's handler of sessions answers 409 with the words of this one kind of error."""
    refused = RefusedLaunch(403, "Not now.")

    assert isinstance(refused, DuplicateKernelError)
    assert str(refused) == "Not now."


@pytest.mark.parametrize("language", ["en", "nb"])
def test_each_of_our_sentences_is_said_in_both_languages(monkeypatch, language):
    monkeypatch.setenv("WORKBENCH_LANGUAGE", language)
    for what, words in SENTENCES.items():
        assert words["en"] != words["nb"]
        assert told(what, incident="abc") == words[language].format(incident="abc")
