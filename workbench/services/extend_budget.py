"""Grant more to a privacy account: a project's own, or what it may spend on one registry."""

from fractions import Fraction

from workbench.domain.audit import AuditEvent, What
from workbench.domain.budget import Extension
from workbench.domain.errors import Refusal
from workbench.ports import Clock, Records

__all__ = ["extend_budget"]


def extend_budget(
    records: Records,
    clock: Clock,
    project: str,
    rho: str,
    *,
    registry: str = "",
    who: str,
    why: str,
) -> Extension:
    """Record an extension with its reason; the permit and the policy stay as they are.

    rho: exact, as "1/4". registry: "" for the project's own account. who: an account or `os:name`.
    Raises Refusal: bad_extension, reason_missing, no_permit.
    """
    try:
        amount = Fraction(rho)
    except (ValueError, ZeroDivisionError):
        raise Refusal(
            "bad_extension",
            "The extension is not an exact fraction.",
            'Write it as "1/4" or "0.25".',
        ) from None
    extension = Extension(project, registry, amount, who, why.strip(), clock.now())
    details = {"rho": str(amount), "registry": registry}
    records.releases.extend(
        extension, AuditEvent(What.PERMIT_EXTEND, who, project, why.strip(), details)
    )
    return extension
