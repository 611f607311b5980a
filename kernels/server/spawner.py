"""JupyterHub's spawner: each named server in a jail of its own, under a uid of its own."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any
from urllib.parse import urlsplit

from jupyterhub.spawner import Spawner
from jupyterhub.utils import random_port
from traitlets import Any as Whatever
from traitlets import Dict, Unicode

__all__ = ["JailedSpawner"]

LAUNCHER = (sys.executable, "-I", "-m", "kernels.host.sandbox.server_jail")
CONFIGURATION = "/opt/workbench/code/kernels/server/jupyter_server_config.py"
SAFE = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
GRACE = 5.0  # seconds from the request to end to the kill
FAREWELL = 3.0  # seconds in which open notebooks are told why the permit ended their kernels


class JailedSpawner(Spawner):  # type: ignore[misc] # jupyterhub ships no types
    """Starts `kernels.host.sandbox.server_jail`; its process becomes the jail, dies with the hub.

    The hook before the start sets `launch_token`, `server_uid`, `sockets`, the folders that the
    server sees in their place, and `shown`, what its pages say of the permit; without a token
    nothing starts.
    """

    notebooks = Unicode(help="Folder of everybody's notebooks.").tag(config=True)
    logs = Unicode(help="Folder of the servers' logs.").tag(config=True)
    gate = Unicode(help="The gate daemon's control socket.").tag(config=True)
    still_open: Any = Whatever(help="(user, project) -> whether it may run on.").tag(config=True)
    words = Dict(help="Further environment of the server.").tag(config=True)

    launch_token = ""
    server_uid = -1
    sockets: Sequence[str] = ()
    shown: Mapping[str, str] = MappingProxyType({})
    _process: asyncio.subprocess.Process | None = None

    async def start(self) -> str:
        """Start the server; returns its address. PermissionError without a launch token."""
        user, project = str(self.user.name), str(self.name)
        if not (self.launch_token and SAFE.fullmatch(user) and SAFE.fullmatch(project)):
            raise PermissionError("no launch was granted for this server")
        token, self.launch_token = self.launch_token, ""
        self.ip, self.port = "127.0.0.1", random_port()
        owner = self.server_uid if os.geteuid() == 0 else None
        own = {
            "WORKBENCH_LAUNCH_TOKEN": token,
            "WORKBENCH_GATED_SOCKET": self.gate,
            "WORKBENCH_PROJECT": project,
        }
        job = {
            "uid": owner,
            "notebooks": str(_private(Path(self.notebooks) / user / project, owner)),
            "sockets": list(self.sockets),
            "listen": self.port,
            "connect": [self._hub_port()],
            "environment": {
                k: str(v) for k, v in (self.get_env() | self.words | dict(self.shown) | own).items()
            },
            "arguments": ["-m", "jupyterhub.singleuser", f"--config={CONFIGURATION}"],
        }
        await self._launch(job, Path(self.logs) / f"server-{user}-{project}.log")
        return f"http://{self.ip}:{self.port}"

    async def poll(self) -> int | None:
        """None while the server runs; ends it when its permit no longer opens the project.

        The hub asks every few seconds (`poll_interval`).
        """
        process = self._process
        if process is None:
            return 0
        running = process.returncode is None
        if running and not await asyncio.to_thread(self.still_open, self.user.name, self.name):
            self.log.warning("the permit for %s no longer opens it: server stopped", self._log_name)
            # the gate has ended the kernels; why, the notebooks hear by way of this server
            await asyncio.sleep(FAREWELL)
            await self.stop()
            return 0
        return process.returncode

    async def stop(self, now: bool = False) -> None:  # noqa: FBT001, FBT002 - the signature of jupyterhub
        """End the server; its kernels end with it."""
        process, self._process = self._process, None
        if process is None:
            return
        for number in (signal.SIGKILL,) if now else (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                process.send_signal(number)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), GRACE)
                return

    def _hub_port(self) -> int:
        """Of the hub's interface, the only thing that a server connects to."""
        return urlsplit(str(self.hub.api_url)).port or 80

    async def _launch(self, job: dict[str, Any], log: Path) -> None:
        with _log(log) as output:
            self._process = await asyncio.create_subprocess_exec(
                *LAUNCHER,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                cwd="/",
                start_new_session=True,
            )
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(job).encode())
            self._process.stdin.write_eof()


def _log(path: Path) -> IO[bytes]:
    """The log of one server, begun anew at each start; for the operator's eyes only."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _private(folder: Path, owner: int | None) -> Path:
    """The folder, made if need be, and nobody's but the owner's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if owner is not None:
        os.chown(folder, owner, owner, follow_symlinks=False)
    return folder
