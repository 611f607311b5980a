"""From the gate daemon's spool to a verified download, every part real but the engine's process."""

import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernels.host.egress.spool import Collected, RunRecord, Spool
from tests.lib import samples
from workbench.adapters.blobs import FolderBlobs
from workbench.adapters.clock import SystemClock
from workbench.adapters.sql import SqlRecords, open_records
from workbench.domain.permissions import OFFICERS, Person
from workbench.engine.certify import approved, chain_of, output_certificate
from workbench.services.audit import verify_log
from workbench.services.collect import collect
from workbench.services.download import download_certificate, download_file
from workbench.services.release_output import release_output
from workbench.services.review import approve
from workbench.services.verify_certificate import verify_certificate

CSV = b"group,n\nwomen,3\nmen,1200\n"
OFFICER = Person("officer", frozenset({OFFICERS}))


class Key:
    """An engine's signing key."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self.verify_key = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


class EngineDesk:
    """The engine's own certifying functions, without its process."""

    def __init__(self, records: SqlRecords, key: Key) -> None:
        self._records, self._key = records, key

    def certify_output(self, request_id: str) -> Any:
        request = self._records.outputs.find(request_id)
        held = self._records.permits.find("study")
        assert held is not None
        return output_certificate(
            approved(request, held.permit),
            {"persons": "1.0.0"},
            chain_of(self._records),
            SystemClock().now(),
            self._key,
        )


def test_a_sealed_run_s_file_goes_out_by_an_officer_and_verifies(tmp_path: Path) -> None:
    records = open_records(f"sqlite:///{tmp_path / 'r.sqlite'}", SystemClock())
    records.permits.grant(samples.permit(), samples.event())
    spool = Spool(tmp_path / "spool")
    blobs = FolderBlobs(tmp_path / "spool" / "blobs")
    key = Key()
    files = [Collected("table.csv", spool.blob(CSV), len(CSV))]
    spool.event("kernel:run:start", "researcher", "study/k1", at=1_772_366_400.0)
    spool.run(
        RunRecord(
            "ab" * 8, "study", "researcher", "k1", 1.5, 2.5, "ok", None,
            hashlib.sha256(b"code").hexdigest(), files,
        )
    )  # fmt: skip
    spool.event(
        "kernel:run:end", "researcher", "study/k1", at=1_772_366_460.0,
        why="The run ended.", details={"exit": 0},
    )  # fmt: skip

    done = collect(tmp_path / "spool", records, blobs, SystemClock())
    (request,) = records.outputs.waiting()
    approve(
        records, SystemClock(), OFFICER, request.id,
        content=request.content, comment="Three hospitals, not persons.",
    )  # fmt: skip
    release_output(records, blobs, EngineDesk(records, key), request.id)
    member = Person("researcher")
    file, content = download_file(records, blobs, member, request.id, files[0].sha256)
    certificate = download_certificate(records, member, request.id)

    assert (done.runs, done.requests, done.events, done.refused) == (1, 1, 2, 0)
    assert (file.name, content) == ("table.csv", CSV)
    verified = verify_certificate(
        json.dumps(certificate).encode(), {key.verify_key}, {"table.csv": content}
    )
    assert verified.statement.release == request.id
    assert verify_log(records).whole
    assert not list((tmp_path / "spool" / "events").iterdir())
    records.close()
