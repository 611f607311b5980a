"""A vault or linker that dies at its n-th fsync by SIGKILL, or that may write only small files.

python -m tests.lib.doomed_service vault|linker ROOT SOCKETS KILL_AT FILE_LIMIT
"""

import os
import resource
import signal
import sys
from pathlib import Path

import pseudonym.linker
import pseudonym.vault
from pseudonym.keys import DESK_SECRET, LINK_SECRET


def doom(kill_at: int, file_limit: int) -> None:
    """0 means never, respectively no limit."""
    whole, done = os.fsync, 0

    def fsync(handle: int) -> None:
        nonlocal done
        done += 1
        if done == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        whole(handle)

    os.fsync = fsync  # type: ignore[assignment]  # the same signature but for file objects
    if file_limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))


def main() -> None:
    """Serve until killed."""
    service, root, sockets = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    doom(int(sys.argv[4]), int(sys.argv[5]))
    if service == "vault":
        secret = root / "vault" / LINK_SECRET
        pseudonym.vault.serve(root / "vault", sockets / "vault.sock", secret, "test")
    else:
        door = pseudonym.linker.VaultDoor(sockets / "vault.sock", root / "store" / LINK_SECRET)
        pseudonym.linker.serve(
            root / "store",
            root / "views",
            sockets / "linker.sock",
            root / "store" / DESK_SECRET,
            door,
            "test",
        )


if __name__ == "__main__":
    main()
