"""A house with records in memory, for commands about permits, outputs and the log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.lib.fake_records import FakeClock, FakeRecords
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
class FakeHouse:
    root: Path
    records: Any = field(default_factory=FakeRecords)
    clock: FakeClock = field(default_factory=FakeClock)
    desk: FakeDesk = field(default_factory=FakeDesk)
    catalogue: FakeCatalogue = field(default_factory=FakeCatalogue)
    actor: str = "os:tester"
    instance: Any = field(default_factory=lambda: SimpleNamespace(url="http://portal"))
    line: PortalClient | None = None
    signins: list[SignIn] = field(default_factory=list)

    def portal(self, signin: SignIn) -> PortalClient:
        self.signins.append(signin)
        if self.line is None:
            raise Refusal("not_running", "Nobody answers.", "Start it.")
        return self.line
