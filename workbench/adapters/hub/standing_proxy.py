"""The proxy stays when the hub goes: browsers' lines to their servers are not cut by a restart."""

import json
import os
import secrets
import socket
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import httpx
from jupyterhub.proxy import ConfigurableHTTPProxy
from tornado.ioloop import PeriodicCallback

__all__ = ["Lines", "StandingProxy", "free_ports", "kept_lines"]


@dataclass(frozen=True)
class Lines:
    """What a hub and the next one have in common: two ports of the loopback, the proxy's token."""

    hub_port: int
    proxy_port: int
    proxy_token: str


def kept_lines(path: Path, public: int) -> Lines:
    """The lines in the file, drawn at the first start; a port that somebody else took is new.

    public: the proxy's own port. While it is taken the proxy may still stand, and so may its other.
    """
    try:
        kept = Lines(**json.loads(path.read_text()))
    except FileNotFoundError:
        hub, proxy = free_ports(2)
        kept = Lines(hub, proxy, secrets.token_hex(32))
    if not _is_free(kept.hub_port):
        kept = replace(kept, hub_port=free_ports(1)[0])
    if not _is_free(kept.proxy_port) and _is_free(public):
        kept = replace(kept, proxy_port=free_ports(1)[0])
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(asdict(kept), out)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    return kept


def free_ports(count: int) -> list[int]:
    """Free TCP ports of the loopback, all different."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class StandingProxy(ConfigurableHTTPProxy):  # type: ignore[misc] # jupyterhub ships no types
    """JupyterHub's proxy below a keeper; a hub that comes back takes it over.

    It is known by its answer to our token, not by the number of a process.
    """

    async def start(self) -> None:
        """Take over the proxy that stands, or start one."""
        if not await self._stands():
            await super().start()
            return
        self.log.info("The proxy stands since an earlier hub")
        self._check_running_callback = PeriodicCallback(
            self.check_running, 1000 * self.check_running_interval
        )
        self._check_running_callback.start()

    async def check_running(self) -> None:
        """Start another when the proxy has ended, and tell it the ways to the servers."""
        if self.proxy_process is not None:
            await super().check_running()
        elif not await self._stands():
            self._check_running_callback.stop()
            await self.start()
            await self.restore_routes()

    async def _stands(self) -> bool:
        token = {"Authorization": f"token {self.auth_token}"}
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                answer = await client.get(f"{self.api_url}/api/routes", headers=token)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    def _check_previous_process(self) -> None:
        """Nothing is stopped by a number from a file: a process may have it that is not ours."""

    def _write_pid_file(self) -> None:
        """No file: see above."""
