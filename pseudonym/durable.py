"""Write so that a crash, a kill or a full disk leaves the old state or the new, never half."""

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from pseudonym.errors import Refusal

__all__ = ["disk_refusals", "draft_folder", "settle", "sweep", "sync_folder", "write_file"]

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextlib.contextmanager
def disk_refusals(what: str) -> Iterator[None]:
    """Turn a full disk into Refusal("disk_full"); every other OSError goes on."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise Refusal(
            "disk_full",
            f"There was no room to write {what}; nothing was changed.",
            "Make room on the instance's disk and try again.",
        ) from None


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace a file in one step: temporary name in the same folder, fsync, rename, fsync.

    Raises Refusal("disk_full") when there is no room; the old file then stands unchanged.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        with disk_refusals(f"a file of {len(content)} bytes"):
            _write_new(draft, content, mode)
            draft.replace(path)
            sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


@contextlib.contextmanager
def draft_folder(parent: Path) -> Iterator[Path]:
    """A folder to build something in, thrown away unless `settle` moved it to its place.

    Its name begins with a dot, so that whoever starts next knows it for a draft and removes it.
    """
    draft = parent / f".draft-{secrets.token_hex(8)}"
    draft.mkdir(mode=0o700, parents=True)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def settle(draft: Path, place: Path) -> None:
    """Fsync every file and folder of a draft, then move it to its place by one rename.

    Raises Refusal("exists") when something stands there already.
    """
    for folder, _, names in os.walk(draft):
        for name in names:
            _sync_file(Path(folder) / name)
        sync_folder(Path(folder))
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        draft.rename(place)  # POSIX: fails on a folder that is not empty
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
        raise Refusal(
            "exists",
            f"{place.name} exists already and is never overwritten.",
            "Use a new version number.",
        ) from None
    sync_folder(place.parent)


def sweep(parent: Path) -> int:
    """Remove the drafts that a killed process left behind; returns how many."""
    drafts = list(parent.glob("**/.draft-*"))
    for draft in drafts:
        shutil.rmtree(draft, ignore_errors=True)
    return len(drafts)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
