"""An engine that is killed in the middle of a plan leaves the books as they were."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter

from kernels.protocol import Hello, KernelReply, Progress, Run, pack, read_frame, unpack
from pseudonym.keyring import Keyring
from tests.lib.engine_world import PASSPHRASE, World, attached, wait_for
from workbench.domain.audit import What

REPLY: TypeAdapter[KernelReply] = TypeAdapter(KernelReply)
ROOT = Path(__file__).resolve().parents[3]
PLAN = {"k": "dp_count", "cohort": {"k": "dataset", "name": "person"}, "by": ["sex"], "rho": "1/4"}


@contextmanager
def engine(folder: Path, which: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.lib.engine_process", str(folder), which]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            wait_for(folder / "run" / "engine.sock")
            yield process
        finally:
            process.kill()


def test_a_killed_engine_has_charged_and_released_nothing(tmp_path: Path) -> None:
    Keyring.create(tmp_path / "keyring.json", PASSPHRASE)
    control = tmp_path / "run" / "engine.sock"
    with engine(tmp_path, "slow") as process, socket.socket(socket.AF_UNIX) as line:
        try:
            with attached(control, tmp_path, os.getuid(), "alpha") as path:
                line.connect(str(path))
                line.settimeout(20)
                line.sendall(pack(Hello()))
                read_frame(line)
                line.sendall(pack(Run(id=1, plan=json.dumps({"analysis": PLAN}))))
                reply = unpack(REPLY, read_frame(line) or b"")
                assert isinstance(reply, Progress)
                process.send_signal(signal.SIGKILL)
                process.wait(10)
                assert read_frame(line) is None
        except ConnectionError:
            pass  # the goodbye of the attachment finds nobody
    (tmp_path / "0123456789abcdef.sock").unlink(missing_ok=True)
    control.unlink()

    world = World(tmp_path)
    assert world.records.releases.account("alpha").spent == 0
    assert world.records.releases.of_project("alpha") == ()
    assert world.records.releases.memberships("alpha") == ()
    assert world.audited(What.PLAN_RELEASE) == []

    with engine(tmp_path, "quick"), attached(control, tmp_path, os.getuid(), "alpha") as path:
        import workbench.sdk as wb

        release = wb.open(path)["person"].count(by="sex", dp=wb.dp(rho="1/4"))
        assert release.accuracy
    assert str(world.records.releases.account("alpha").spent) == "1/4"
