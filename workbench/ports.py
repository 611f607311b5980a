"""What the services need from the world. Every mutating method takes the audit event it causes.

Adapters implement these; fakes in tests/lib pass the same contract suite (tests/contracts).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from workbench.domain.audit import AuditEvent
from workbench.domain.budget import Account, Charge, Extension, RegistryAccount
from workbench.domain.chain import Anchor
from workbench.domain.output import OutputRequest, OutputState, Review
from workbench.domain.permit import Permit, PermitState
from workbench.domain.release import Membership, Release

__all__ = [
    "AuditEntry",
    "AuditLog",
    "Blobs",
    "Catalogue",
    "CatalogueVariable",
    "Certifier",
    "Clock",
    "EndSigner",
    "HeldPermit",
    "LoadBook",
    "LoadRecord",
    "OutputBook",
    "OverlapDesk",
    "PermitBook",
    "PortalClient",
    "Records",
    "RegistryDesk",
    "Rejudger",
    "ReleaseBook",
    "SignIn",
]  # fmt: skip


class Clock(Protocol):
    """The time, as an argument."""

    def now(self) -> datetime:
        """The time in UTC, with its time zone."""


@dataclass(frozen=True)
class AuditEntry:
    """An event in its place in the chain; see workbench.domain.chain.link."""

    position: int
    at: datetime
    event: AuditEvent
    previous: str
    hash: str
    salt: str


class AuditLog(Protocol):
    """The append-only, hash-chained log."""

    def append(self, event: AuditEvent, *, once: str = "") -> AuditEntry:
        """Add one event at the end of the chain.

        once: a name of the occasion; a second append under the same name changes nothing and
        returns the first entry, so that whoever was interrupted may try again.
        """

    def entries(self, start: int = 0) -> Iterator[AuditEntry]:
        """The chain in order from a position (the first is 1)."""

    def anchors(self) -> Iterator[Anchor]:
        """Every place in the chain that another record points to, and its recorded end."""


@dataclass(frozen=True)
class HeldPermit:
    """A permit as it stands: its state and the view built for it ("" before the first build)."""

    permit: Permit
    state: PermitState
    view_version: str


class PermitBook(Protocol):
    """Permits and their state."""

    def grant(self, permit: Permit, event: AuditEvent) -> None:
        """Add a permit or amend the one of the same project."""

    def set_state(self, project: str, state: PermitState, event: AuditEvent) -> None:
        """Suspend, revoke or reactivate."""

    def set_view(self, project: str, view_version: str, event: AuditEvent) -> None:
        """Note the view that was built for the project."""

    def find(self, project: str) -> HeldPermit | None:
        """The permit of a project."""

    def all(self) -> Sequence[HeldPermit]:
        """Every permit, by project."""


class ReleaseBook(Protocol):
    """Releases, their ledger memberships and the privacy account, moved together."""

    def record(
        self,
        release: Release,
        membership: Membership | None,
        event: AuditEvent,
        charged: Sequence[Charge] = (),
    ) -> Release:
        """Release, membership, charges and audit event in one transaction.

        charged: the registries' accounts that the release is paid from, beside the project's. If a
        release with the same fingerprint was recorded meanwhile, that one is returned and nothing
        is charged. Raises Refusal("budget_exhausted", "registry_budget_exhausted") when
        spent + rho > granted in one of the accounts.
        """

    def extend(self, extension: Extension, event: AuditEvent) -> None:
        """Grant more to an account; Refusal without a permit, a reason, or a possible amount."""

    def extensions(self, project: str) -> Sequence[Extension]:
        """What was granted to a project beyond its permit and policy, oldest first."""

    def registry_accounts(self, project: str) -> Sequence[RegistryAccount]:
        """What a project has spent on each registry's data, by registry."""

    def by_fingerprint(self, project: str, fingerprint: str) -> Release | None:
        """The release that answered the same question before."""

    def find(self, release: str) -> Release | None:
        """A release by id."""

    def of_project(self, project: str) -> Sequence[Release]:
        """All releases of a project, oldest first."""

    def memberships(self, project: str) -> Sequence[Membership]:
        """The ledger of a project, oldest first."""

    def account(self, project: str) -> Account:
        """The privacy account; granted comes from the permit and its extensions."""


class OutputBook(Protocol):
    """Output requests and their reviews."""

    def submit(self, request: OutputRequest, event: AuditEvent) -> None:
        """Add a request; a second submission of the same run changes nothing."""

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
        """Change state if it is still `expected`; Refusal("moved_on") otherwise."""

    def find(self, request: str) -> OutputRequest | None:
        """A request by id."""

    def waiting(self) -> Sequence[OutputRequest]:
        """Submitted requests, oldest first."""

    def in_state(self, state: OutputState) -> Sequence[OutputRequest]:
        """Requests that stand in a state, oldest first."""

    def of_project(self, project: str) -> Sequence[OutputRequest]:
        """All requests of a project, newest first."""


@dataclass(frozen=True)
class LoadRecord:
    """A load as owners see it: id, dataset, version, state (staged, published, superseded,
    rolled_back, refused) and the validation report (JSON, counts only)."""

    id: str
    registry: str
    dataset: str
    version: str
    state: str
    report: Mapping[str, Any]
    at: datetime


class LoadBook(Protocol):
    """Loads and their reports."""

    def add(self, load: LoadRecord, event: AuditEvent) -> None:
        """Note a staged or refused load."""

    def set_state(self, load: str, state: str, event: AuditEvent) -> None:
        """Note what became of it."""

    def find(self, load: str) -> LoadRecord | None:
        """A load by id."""

    def all(self) -> Sequence[LoadRecord]:
        """Every load, newest first."""


class Records(Protocol):
    """The storage of record, one database."""

    @property
    def audit(self) -> AuditLog:
        """The audit log."""

    @property
    def permits(self) -> PermitBook:
        """Permits."""

    @property
    def releases(self) -> ReleaseBook:
        """Releases, ledger and budget."""

    @property
    def outputs(self) -> OutputBook:
        """Output requests."""

    @property
    def loads(self) -> LoadBook:
        """Loads."""


class Blobs(Protocol):
    """Files addressed by the SHA-256 of their bytes."""

    def put(self, content: bytes) -> str:
        """Store bytes (temporary name, fsync, rename); returns their SHA-256."""

    def get(self, sha256: str) -> bytes:
        """The bytes; Fault when they no longer match their address."""


@dataclass(frozen=True)
class CatalogueVariable:
    """A variable of a published dataset: name, STRING|LONG|DOUBLE|DATE|BOOLEAN, label by language,
    and how many codes its value domain lists (0: none)."""

    name: str
    data_type: str
    label: Mapping[str, str]
    codes: int = 0


class Catalogue(Protocol):
    """What registries have published, by their contracts; no row."""

    def variables(self, dataset: str) -> Sequence[CatalogueVariable]:
        """The variables of the current version; Refusal("not_published") without one."""


class Certifier(Protocol):
    """The engine's side of the airlock (adapter: the engine's control socket)."""

    def certify_output(self, request_id: str) -> Mapping[str, Any]:
        """The signed certificate of an approved output request.

        The engine reads the request itself and refuses what no officer approved. Raises
        Refusal("not_running") when it does not answer.
        """


class OverlapDesk(Protocol):
    """The engine's word on how a project's releases overlap (adapter: its control socket)."""

    def overlaps(self, project: str) -> Mapping[str, Any]:
        """Groups of persons by the releases they are in; see workbench.engine.overlapping.

        Raises Refusal("not_running") when the engine does not answer, and its own refusals.
        """


class EndSigner(Protocol):
    """The engine's word on where its log ends (adapter: the engine's control socket)."""

    def sign_end(self, instance: str, project: str) -> Mapping[str, Any]:
        """A checkpoint, see disclosure.certificate.checkpoint; Refusal("not_running")."""


class Rejudger(Protocol):
    """The engine's word on another policy (adapter: the engine's control socket)."""

    def rejudge(self, release: str, layer: str) -> Mapping[str, Any]:
        """{"outcome", "rules", "before", "after"}; Refusal for a layer that could never count."""


@dataclass(frozen=True)
class SignIn:
    """How a command meets the portal: a hub token, or an account and its password."""

    url: str
    token: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)


class PortalClient(Protocol):
    """The portal's JSON API as a command uses it; every method raises the portal's Refusal."""

    def outputs(self) -> Sequence[Mapping[str, Any]]:
        """The requests that the signed-in person may see."""

    def output(self, request: str) -> Mapping[str, Any]:
        """One request."""

    def output_file(self, request: str, sha256: str) -> bytes:
        """One file of a request; the bytes match their address."""

    def output_code(self, request: str) -> str | None:
        """The code of the run behind a request, for its officers; None when none was kept."""

    def decide(
        self,
        request: str,
        decision: Literal["approve", "return", "reject"],
        comment: str,
        content: str = "",
    ) -> Mapping[str, Any]:
        """An officer's decision; returns the request as it then stands.

        content: the content hash that the officer saw; "" binds to what is there now.
        """

    def output_certificate(self, request: str) -> Mapping[str, Any]:
        """The certificate of a released request."""

    def close(self) -> None:
        """Hang up, and give back a token that was taken for this visit."""


class RegistryDesk(Protocol):
    """The linker's side for owners and case handlers (adapter: pseudonym.linker's client)."""

    def load(self, pack: Path) -> Mapping[str, Any]:
        """Open, validate, pseudonymise and stage a pack.

        Returns {"load", "registry", "dataset", "version", "state": "staged"|"refused", "report"}.
        """

    def publish(self, dataset: str, version: str) -> None:
        """One pointer switch."""

    def rollback(self, dataset: str) -> str:
        """Back to the version published before; returns it."""

    def build_view(self, permit: Mapping[str, Any]) -> Mapping[str, Any]:
        """Build (or re-use) the project's view and its twin: {"version", "path", "report"}."""
