"""The spool: whole things only, by their hash, readable by nobody else."""

import hashlib
import json
from pathlib import Path

from kernels.host.egress.spool import Collected, RunRecord, Spool

RECORD = RunRecord(
    run="0123456789abcdef",
    project="alpha",
    user="ada",
    kernel="k1",
    started=1.0,
    ended=2.5,
    outcome="ok",
    line=None,
    code_sha256="0" * 64,
    files=(Collected("a.csv", "1" * 64, 3),),
)


def test_a_run_is_a_folder_that_appears_at_once(tmp_path: Path) -> None:
    Spool(tmp_path).run(RECORD)
    (folder,) = (tmp_path / "incoming").iterdir()
    assert folder.name == RECORD.run
    assert json.loads((folder / "run.json").read_text()) == {
        "v": 1, "run": RECORD.run, "project": "alpha", "user": "ada", "kernel": "k1",
        "started": 1.0, "ended": 2.5, "outcome": "ok", "line": None, "code_sha256": "0" * 64,
        "files": [{"name": "a.csv", "sha256": "1" * 64, "size": 3}], "cell": None,
    }  # fmt: skip


def test_bytes_lie_under_their_hash_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    digest = spool.blob(b"table")
    assert digest == hashlib.sha256(b"table").hexdigest()
    assert spool.blob(b"table") == digest
    (path,) = (tmp_path / "blobs").iterdir()
    assert path.read_bytes() == b"table"
    assert path.stat().st_mode & 0o077 == 0


def test_an_event_says_who_what_where_and_why(tmp_path: Path) -> None:
    Spool(tmp_path).event(
        "kernel:run:end", "ada", "alpha/k1", at=12.3456, why="ended", details={"exit": 0}
    )
    (path,) = (tmp_path / "events").iterdir()
    assert path.name.startswith("12345-")
    assert json.loads(path.read_text()) == {
        "v": 1, "what": "kernel:run:end", "who": "ada", "subject": "alpha/k1", "why": "ended",
        "details": {"exit": 0},
    }  # fmt: skip
