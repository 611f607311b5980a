"""WHO may do what: pairs of `check_x` (raises a Refusal with the reason) and `x` (bool, display).

What a state allows stands in workbench/domain/transitions.py. Everything not said here is denied.
Membership comes from the permit, every other role from the hub's groups.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import ParamSpec

from workbench.domain.errors import Refusal
from workbench.domain.output import OutputRequest
from workbench.domain.permit import Permit, PermitState, Role

__all__ = [
    "AUDITORS",
    "CHECKS",
    "OFFICERS",
    "Permission",
    "Person",
    "check_download_output",
    "check_download_release",
    "check_open_project",
    "check_publish_load",
    "check_read_audit",
    "check_read_load",
    "check_read_output",
    "check_read_project",
    "check_review_output",
    "check_withdraw_output",
    "download_output",
    "download_release",
    "open_project",
    "owners_of",
    "publish_load",
    "read_audit",
    "read_load",
    "read_output",
    "read_project",
    "review_output",
    "withdraw_output",
]  # fmt: skip

OFFICERS = "officers"
"""The hub group of the disclosure officers."""
AUDITORS = "auditors"
"""The hub group of those who may read the whole audit log, and nothing else."""


def owners_of(registry: str) -> str:
    """The hub group of the owners of a registry."""
    return f"owners-{registry}"


class Permission(StrEnum):
    """Everything that is ever permitted, `scope:resource:action`, sorted."""

    AUDIT_CHAIN_READ = "audit:chain:read"
    DATA_LOAD_PUBLISH = "data:load:publish"
    DATA_LOAD_READ = "data:load:read"
    OUTPUT_FILE_DOWNLOAD = "output:file:download"
    OUTPUT_REQUEST_READ = "output:request:read"
    OUTPUT_REQUEST_REVIEW = "output:request:review"
    OUTPUT_REQUEST_WITHDRAW = "output:request:withdraw"
    PROJECT_OPEN = "project:kernel:open"
    PROJECT_READ = "project:permit:read"
    RELEASE_FILE_DOWNLOAD = "release:file:download"


@dataclass(frozen=True)
class Person:
    """Who asks: the hub's account name and groups, as the hub itself told them."""

    name: str
    groups: frozenset[str] = frozenset()


def _denied(reason: str, remedy: str) -> Refusal:
    return Refusal("not_permitted", reason, remedy)


Args = ParamSpec("Args")


def _shown(check: Callable[Args, None]) -> Callable[Args, bool]:
    """The display twin of a check: True where the check would pass."""

    def allowed(*args: Args.args, **kwargs: Args.kwargs) -> bool:
        try:
            check(*args, **kwargs)
        except Refusal:
            return False
        return True

    allowed.__name__ = check.__name__.removeprefix("check_")
    allowed.__doc__ = f"Whether `{check.__name__}` would pass; for display only."
    return allowed


def check_read_audit(person: Person) -> None:
    """Auditors read the log; nobody else does."""
    if AUDITORS not in person.groups:
        raise _denied("The audit log is for auditors.", f"Ask to join the group {AUDITORS}.")


def check_read_load(person: Person, registry: str) -> None:
    """Owners see the loads of their own registry; auditors see that they happened."""
    if owners_of(registry) not in person.groups and AUDITORS not in person.groups:
        raise _denied(
            "Loads are shown to the owners of their registry only.",
            f"Ask to join the group {owners_of(registry)}.",
        )


def check_publish_load(person: Person, registry: str) -> None:
    """Owners publish in their own registry only."""
    if owners_of(registry) not in person.groups:
        raise _denied(
            "Only the owners of a registry publish in it.",
            f"Ask someone of the group {owners_of(registry)}.",
        )


def check_read_project(person: Person, permit: Permit) -> None:
    """Members see their project."""
    if not permit.names(person.name):
        raise _denied("You are not a member of this project.", "Ask the project's lead to add you.")


def check_open_project(person: Person, permit: Permit, state: PermitState, today: date) -> None:
    """Members open their project's kernels while the permit is active and in its period."""
    check_read_project(person, permit)
    if state is not PermitState.ACTIVE:
        raise _denied(f"The project's permit is {state}.", "Ask your case handler why.")
    if not permit.covers(today):
        raise _denied(
            f"The permit is valid from {permit.valid_from} until {permit.valid_until}.",
            "Ask your case handler to extend it.",
        )


def check_review_output(person: Person, request: OutputRequest, permit: Permit) -> None:
    """Only officers review and see files, and never in a project of their own."""
    if OFFICERS not in person.groups:
        raise _denied("Only disclosure officers review outputs.", "Wait for an officer's decision.")
    if person.name == request.author:
        raise _denied("Nobody reviews a request of their own.", "Ask another officer.")
    if permit.names(person.name):
        raise _denied(
            "A member of the project does not review its outputs.", "Ask another officer."
        )


def check_read_output(person: Person, request: OutputRequest, permit: Permit) -> None:
    """Members follow the requests of their project; officers see those that they may review."""
    if permit.names(person.name) or AUDITORS in person.groups:
        return
    check_review_output(person, request, permit)


def check_withdraw_output(person: Person, request: OutputRequest, permit: Permit) -> None:
    """The author withdraws, or the project's lead."""
    lead = any(m.user == person.name and m.role is Role.LEAD for m in permit.members)
    if not lead and not (person.name == request.author and permit.names(person.name)):
        raise _denied(
            "Only the author or the project's lead withdraws a request.", "Ask one of them."
        )


def check_download_output(person: Person, permit: Permit, state: PermitState) -> None:
    """Members take released files home while the permit is neither suspended nor revoked."""
    check_read_project(person, permit)
    if state is not PermitState.ACTIVE:
        raise _denied(f"The project's permit is {state}.", "Ask your case handler why.")


def check_download_release(person: Person, permit: Permit, state: PermitState) -> None:
    """Members take released tables home on the same terms as released files."""
    check_download_output(person, permit, state)


read_audit = _shown(check_read_audit)
read_load = _shown(check_read_load)
publish_load = _shown(check_publish_load)
read_project = _shown(check_read_project)
open_project = _shown(check_open_project)
review_output = _shown(check_review_output)
read_output = _shown(check_read_output)
withdraw_output = _shown(check_withdraw_output)
download_output = _shown(check_download_output)
download_release = _shown(check_download_release)

CHECKS: Mapping[Permission, Callable[..., None]] = MappingProxyType(
    {
        Permission.AUDIT_CHAIN_READ: check_read_audit,
        Permission.DATA_LOAD_PUBLISH: check_publish_load,
        Permission.DATA_LOAD_READ: check_read_load,
        Permission.OUTPUT_FILE_DOWNLOAD: check_download_output,
        Permission.OUTPUT_REQUEST_READ: check_read_output,
        Permission.OUTPUT_REQUEST_REVIEW: check_review_output,
        Permission.OUTPUT_REQUEST_WITHDRAW: check_withdraw_output,
        Permission.PROJECT_OPEN: check_open_project,
        Permission.PROJECT_READ: check_read_project,
        Permission.RELEASE_FILE_DOWNLOAD: check_download_release,
    }
)
"""Which check guards which permission: total and disjoint, by test."""
