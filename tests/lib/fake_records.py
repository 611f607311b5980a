"""The storage of record in memory: a real implementation of the ports, under the contract suite."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, TypeVar

from workbench.domain.audit import AuditEvent
from workbench.domain.budget import (
    Account,
    Charge,
    Extension,
    RegistryAccount,
    check_extension,
)
from workbench.domain.chain import GENESIS, Anchor, link
from workbench.domain.errors import Fault, Refusal
from workbench.domain.output import OutputRequest, OutputState, Review
from workbench.domain.permit import Permit, PermitState
from workbench.domain.release import Membership, Release, check_charge
from workbench.domain.transitions import check_output_move, check_permit_move, check_submission
from workbench.ports import AuditEntry, Clock, HeldPermit, LoadRecord

T = TypeVar("T")


class FakeClock:
    """ports.Clock that only moves when told, a second at a time when `ticking`."""

    def __init__(self, at: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)) -> None:
        self.at = at
        self.ticking = True

    def now(self) -> datetime:
        if self.ticking:
            self.at += timedelta(seconds=1)
        return self.at


class FakeAuditLog:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.chain: list[AuditEntry] = []
        self.pointers: dict[tuple[str, str], Anchor] = {}
        self._once: dict[str, AuditEntry] = {}
        self.lock = threading.RLock()

    def append(self, event: AuditEvent, *, once: str = "") -> AuditEntry:
        with self.lock:
            if once and once in self._once:
                return self._once[once]
            previous = self.chain[-1].hash if self.chain else GENESIS
            position, at = len(self.chain) + 1, self._clock.now()
            salt = hashlib.sha256(str(position).encode()).hexdigest()[:32]
            mark = link(previous, position, at, event, salt)
            entry = AuditEntry(position, at, event, previous, mark, salt)
            self.chain.append(entry)
            if once:
                self._once[once] = entry
            return entry

    def entries(self, start: int = 0) -> Iterator[AuditEntry]:
        yield from [entry for entry in self.chain if entry.position >= start]

    def anchors(self) -> Iterator[Anchor]:
        if self.chain:
            yield Anchor("head", self.chain[-1].position, self.chain[-1].hash)
        yield from self.pointers.values()

    def point(self, table: str, key: str, event: AuditEvent) -> None:
        entry = self.append(event)
        self.pointers[table, key] = Anchor(table, entry.position, entry.hash)


def _locked(method: Callable[..., T]) -> Callable[..., T]:
    def whole(self: Any, *args: Any, **kwargs: Any) -> T:
        with self._log.lock:
            return method(self, *args, **kwargs)

    return whole


class FakePermitBook:
    def __init__(self, log: FakeAuditLog) -> None:
        self._log = log
        self.held: dict[str, HeldPermit] = {}

    @_locked
    def grant(self, permit: Permit, event: AuditEvent) -> None:
        before = self.held.get(permit.project)
        if before is not None and before.state is PermitState.REVOKED:
            raise Refusal("revoked", "The permit was revoked.", "Grant a new project.")
        self._log.point("permits", permit.project, event)
        self.held[permit.project] = HeldPermit(
            permit,
            before.state if before else PermitState.ACTIVE,
            before.view_version if before else "",
        )

    @_locked
    def set_state(self, project: str, state: PermitState, event: AuditEvent) -> None:
        held = self._known(project)
        check_permit_move(held.state, state)
        self._log.point("permits", project, event)
        self.held[project] = replace(held, state=state)

    @_locked
    def set_view(self, project: str, view_version: str, event: AuditEvent) -> None:
        held = self._known(project)
        self._log.point("permits", project, event)
        self.held[project] = replace(held, view_version=view_version)

    def find(self, project: str) -> HeldPermit | None:
        return self.held.get(project)

    def all(self) -> Sequence[HeldPermit]:
        return tuple(self.held[project] for project in sorted(self.held))

    def _known(self, project: str) -> HeldPermit:
        if project not in self.held:
            raise Refusal("no_permit", "This project has no permit.", "Grant one.")
        return self.held[project]


class FakeReleaseBook:
    def __init__(self, log: FakeAuditLog, permits: FakePermitBook) -> None:
        self._log = log
        self._permits = permits
        self._releases: list[Release] = []
        self._memberships: dict[str, Membership] = {}
        self._paid: dict[str, set[str]] = {}
        self._extensions: list[Extension] = []

    @_locked
    def record(
        self,
        release: Release,
        membership: Membership | None,
        event: AuditEvent,
        charged: Sequence[Charge] = (),
    ) -> Release:
        before = self.by_fingerprint(release.project, release.fingerprint)
        if before is not None:
            return before
        held = self._permits.find(release.project)
        account = self.account(release.project)
        registries = [(one, self._registry(release.project, one.registry)) for one in charged]
        check_charge(account, release, held.state if held else None, membership, registries)
        self._log.point("releases", release.id, event)
        if release.rho:
            self._paid[release.id] = {one.registry for one in charged}
        self._releases.append(release)
        if membership is not None:
            self._memberships[release.id] = membership
        return release

    def by_fingerprint(self, project: str, fingerprint: str) -> Release | None:
        found = [r for r in self.of_project(project) if r.fingerprint == fingerprint]
        return found[0] if found else None

    def find(self, release: str) -> Release | None:
        return next((r for r in self._releases if r.id == release), None)

    def of_project(self, project: str) -> Sequence[Release]:
        return tuple(r for r in self._releases if r.project == project)

    def memberships(self, project: str) -> Sequence[Membership]:
        ids = [r.id for r in self.of_project(project)]
        return tuple(self._memberships[one] for one in ids if one in self._memberships)

    def account(self, project: str) -> Account:
        held = self._permits.find(project)
        granted = Fraction(held.permit.budget_rho) if held else Fraction(0)
        return Account(
            project,
            granted + self._extended(project, ""),
            sum((r.rho for r in self.of_project(project)), Fraction(0)),
        )

    @_locked
    def extend(self, extension: Extension, event: AuditEvent) -> None:
        check_extension(extension)
        self._permits._known(extension.project)
        self._log.point("extensions", str(len(self._extensions)), event)
        self._extensions.append(extension)

    def extensions(self, project: str) -> Sequence[Extension]:
        return tuple(one for one in self._extensions if one.project == project)

    def registry_accounts(self, project: str) -> Sequence[RegistryAccount]:
        paid = {name for r in self.of_project(project) for name in self._paid.get(r.id, ())}
        more = {one.registry for one in self.extensions(project) if one.registry}
        return tuple(self._registry(project, name) for name in sorted(paid | more))

    def _registry(self, project: str, registry: str) -> RegistryAccount:
        spent = [r.rho for r in self.of_project(project) if registry in self._paid.get(r.id, ())]
        extended = self._extended(project, registry)
        return RegistryAccount(project, registry, sum(spent, Fraction(0)), extended)

    def _extended(self, project: str, registry: str) -> Fraction:
        found = [one.rho for one in self.extensions(project) if one.registry == registry]
        return sum(found, Fraction(0))


class FakeOutputBook:
    def __init__(self, log: FakeAuditLog) -> None:
        self._log = log
        self._requests: dict[str, OutputRequest] = {}

    @_locked
    def submit(self, request: OutputRequest, event: AuditEvent) -> None:
        check_submission(request)
        if any(known.run == request.run for known in self._requests.values()):
            return
        self._log.point("outputs", request.id, event)
        self._requests[request.id] = request

    @_locked
    def move(
        self,
        request: str,
        expected: OutputState,
        state: OutputState,
        event: AuditEvent,
        *,
        review: Review | None = None,
        certificate: Mapping[str, Any] | None = None,
    ) -> None:
        found = self._requests.get(request)
        if found is None:
            raise Refusal("no_request", "There is no such request.", "Look again.")
        if found.state is not expected:
            raise Refusal("moved_on", f"It is {found.state} by now.", "Look again.")
        check_output_move(found, state, review, certificate)
        self._log.point("outputs", request, event)
        self._requests[request] = replace(
            found,
            state=state,
            reviews=(*found.reviews, review) if review else found.reviews,
            certificate=certificate or found.certificate,
        )

    def find(self, request: str) -> OutputRequest | None:
        return self._requests.get(request)

    def waiting(self) -> Sequence[OutputRequest]:
        return self.in_state(OutputState.SUBMITTED)

    def in_state(self, state: OutputState) -> Sequence[OutputRequest]:
        return tuple(r for r in self._ordered() if r.state is state)

    def of_project(self, project: str) -> Sequence[OutputRequest]:
        return tuple(r for r in self._ordered()[::-1] if r.project == project)

    def _ordered(self) -> list[OutputRequest]:
        return sorted(self._requests.values(), key=lambda r: (r.created, r.id))


class FakeLoadBook:
    def __init__(self, log: FakeAuditLog) -> None:
        self._log = log
        self._loads: dict[str, LoadRecord] = {}

    @_locked
    def add(self, load: LoadRecord, event: AuditEvent) -> None:
        if load.id not in self._loads:
            self._log.point("loads", load.id, event)
            self._loads[load.id] = load

    @_locked
    def set_state(self, load: str, state: str, event: AuditEvent) -> None:
        if load not in self._loads:
            raise Refusal("no_load", "There is no such load.", "Look at the list of loads.")
        self._log.point("loads", load, event)
        self._loads[load] = replace(self._loads[load], state=state)

    def find(self, load: str) -> LoadRecord | None:
        return self._loads.get(load)

    def all(self) -> Sequence[LoadRecord]:
        return tuple(sorted(self._loads.values(), key=lambda one: (one.at, one.id), reverse=True))


class FakeRecords:
    """ports.Records in memory."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._audit = FakeAuditLog(clock or FakeClock())
        self._permits = FakePermitBook(self._audit)
        self._releases = FakeReleaseBook(self._audit, self._permits)
        self._outputs = FakeOutputBook(self._audit)
        self._loads = FakeLoadBook(self._audit)

    @property
    def audit(self) -> FakeAuditLog:
        return self._audit

    @property
    def permits(self) -> FakePermitBook:
        return self._permits

    @property
    def releases(self) -> FakeReleaseBook:
        return self._releases

    @property
    def outputs(self) -> FakeOutputBook:
        return self._outputs

    @property
    def loads(self) -> FakeLoadBook:
        return self._loads


class FakeBlobs:
    """ports.Blobs in memory; `content` may be changed by a test."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:

        address = hashlib.sha256(content).hexdigest()
        self.content[address] = content
        return address

    def get(self, sha256: str) -> bytes:

        if sha256 not in self.content:
            raise Refusal("no_file", "There is no such file.", "Look at the request again.")
        if hashlib.sha256(self.content[sha256]).hexdigest() != sha256:
            raise Fault("a stored file no longer matches its address", "0000")
        return self.content[sha256]
