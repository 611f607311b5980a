"""The same kernel class on the same kind of sockets, with no daemon and no sandbox in between."""

import json
import os
import socket
import subprocess
import tempfile

from jupyter_client.blocking.client import BlockingKernelClient

from kernels.host.config import package_root
from kernels.host.environment import open_environment, pointer_file
from kernels.host.sandbox.interpreter import this_interpreter

CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
PROGRAM = """
import json, sys
from kernels.inside import kernel
kernel.run(json.loads(sys.argv[1]), sys.argv[2].encode())
"""


def start_direct(key: str) -> tuple["subprocess.Popen[bytes]", str]:
    """The process, which ends with ours, and the ipc prefix of its five channels."""
    prefix = tempfile.mkdtemp(prefix="wb") + "/k"
    listeners = [socket.socket(socket.AF_UNIX) for _ in CHANNELS]
    for number, listener in enumerate(listeners, 1):
        listener.bind(f"{prefix}-{number}")
        listener.listen(64)
        listener.setblocking(False)
    numbers = [listener.fileno() for listener in listeners]
    python = str(this_interpreter().executable)
    line = ["setpriv", "--pdeathsig", "KILL", python, "-S", "-c", PROGRAM, json.dumps(numbers)]
    site = open_environment(pointer_file()).site  # the kernels' own packages
    path = f"{package_root()}:{site}"
    environment = {**os.environ, "TZ": "UTC", "LANG": "C.UTF-8", "PYTHONPATH": path}
    process = subprocess.Popen([*line, key], pass_fds=numbers, env=environment)
    for listener in listeners:
        listener.close()
    return process, prefix


def client_of(prefix: str, key: str) -> BlockingKernelClient:
    """A stock client of it; its channels are not started."""
    client = BlockingKernelClient()
    ports = {f"{name}_port": number for number, name in enumerate(CHANNELS, 1)}
    card = {"transport": "ipc", "ip": prefix, "key": key, "signature_scheme": "hmac-sha256"}
    client.load_connection_info(card | ports)
    return client
