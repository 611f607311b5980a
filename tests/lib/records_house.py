"""A house with records in memory, for commands about permits, outputs and the log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.lib.fake_records import FakeClock, FakeRecords
from tests.lib.histories import checkpoint
from workbench.domain.errors import Refusal
from workbench.ports import CatalogueVariable, PortalClient, SignIn


class FakeDesk:
    """ports.RegistryDesk that builds views of one dataset."""

    def __init__(self) -> None:
        self.built: list[Mapping[str, Any]] = []

    def build_view(self, permit: Mapping[str, Any]) -> Mapping[str, Any]:
        if any(grant["dataset"] != "clinic_visit" for grant in permit["datasets"]):
            raise Refusal("not_published", "No such dataset.", "Publish it.")
        self.built.append(permit)
        return {"version": f"v{len(self.built)}", "path": "/views", "report": {"persons": 1200}}


class FakeCatalogue:
    """ports.Catalogue of one dataset."""

    def variables(self, dataset: str) -> list[CatalogueVariable]:
        if dataset != "clinic_visit":
            raise Refusal("not_published", "No such dataset.", "Publish it.")
        return [
            CatalogueVariable("age", "LONG", {"en": "Age at\nvisit", "nb": "Alder"}),
            CatalogueVariable("sex", "STRING", {"nb": "Kjønn"}, 2),
        ]


@dataclass
class FakeEnds:
    """ports.EndSigner with a key of the tests; `down` refuses."""

    records: Any
    down: bool = False

    def sign_end(self, instance: str, project: str) -> Mapping[str, Any]:
        if self.down:
            raise Refusal("not_running", "The engine does not answer.", "Start it.")
        last = self.records.audit.chain[-1]
        return checkpoint(last.position, last.hash, project)["checkpoint"]


@dataclass
class FakeHouse:
    root: Path
    records: Any = field(default_factory=FakeRecords)
    clock: FakeClock = field(default_factory=FakeClock)
    desk: FakeDesk = field(default_factory=FakeDesk)
    catalogue: FakeCatalogue = field(default_factory=FakeCatalogue)
    actor: str = "os:tester"
    instance: Any = field(default_factory=lambda: SimpleNamespace(url="http://portal", id="0" * 16))
    line: PortalClient | None = None
    signins: list[SignIn] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ends = FakeEnds(self.records)

    def portal(self, signin: SignIn) -> PortalClient:
        self.signins.append(signin)
        if self.line is None:
            raise Refusal("not_running", "Nobody answers.", "Start it.")
        return self.line
