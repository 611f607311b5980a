"""Grant a permit: build the project's view first, then let the permit open it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.domain.permit import Permit, PermitState
from workbench.ports import HeldPermit, Records, RegistryDesk

__all__ = ["Granted", "grant_permit", "permit_hash"]


@dataclass(frozen=True)
class Granted:
    """The permit as it stands now, and the linkage report of its view (counts only)."""

    held: HeldPermit
    report: Mapping[str, Any]


def permit_hash(permit: Permit) -> str:
    """SHA-256 of the permit's JSON, 64 hex digits: what the audit log keeps of it."""
    return hashlib.sha256(permit.model_dump_json().encode()).hexdigest()


def grant_permit(
    records: Records, desk: RegistryDesk, permit: Permit, *, who: str, why: str = ""
) -> Granted:
    """Grant or amend a permit and build (or re-use) its view and twin.

    A dataset or variable that does not exist is refused by the desk before anything is recorded.
    who: an account or `os:name`. Raises Refusal.
    """
    before = records.permits.find(permit.project)
    if before is not None and before.state is PermitState.REVOKED:
        raise Refusal("revoked", "The permit of this project was revoked.", "Grant a new project.")
    built = desk.build_view(permit.model_dump(mode="json"))
    version = str(built["version"])
    records.permits.grant(
        permit,
        AuditEvent(
            What.PERMIT_GRANT,
            who,
            permit.project,
            why,
            {
                "permit": permit_hash(permit),
                "members": len(permit.members),
                "datasets": len(permit.datasets),
                "budget_rho": permit.budget_rho,
                "valid_until": permit.valid_until.isoformat(),
            },
        ),
    )
    records.permits.set_view(
        permit.project,
        version,
        AuditEvent(What.DATA_VIEW_BUILD, who, permit.project, why, {"version": version}),
    )
    held = records.permits.find(permit.project)
    if held is None:
        raise Refusal("no_permit", "The permit vanished while it was granted.", "Try again.")
    return Granted(held, built.get("report", {}))
