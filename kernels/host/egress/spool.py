"""What the daemon leaves for the records: sealed runs with their files, and kernel events."""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from kernels.errors import Fault

__all__ = ["Collected", "RunRecord", "Spool"]


@dataclass(frozen=True)
class Collected:
    """One file of an outbox, addressed by the SHA-256 of its bytes. size: bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class RunRecord:
    """A sealed run that has ended.

    run: 16 hex digits; started, ended: Unix seconds, `ended` the moment at which the end may be
    told: nobody takes the run in before; code_sha256: the blob of its whole code;
    line: where it failed, in `cell` if it was a notebook.
    """

    run: str
    project: str
    user: str
    kernel: str
    started: float
    ended: float
    outcome: Literal["ok", "error", "stopped"]
    line: int | None
    code_sha256: str
    files: Sequence[Collected]
    cell: int | None = None


class Spool:
    """A folder into which whole things appear at once: written under another name, then renamed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        for name in ("incoming", "blobs", "events"):
            (root / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def blob(self, content: bytes) -> str:
        """Keep bytes; returns their SHA-256. Raises Fault when the disk does not take them."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._root / "blobs" / digest
        with _taken():
            if not path.exists():
                _write(path, content)
        return digest

    def run(self, record: RunRecord) -> None:
        """Leave a run; its blobs must be there already. Raises Fault as `blob` does."""
        draft = self._root / "incoming" / f".{record.run}.new"
        shutil.rmtree(draft, ignore_errors=True)
        with _taken():
            draft.mkdir(mode=0o700)
            _write(draft / "run.json", _json({"v": 1, **asdict(record)}))
            draft.rename(self._root / "incoming" / record.run)
            _sync_folder(self._root / "incoming")

    def event(
        self,
        what: Literal["kernel:run:start", "kernel:run:end", "kernel:cells:spend"],
        who: str,
        subject: str,
        *,
        at: float,
        why: str = "",
        details: Mapping[str, str | int] | None = None,
    ) -> None:
        """Leave an event of a kernel. at: Unix seconds; subject: project/kernel."""
        name = f"{int(at * 1000)}-{secrets.token_hex(4)}.json"
        body: dict[str, Any] = {"v": 1, "what": what, "who": who, "subject": subject}
        body |= {"why": why, "details": dict(details or {})}
        _write(self._root / "events" / name, _json(body))


@contextlib.contextmanager
def _taken() -> Iterator[None]:
    """A disk that is full, or gone, is a fault of ours: whoever waits for the run is told so."""
    try:
        yield
    except OSError:
        raise Fault("the spool does not take what is left in it") from None


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True).encode()


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
