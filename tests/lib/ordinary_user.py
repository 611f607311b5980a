"""Run a program as an ordinary user, also where Python itself lies under root's home."""

import os
import subprocess
import sys
from pathlib import Path

UID = 61_001
_SCRIPT = f"""
set -e
# What lies under root's home is laid over an open one, in this namespace only.
if [ "$#" -gt 0 ] && [ "$1" != -- ]; then
  mount -t tmpfs tmpfs /mnt
  n=0
  for each in "$@"; do
    [ "$each" = -- ] && break
    n=$((n + 1)); mkdir "/mnt/$n"; mount --bind "$each" "/mnt/$n"
  done
  mount -t tmpfs -o mode=755 tmpfs /root
  n=0
  while [ "$1" != -- ]; do
    n=$((n + 1)); mkdir -p "$1"; mount --bind "/mnt/$n" "$1"; umount "/mnt/$n"; shift
  done
  umount /mnt
fi
shift
cd "$PYTHONPATH"
exec setpriv --reuid {UID} --regid {UID} --clear-groups --inh-caps=-all "$@"
"""


def run_as_user(arguments: list[str], cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run `python arguments…` as uid UID when we are root, else as we are."""
    line = [sys.executable, *arguments]
    if os.geteuid() == 0:
        needed = [Path(sys.base_prefix).resolve(), cwd.resolve()]
        hidden = [str(each) for each in needed if each.is_relative_to("/root")]
        line = ["unshare", "--mount", "sh", "-c", _SCRIPT, "sh", *hidden, "--", *line]
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
