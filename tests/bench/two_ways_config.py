"""Jupyter Server's configuration for `relay_roundtrip`: ours, and one kernel without the relay.

The kernel named "sealed" is the same kernel class on the same kind of sockets, which the server
talks to directly.
"""

import asyncio
import os
import secrets
import socket
from typing import Any

from kernels.server.configuration import settings
from kernels.server.provisioner import GatedProvisioner
from tests.bench.direct_kernel import start_direct

_relayed = GatedProvisioner.launch_kernel
_kept: list[object] = []


async def _launch(self: Any, cmd: list[str], **options: Any) -> Any:
    """As the gate daemon does, but with no daemon and no sandbox in between."""
    if self.lane == "workbench":
        return await _relayed(self, cmd, **options)
    process, prefix = start_direct(self.parent.session.key.decode())
    ours, theirs = socket.socketpair()
    _kept.extend((process, theirs))
    self._reader, self._writer = await asyncio.open_connection(sock=ours)
    self.parent.ip = prefix
    self.connection_info = self.parent.get_connection_info()
    return self.connection_info


GatedProvisioner.launch_kernel = _launch  # type: ignore[method-assign] # that is the comparison
c = get_config()  # type: ignore[name-defined] # noqa: F821 - Jupyter injects it
for _section, _values in settings(os.environ).items():
    c[_section].update(_values)
del c["ServerApp"]["authorizer_class"]  # there is no hub here that could say who asks
c.ServerApp.allow_root = True
c.ServerApp.open_browser = False
c.IdentityProvider.token = os.environ.get("BENCH_TOKEN") or secrets.token_hex(16)
