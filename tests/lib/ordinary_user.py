"""Run a program as an ordinary user, also where Python itself lies under root's home."""

import os
import subprocess
import sys
from pathlib import Path

UID = 61_001
_SCRIPT = f"""
set -e
if [ -n "$1" ]; then            # root's home opens for walking through, in this namespace only
  mount --bind "$1" /mnt; mount -t tmpfs -o mode=755 tmpfs /root
  mkdir -p "$1"; mount --bind /mnt "$1"; umount /mnt
fi
shift
exec setpriv --reuid {UID} --regid {UID} --clear-groups --inh-caps=-all "$@"
"""


def run_as_user(arguments: list[str], cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run `python arguments…` as uid UID when we are root, else as we are."""
    line = [sys.executable, *arguments]
    if os.geteuid() == 0:
        base = Path(sys.base_prefix).resolve()
        hidden = str(base) if base.is_relative_to("/root") else ""
        line = ["unshare", "--mount", "sh", "-c", _SCRIPT, "sh", hidden, *line]
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(cwd),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        line, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
