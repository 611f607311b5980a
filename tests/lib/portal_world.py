"""A small, whole portal for tests: records in memory, real services, people who sign in."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.lib.fake_records import FakeBlobs, FakeRecords
from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputFile, OutputRequest, OutputState, content_of, request_id
from workbench.domain.permissions import OFFICERS, Person, owners_of
from workbench.domain.permit import DatasetGrant, Member, Permit, Role
from workbench.domain.release import Release
from workbench.portal import Facts, PortalServices
from workbench.portal.people import Begun, Finished
from workbench.ports import LoadRecord
from workbench.services.release_output import release_output
from workbench.services.review import approve

NOW = datetime(2026, 11, 22, 7, 24, tzinfo=UTC)
PROJECT = "nafld-mortality"
REGISTRY = "nafld_lab"

PEOPLE = {
    "researcher": Person("researcher", frozenset({f"project-{PROJECT}"})),
    "colleague": Person("colleague", frozenset({f"project-{PROJECT}"})),
    "officer": Person("officer", frozenset({OFFICERS})),
    "member-officer": Person("member-officer", frozenset({OFFICERS, f"project-{PROJECT}"})),
    "owner-lab": Person("owner-lab", frozenset({owners_of(REGISTRY)})),
    "owner-dx": Person("owner-dx", frozenset({owners_of("nafld_dx")})),
    "nobody": Person("nobody"),
}


class StillClock:
    """ports.Clock that stands still."""

    def now(self) -> datetime:
        return NOW


class PeopleAtTheDoor:
    """SignIn without a hub: session and token `is-<name>` belong to <name>."""

    def __init__(self) -> None:
        self.gone: set[str] = set()
        self.begun: dict[str, str] = {}
        self.next_person = "researcher"

    @property
    def sign_out_url(self) -> str:
        return "/hub/logout"

    @property
    def account_url(self) -> str | None:
        return "/hub/account"

    def begin(self, next_path: str) -> Begun:
        state = f"state-{len(self.begun)}"
        self.begun[state] = next_path
        return Begun(f"/hub/api/oauth2/authorize?state={state}", state)

    async def finish(self, code: str, state: str) -> Finished | None:
        next_path = self.begun.pop(state, None)
        if next_path is None or code != "good":
            return None
        person = PEOPLE[self.next_person]
        return Finished(f"is-{person.name}", person, next_path)

    async def by_session(self, session: str, hub_session: str) -> Person | None:
        if session in self.gone:
            return None
        return PEOPLE.get(session.removeprefix("is-"))

    async def by_token(self, token: str) -> Person | None:
        return await self.by_session(token, "")

    def forget(self, session: str) -> None:
        self.gone.add(session)


class Engine:
    """ports.Certifier that signs nothing but names the content it was asked about; may be down."""

    def __init__(self, records: FakeRecords) -> None:
        self._records = records
        self.down = False
        self.asked: list[str] = []
        self.overlap: Mapping[str, Any] = {
            "releases": [], "groups": [], "threshold": 10, "left_out": {"releases": 0, "groups": 0}
        }  # fmt: skip

    def overlaps(self, project: str) -> Mapping[str, Any]:
        self.asked.append(project)
        if self.down:
            raise Refusal("not_running", "The engine does not answer.", "Start it.")
        return self.overlap

    def certify_output(self, request_id: str) -> Mapping[str, Any]:
        self.asked.append(request_id)
        if self.down:
            raise Refusal("not_running", "The engine does not answer.", "Start it.")
        request = self._records.outputs.find(request_id)
        assert request is not None
        said = {"kind": "output", "release": request_id, "content_sha256": request.content}
        return {"statement": said, "signature": "0" * 128}


class Desk:
    """ports.RegistryDesk that notes what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    def load(self, pack: Path) -> Mapping[str, Any]:
        raise NotImplementedError

    def publish(self, dataset: str, version: str) -> None:
        self.told.append(("publish", dataset, version))

    def rollback(self, dataset: str) -> str:
        self.told.append(("rollback", dataset))
        return "1.0.0"

    def build_view(self, permit: Mapping[str, Any]) -> Mapping[str, Any]:
        raise NotImplementedError


class Catalogue:
    """ViewCatalogue with one dataset described."""

    def describe(self, project: str, version: str) -> Mapping[str, Any] | None:
        sex = {"type": "string", "label": {"nb": "Kjønn", "en": "Sex"}, "unit": None,
               "codes": {"F": {"nb": "kvinne", "en": "female"}, "M": {"nb": "mann", "en": "male"}},
               "minimum": None, "maximum": None, "role": "attribute"}  # fmt: skip
        bmi = {"type": "float", "label": {"nb": "Kroppsmasseindeks", "en": "Body mass index"},
               "unit": "kg/m²", "codes": None, "minimum": 9.0, "maximum": 85.0,
               "role": "measure"}  # fmt: skip
        person = {"registry": "nafld_base", "version": "1.0.0", "temporality": "FIXED",
                  "kind": "person", "label": {"nb": "Personer", "en": "Persons"},
                  "columns": {"sex": sex, "bmi": bmi}}  # fmt: skip
        return {"project": project, "version": version, "persons": 17549,
                "datasets": {"nafld_person": person}}  # fmt: skip


@dataclass
class World:
    """The services and everything behind them."""

    services: PortalServices
    signin: PeopleAtTheDoor
    records: FakeRecords
    blobs: FakeBlobs
    engine: Engine
    desk: Desk


def build_world(folder: Path, signers: frozenset[bytes] = frozenset()) -> World:
    """A new instance with one project and nothing else in it yet."""
    clock = StillClock()
    records, blobs, desk = FakeRecords(clock), FakeBlobs(), Desk()
    engine = Engine(records)
    services = PortalServices(
        records=records,
        desk=desk,
        blobs=blobs,
        certifier=engine,
        overlaps=engine,
        clock=clock,
        catalogue=Catalogue(),
        spool=folder / "spool",
        facts=Facts("0123456789abcdef", "demo", signers),
    )
    held = permit()
    records.permits.grant(held, AuditEvent(What.PERMIT_GRANT, "os:test", held.project))
    built = AuditEvent(What.DATA_VIEW_BUILD, "os:test", held.project)
    records.permits.set_view(held.project, "v1", built)
    return World(services, PeopleAtTheDoor(), records, blobs, engine, desk)


def permit(until: date = date(2027, 6, 30), project: str = PROJECT) -> Permit:
    return Permit(
        project=project,
        title="Liver disease and mortality",
        purpose="Whether non-alcoholic fatty liver disease shortens life, by sex and age.",
        legal_basis="GDPR art. 6(1)(e), 9(2)(j)",
        valid_from=date(2026, 1, 1),
        valid_until=until,
        members=(
            Member(user="researcher", role=Role.LEAD),
            Member(user="colleague"),
            Member(user="member-officer"),
        ),
        datasets=(
            DatasetGrant(dataset="nafld_person", variables=("sex", "bmi")),
            DatasetGrant(dataset="nafld_measurement", variables=("test", "value")),
        ),
        budget_rho="1/2",
        sealed_runs=True,
    )


def add_output(
    world: World,
    run: str,
    files: Mapping[str, bytes],
    severity: str = "note",
    minutes: int = 30,
    author: str = "researcher",
) -> OutputRequest:
    """A submitted request, `minutes` old, each file with one finding of the severity."""
    finding = {
        "rule": "small_counts",
        "severity": severity,
        "text": {"nb": "To kolonner ser ut som antall.", "en": "Two columns look like counts."},
        "remedy": {"nb": "Rund av til 5.", "en": "Round to 5."},
        "cells": 2,
    }
    listed = tuple(
        OutputFile(name, world.blobs.put(content), len(content), (finding,))
        for name, content in files.items()
    )
    request = OutputRequest(
        id=request_id(run),
        project=PROJECT,
        author=author,
        run=run,
        state=OutputState.SUBMITTED,
        files=listed,
        content=content_of(listed),
        created=NOW - timedelta(minutes=minutes),
    )
    event = AuditEvent(What.OUTPUT_REQUEST_SUBMIT, author, request.id)
    world.records.outputs.submit(request, event)
    return request


BODY: Mapping[str, Any] = {
    "kind": "crosstab",
    "dimensions": [
        {"name": "sex", "label": {"nb": "Kjønn", "en": "Sex"},
         "labels": {"F": {"nb": "kvinne", "en": "female"}, "M": {"nb": "mann", "en": "male"}}},
        {"name": "age", "label": {"nb": "Alder", "en": "Age"}, "labels": {}},
    ],
    "cells": [
        {"codes": list(codes), "values": {"n": n}, "mark": mark, "reason": ""}
        for codes, n, mark in (
            (("F", "<40"), 1204, ""), (("F", "40–<60"), 3811, ""), (("F", "Σ"), 5015, ""),
            (("M", "<40"), None, "primary"), (("M", "40–<60"), 3300, ""),
            (("M", "Σ"), None, "complementary"), (("Σ", "<40"), None, "complementary"),
            (("Σ", "40–<60"), 7111, ""), (("Σ", "Σ"), 8320, ""),
        )
    ],
    "findings": [
        {"rule": "threshold", "severity": "withheld", "cells": 1,
         "text": {"nb": "Celler med færre enn 10 personer er holdt tilbake.",
                  "en": "Cells with fewer than 10 persons are withheld."},
         "remedy": {"nb": "Slå sammen aldersgrupper.", "en": "Merge age groups."}},
    ],
}  # fmt: skip


def add_release(world: World, mark: str = "a", body: Mapping[str, Any] = BODY) -> Release:
    """A released table of the researcher's."""
    fingerprint = hashlib.sha256(mark.encode()).hexdigest()
    release = Release(
        id=fingerprint[:16],
        project=PROJECT,
        user="researcher",
        plan="{}",
        fingerprint=fingerprint,
        view_version="v1",
        policy="default 1",
        body=body,
        certificate={"statement": {"release": fingerprint[:16]}, "signature": "0" * 128},
        rho=Fraction(1, 10),
        created=NOW - timedelta(minutes=10),
    )
    event = AuditEvent(What.PLAN_RELEASE, "researcher", release.id)
    return world.records.releases.record(release, None, event)


REPORT: Mapping[str, Any] = {
    "v": 1, "dataset": "nafld_measurement", "version": "1.1.0", "contract": "c" * 64,
    "rows": 400123, "quarantined": 3, "verdict": "warn",
    "findings": [
        {"phase": "values", "rule": "unknown_code", "severity": "quarantine", "column": "test",
         "count": 23, "rows": list(range(17, 37)), "detail": "",
         "text": {"nb": "23 rader har en kode som ikke står i kodelisten.",
                  "en": "23 rows hold a code that is not in the code list."},
         "remedy": {"nb": "Rett kodene eller utvid kodelisten.",
                    "en": "Mend the codes or extend the code list."}},
        {"phase": "comparison", "rule": "fewer_rows", "severity": "warn", "column": "",
         "count": 1, "rows": [], "detail": "",
         "text": {"nb": "Færre rader enn forrige versjon.", "en": "Fewer rows than last version."},
         "remedy": {"nb": "Se om uttrekket er helt.", "en": "See that the extract is whole."}},
    ],
}  # fmt: skip


def add_load(world: World, version: str, state: str, registry: str = REGISTRY) -> LoadRecord:
    """A load of the lab registry."""
    load = LoadRecord(f"load-{version}", registry, "nafld_measurement", version, state, REPORT, NOW)
    what = What.DATA_LOAD_REFUSE if state == "refused" else What.DATA_LOAD_STAGE
    world.records.loads.add(load, AuditEvent(what, "owner-lab", load.id))
    return load


def release_now(world: World, request: OutputRequest) -> OutputRequest:
    """Approve and release a request, as the officer and the engine would."""
    services, officer = world.services, PEOPLE["officer"]
    approve(
        world.records, services.clock, officer, request.id, content=request.content, comment="Fine."
    )
    return release_output(world.records, world.blobs, world.engine, request.id)
