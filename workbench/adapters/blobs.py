"""Files addressed by the SHA-256 of their bytes, in one folder: what was reviewed is released."""

import hashlib
import os
import re
import secrets
from pathlib import Path

from workbench.domain.errors import Fault, Refusal

__all__ = ["FolderBlobs"]


class FolderBlobs:
    """ports.Blobs over `<folder>/<sha256>`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Store bytes (temporary name, fsync, rename); returns their SHA-256, 64 hex digits."""
        address = hashlib.sha256(content).hexdigest()
        place = self._folder / address
        if place.exists() and hashlib.sha256(place.read_bytes()).hexdigest() == address:
            return address
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._folder / f".{address}.{secrets.token_hex(4)}"
        try:
            descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(place)
            self._settle()
        except OSError:
            draft.unlink(missing_ok=True)
            raise Refusal(
                "disk_full",
                "The file could not be stored; nothing was changed.",
                "Free some space on the instance's disk and try again.",
            ) from None
        return address

    def get(self, sha256: str) -> bytes:
        """The bytes; Refusal when there are none, Fault when they no longer match."""
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise Refusal("no_file", "There is no such file.", "Look at the request again.")
        try:
            content = (self._folder / sha256).read_bytes()
        except FileNotFoundError:
            raise Refusal(
                "no_file", "There is no such file.", "Look at the request again."
            ) from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Fault("a stored file no longer matches its address", secrets.token_hex(4))
        return content

    def _settle(self) -> None:
        """Make the rename itself durable."""
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
