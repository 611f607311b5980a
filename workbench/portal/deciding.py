"""An officer's decision, from a page or a script: record it, then release what was approved."""

from enum import StrEnum

from workbench.domain.errors import Refusal
from workbench.domain.permissions import Person
from workbench.portal.services import PortalServices
from workbench.services.release_output import release_output
from workbench.services.review import approve, reject, return_to_author

__all__ = ["Decision", "decide"]


class Decision(StrEnum):
    """What an officer can say."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"


SERVICES = {
    Decision.APPROVE: approve,
    Decision.RETURN: return_to_author,
    Decision.REJECT: reject,
}


def decide(
    services: PortalServices,
    person: Person,
    request: str,
    decision: Decision,
    *,
    content: str,
    comment: str,
) -> bool:
    """Record the decision on exactly this content, and release at once if the engine answers.

    Returns whether everything is done; False while an approved output still waits for its
    certificate (the portal's heartbeat asks the engine again). Raises the services' Refusal.
    """
    SERVICES[decision](
        services.records, services.clock, person, request, content=content, comment=comment
    )
    if decision is not Decision.APPROVE:
        return True
    try:
        release_output(services.records, services.blobs, services.certifier, request)
    except Refusal:
        return False
    return True
