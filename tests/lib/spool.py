"""A spool as the gate daemon leaves it."""

import hashlib
import json
from pathlib import Path
from typing import Any

from workbench.ports import Blobs


class Spool:
    """Writes finished runs and events; `folder` is the spool."""

    def __init__(self, folder: Path, blobs: Blobs) -> None:
        self.folder = folder
        self.blobs = blobs
        for name in ("incoming", "events"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def run(self, number: int, content: dict[str, bytes], **more: Any) -> str:
        """A finished run with these files in its outbox; returns its id."""
        run = f"{number:016x}"
        told = {
            "v": 1,
            "run": run,
            "project": "study",
            "user": "researcher",
            "kernel": "k" * 16,
            "started": 1_772_366_340,
            "ended": 1_772_366_400,
            "outcome": "ok",
            "line": None,
            "code_sha256": hashlib.sha256(b"code").hexdigest(),
            "files": [
                {"name": name, "sha256": self.blobs.put(data), "size": len(data)}
                for name, data in content.items()
            ],
        }
        self.raw(run, json.dumps(told | more).encode())
        return run

    def raw(self, run: str, content: bytes) -> None:
        """A run's record as these bytes."""
        place = self.folder / "incoming" / run
        place.mkdir()
        (place / "run.json").write_bytes(content)

    def event(self, name: str, **more: Any) -> None:
        """An event file."""
        told = {
            "v": 1,
            "what": "kernel:run:start",
            "who": "researcher",
            "subject": "study/kernel",
            "why": "",
            "details": {},
        }
        (self.folder / "events" / name).write_text(json.dumps(told | more))

    def left(self) -> list[str]:
        """What still lies there to be taken in."""
        names = [p.name for f in ("incoming", "events") for p in (self.folder / f).iterdir()]
        return sorted(names)
