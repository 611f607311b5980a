"""Suspend, resume or revoke a permit; running kernels end with the permit."""

from workbench.domain.audit import AuditEvent
from workbench.domain.errors import Refusal
from workbench.domain.permit import PermitState
from workbench.domain.transitions import PERMIT_EVENT
from workbench.ports import HeldPermit, Records

__all__ = ["resume_permit", "revoke_permit", "suspend_permit"]


def suspend_permit(records: Records, project: str, *, who: str, why: str) -> HeldPermit:
    """Close the project until it is resumed; `why` is mandatory. Raises Refusal."""
    return _set(records, project, PermitState.SUSPENDED, who, why)


def resume_permit(records: Records, project: str, *, who: str, why: str) -> HeldPermit:
    """Open a suspended project again; `why` is mandatory. Raises Refusal."""
    return _set(records, project, PermitState.ACTIVE, who, why)


def revoke_permit(records: Records, project: str, *, who: str, why: str) -> HeldPermit:
    """Close the project for good; `why` is mandatory. Raises Refusal."""
    return _set(records, project, PermitState.REVOKED, who, why)


def _set(records: Records, project: str, state: PermitState, who: str, why: str) -> HeldPermit:
    if not why.strip():
        raise Refusal(
            "reason_missing", "This step needs a reason.", "Give one; it goes into the audit log."
        )
    event = AuditEvent(PERMIT_EVENT[state], who, project, why.strip())
    records.permits.set_state(project, state, event)
    held = records.permits.find(project)
    if held is None:
        raise Refusal("no_permit", "This project has no permit.", "Grant one first.")
    return held
