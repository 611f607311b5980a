"""The kernels' own packages: one sealed folder, the same for all, checked before each use.

What a kernel can import is this and nothing of the platform's. `kernels.host.seal` makes the
folder; a small file beside the platform says which folder is in use and what its seal hashes to.
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kernels.errors import Refusal

__all__ = ["MANIFEST", "SEAL", "SITE", "Environment", "Pointer", "open_environment", "pointer_file"]

SITE, SEAL, MANIFEST = "site", "SEAL", "packages.json"
_PIECE = 1 << 20
_ANEW = "Remove the folder {} on the host and run images/setup: it installs them anew."


class Pointer(BaseModel):
    """Which folder is in use. seal: the SHA-256 of its SEAL, kept apart from the folder."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    folder: str
    seal: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Signature(NamedTuple):
    """What changes with every change of a file; no program sets the time of change."""

    inode: int
    size: int
    changed: int


@dataclass
class Environment:
    """A sealed folder. sealed: path below `site` -> (SHA-256, bytes)."""

    folder: Path
    sealed: dict[str, tuple[str, int]]
    _known: dict[str, _Signature] = field(default_factory=dict)
    _one: threading.Lock = field(default_factory=threading.Lock)

    @property
    def site(self) -> Path:
        """The folder that kernels import from."""
        return self.folder / SITE

    def check(self) -> None:
        """Raise Refusal("tampered_environment") unless every file is as it was sealed.

        The first call reads every file; later ones read those whose inode, size or time of
        change is another, and look at all others' entries. Blocks: call it in a thread.
        """
        with self._one:
            found = dict(_entries(self.site))
            if found.keys() != self.sealed.keys():
                many = len(found.keys() ^ self.sealed.keys())
                raise self._tampered(f"{many} file(s) were added or removed")
            new = [name for name, entry in found.items() if self._known.get(name) != entry]
            with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
                sums = threads.map(lambda name: _sum(self.site / name), new)
                pairs = zip(new, sums, strict=True)
                wrong = [name for name, told in pairs if self.sealed[name] != told]
            if wrong:
                self._known.clear()
                raise self._tampered(f"{len(wrong)} file(s) were changed")
            self._known.update((name, found[name]) for name in new)

    def _tampered(self, what: str) -> Refusal:
        return _tampered(what, self.folder)


def pointer_file() -> Path:
    """Where it stands which environment kernels get: beside the platform's own packages."""
    return Path(sys.prefix, "share", "workbench", "kernel-environment.json")


@functools.cache
def open_environment(pointer: Path) -> Environment:
    """The environment in use; it is not removed while this process lives.

    Raises Refusal("no_kernel_environment") when there is none, or Refusal("tampered_environment")
    when its seal is another than the pointer's. Contents are compared by `check`.
    """
    try:
        told = Pointer.model_validate_json(pointer.read_bytes())
        folder = Path(told.folder)
        held = os.open(folder / SEAL, os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, ValidationError):
        raise Refusal(
            "no_kernel_environment",
            "The packages for kernels are not installed, and no kernel starts without them.",
            "Run images/setup on the host: it installs them.",
        ) from None
    fcntl.flock(held, fcntl.LOCK_SH)  # till this process ends: see images/setup
    with os.fdopen(os.dup(held), "rb") as file:
        text = file.read()
    if hashlib.sha256(text).hexdigest() != told.seal:
        os.close(held)
        raise _tampered("the list of their hashes was changed", folder)
    sealed = {}
    for line in text.decode().splitlines():
        digest, size, name = line.split(" ", 2)
        sealed[name] = (digest, int(size))
    return Environment(folder, sealed)


def _entries(site: Path) -> Iterator[tuple[str, _Signature]]:
    """Everything below `site` that is no folder: its path below it and its signature."""
    folders = [""]
    while folders:
        below = folders.pop()
        with contextlib.suppress(FileNotFoundError), os.scandir(site / below) as listed:
            for entry in listed:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{below}{entry.name}/")
                    continue
                found = entry.stat(follow_symlinks=False)
                yield (
                    f"{below}{entry.name}",
                    _Signature(found.st_ino, found.st_size, found.st_ctime_ns),
                )


def _sum(path: Path) -> tuple[str, int]:
    """SHA-256 and size in bytes; of nothing, for what is no file of its own."""
    digest, size = hashlib.sha256(), 0
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                size += len(piece)
    return digest.hexdigest(), size


def _tampered(what: str, folder: Path) -> Refusal:
    return Refusal(
        "tampered_environment",
        f"The packages for kernels are not as they were installed: {what}. No kernel starts.",
        _ANEW.format(folder.name),
    )
