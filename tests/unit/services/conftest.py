"""An airlock with one request in it."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.lib import samples
from tests.lib.fake_records import FakeBlobs, FakeClock, FakeRecords
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputFile, OutputRequest
from workbench.domain.permissions import AUDITORS, OFFICERS, Person

OFFICER = Person("officer", frozenset({OFFICERS}))
AUTHOR = Person("researcher")
AUDITOR = Person("auditor", frozenset({AUDITORS}))
STRANGER = Person("stranger")


class FakeEngine:
    """ports.Certifier that certifies what the records call approved; `down` refuses."""

    def __init__(self, records: FakeRecords) -> None:
        self._records = records
        self.down = False
        self.change: dict[str, Any] = {}

    def certify_output(self, request_id: str) -> dict[str, Any]:
        if self.down:
            raise Refusal("not_running", "The engine does not answer.", "Start it.")
        request = self._records.outputs.find(request_id)
        if request is None:
            raise Refusal("no_request", "There is no such request.", "Look again.")
        told = {"kind": "output", "release": request.id, "content_sha256": request.content}
        return {"statement": told | self.change, "signature": "00"}


@dataclass
class Airlock:
    records: FakeRecords = field(default_factory=FakeRecords)
    blobs: FakeBlobs = field(default_factory=FakeBlobs)
    clock: FakeClock = field(default_factory=FakeClock)
    officer: Person = OFFICER
    author: Person = AUTHOR
    auditor: Person = AUDITOR
    stranger: Person = STRANGER
    request: OutputRequest = field(init=False)
    engine: FakeEngine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = FakeEngine(self.records)
        self.records.permits.grant(samples.permit(), samples.event())
        self.request = self.submit(1, ())

    def submit(self, number: int, findings: tuple[dict[str, Any], ...]) -> OutputRequest:
        content = f"table {number}".encode()
        file = OutputFile("table.csv", self.blobs.put(content), len(content), findings)
        request = samples.request(number, files=(file,))
        self.records.outputs.submit(request, samples.event())
        return request

    def state(self) -> str:
        found = self.records.outputs.find(self.request.id)
        return "" if found is None else str(found.state)

    def events(self) -> list[str]:
        return [str(entry.event.what) for entry in self.records.audit.entries()][2:]


@pytest.fixture
def airlock() -> Airlock:
    return Airlock()
