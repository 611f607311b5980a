"""A disclosure officer has looked at how a project asks, and lets it go on."""

from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.ports import Records

__all__ = ["calm_project"]


def calm_project(records: Records, project: str, *, who: str, why: str) -> None:
    """Forget what a project has asked so far; `why` is mandatory. Raises Refusal."""
    if not why.strip():
        raise Refusal(
            "reason_missing", "This step needs a reason.", "Give one; it goes into the audit log."
        )
    if records.permits.find(project) is None:
        raise Refusal("no_permit", "This project has no permit.", "See `workbench project list`.")
    records.audit.append(AuditEvent(What.PLAN_CALM, who, project, why.strip()))
