"""JupyterHub's spawner: each named server in a jail of its own, under a uid of its own."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any
from urllib.parse import urlsplit

from jupyterhub.spawner import Spawner
from jupyterhub.utils import random_port
from traitlets import Any as Whatever
from traitlets import Dict, List, Unicode

from kernels.server.running import Running, birth

__all__ = ["JailedSpawner"]

LAUNCHER = (sys.executable, "-I", "-m", "kernels.host.sandbox.server_jail")
CONFIGURATION = "/opt/workbench/code/kernels/server/jupyter_server_config.py"
SAFE = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
GRACE = 7.0  # seconds from the request to end to the kill; the keeper's own are five
FAREWELL = 3.0  # seconds in which open notebooks are told why the permit ended their kernels


class JailedSpawner(Spawner):  # type: ignore[misc] # jupyterhub ships no types
    """Starts `kernels.host.sandbox.server_jail` below a keeper, which the next hub finds again.

    The hook before the start sets `launch_token`, `server_uid`, `sockets`, the folders that the
    server sees in their place, and `shown`, what its pages say of the permit; without a token
    nothing starts.
    """

    notebooks = Unicode(help="Folder of everybody's notebooks.").tag(config=True)
    logs = Unicode(help="Folder of the servers' logs.").tag(config=True)
    gate = Unicode(help="The gate daemon's control socket.").tag(config=True)
    still_open: Any = Whatever(help="(user, project) -> whether it may run on.").tag(config=True)
    words = Dict(help="Further environment of the server.").tag(config=True)
    keeper: Any = List(minlen=1, help="The keeper's command: `kernels.host.sandbox.keeper`.").tag(
        config=True
    )

    launch_token = ""
    server_uid = -1
    sockets: Sequence[str] = ()
    shown: Mapping[str, str] = MappingProxyType({})
    _running: Running | None = None  # the keeper
    _child: asyncio.subprocess.Process | None = None  # the same, as long as it is this hub's
    _known_hub = 0  # the only port that the server can reach

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
            "connect": [self._hub_port],
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
        running = self._running
        if running is None or running.ended:
            return self._child.returncode or 0 if self._child else 0
        if self._known_hub != self._hub_port:
            self.log.warning("%s cannot reach this hub: server stopped", self._log_name)
            await self.stop()
            return 0
        if not await asyncio.to_thread(self.still_open, self.user.name, self.name):
            self.log.warning("the permit for %s no longer opens it: server stopped", self._log_name)
            # the gate has ended the kernels; why, the notebooks hear by way of this server
            await asyncio.sleep(FAREWELL)
            await self.stop()
            return 0
        self._tell_noted(running)
        return None

    async def stop(self, now: bool = False) -> None:  # noqa: FBT001, FBT002 - the signature of jupyterhub
        """End the server; its kernels end with it."""
        running, self._running = self._running, None
        if running is None:
            return
        for number in (signal.SIGKILL,) if now else (signal.SIGTERM, signal.SIGKILL):
            running.send(number)
            if await running.wait(GRACE):
                return

    def get_state(self) -> dict[str, Any]:
        """What the next hub needs to find the server again; kept in the hub's own database.

        The server's token is part of it: signing out spares it, and stopping revokes it.
        """
        state: dict[str, Any] = super().get_state()
        if self._running is not None:
            state |= {"pid": self._running.pid, "born": self._running.born}
            state |= {"hub": self._known_hub, "api_token": self.api_token}
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        """Find the server that an earlier hub started."""
        super().load_state(state)
        if "pid" in state:
            self._running = Running(state["pid"], state["born"])
            self._known_hub, self.api_token = state["hub"], state["api_token"]

    def clear_state(self) -> None:
        """Forget the server."""
        super().clear_state()
        self._running = None

    def _tell_noted(self, running: Running) -> None:
        """Tell the keeper, once, that the next hub will find it: its state is in the database."""
        line = self._child.stdin if self._child else None
        noted = (self.orm_spawner.state or {}).get("born") == running.born
        if line is not None and noted and not line.is_closing():
            line.write(b"k")
            line.close()

    @property
    def _hub_port(self) -> int:
        """Of the hub's interface, the only thing that a server connects to."""
        return urlsplit(str(self.hub.api_url)).port or 80

    async def _launch(self, job: dict[str, Any], log: Path) -> None:
        with _log(log) as output:
            child = await asyncio.create_subprocess_exec(
                *self.keeper,
                "job",
                *LAUNCHER,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                cwd="/",
                start_new_session=True,
            )
        self._child, self._known_hub = child, self._hub_port
        self._running = Running(child.pid, birth(child.pid))
        if child.stdin is not None:
            child.stdin.write(json.dumps(job).encode() + b"\n")


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
