"""Audit events: who did what to which thing, when and why. Never a data value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["AuditEvent", "What"]


class What(StrEnum):
    """Everything that is ever audited, `scope:resource:action`, sorted."""

    ACCOUNT_ENTRY_CHANGE = "account:entry:change"
    ACCOUNT_SESSION_END = "account:session:end"
    ACCOUNT_SESSION_OPEN = "account:session:open"
    DATA_LOAD_PUBLISH = "data:load:publish"
    DATA_LOAD_REFUSE = "data:load:refuse"
    DATA_LOAD_ROLLBACK = "data:load:rollback"
    DATA_LOAD_STAGE = "data:load:stage"
    DATA_REPORT_VIEW = "data:report:view"
    DATA_VIEW_BUILD = "data:view:build"
    KERNEL_CELLS = "kernel:cells:spend"
    KERNEL_END = "kernel:run:end"
    KERNEL_START = "kernel:run:start"
    OUTPUT_FILE_COLLECT = "output:file:collect"
    OUTPUT_FILE_DOWNLOAD = "output:file:download"
    OUTPUT_FILE_VIEW = "output:file:view"
    OUTPUT_REQUEST_APPROVE = "output:request:approve"
    OUTPUT_REQUEST_REJECT = "output:request:reject"
    OUTPUT_REQUEST_RELEASE = "output:request:release"
    OUTPUT_REQUEST_RETURN = "output:request:return"
    OUTPUT_REQUEST_SUBMIT = "output:request:submit"
    OUTPUT_REQUEST_VIEW = "output:request:view"
    OUTPUT_REQUEST_WITHDRAW = "output:request:withdraw"
    OUTPUT_RUN_REFUSE = "output:run:refuse"
    PERMIT_EXTEND = "permit:budget:extend"
    PERMIT_GRANT = "permit:project:grant"
    PERMIT_RESUME = "permit:project:resume"
    PERMIT_REVOKE = "permit:project:revoke"
    PERMIT_SUSPEND = "permit:project:suspend"
    PLAN_CALM = "plan:behaviour:calm"
    PLAN_SLOW = "plan:behaviour:slow"
    PLAN_FIX = "plan:run:fix"
    PLAN_REFUSE = "plan:run:refuse"
    PLAN_RELEASE = "plan:run:release"
    PLAN_REPLAY = "plan:run:replay"
    POLICY_LAYER_INSTALL = "policy:layer:install"
    POLICY_LAYER_REPLAY = "policy:layer:replay"
    POLICY_SIGNER_TRUST = "policy:signer:trust"
    RELEASE_DOWNLOAD = "release:file:download"


@dataclass(frozen=True)
class AuditEvent:
    """One event: `who` is an account or `service:name`; details hold hashes and counts only."""

    what: What
    who: str
    subject: str
    why: str = ""
    details: Mapping[str, str | int] = field(default_factory=dict)
