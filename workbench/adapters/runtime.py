"""The folder of an instance's sockets: made private, and refused when somebody else made it."""

import os
import stat
from pathlib import Path

from workbench.domain.errors import Refusal
from workbench.settings import Instance

__all__ = ["make_runtime"]


def make_runtime(instance: Instance) -> Path:
    """Make the folder for sockets, its `door` and its `front`; safe to repeat.

    As root others may pass through (0711) but not list: single-user servers and kernels have uids
    of their own. Refusal("foreign_runtime") when a folder on the way belongs to somebody else.
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    folders = [instance.runtime.parent, instance.runtime]
    folders += [instance.runtime / name for name in ("door", "front")]
    for folder in folders:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        found = folder.lstat()
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
        if not ours:
            raise Refusal(
                "foreign_runtime",
                f"{folder} was made by somebody else.",
                "Remove it, or set XDG_RUNTIME_DIR to a folder of your own.",
            )
        if stat.S_IMODE(found.st_mode) & ~mode:
            folder.chmod(mode)
    return instance.runtime
