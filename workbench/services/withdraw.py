"""The author, or the project's lead, takes an output request back."""

from workbench.domain.audit import AuditEvent, What
from workbench.domain.output import OutputRequest, OutputState
from workbench.domain.permissions import Person, check_withdraw_output
from workbench.ports import Records
from workbench.services.outputs import open_request

__all__ = ["withdraw"]


def withdraw(records: Records, person: Person, request_id: str, *, why: str = "") -> OutputRequest:
    """Withdraw a request that is submitted or returned. Raises Refusal."""
    request, held = open_request(records, request_id)
    check_withdraw_output(person, request, held.permit)
    event = AuditEvent(What.OUTPUT_REQUEST_WITHDRAW, person.name, request.id, why)
    records.outputs.move(request.id, request.state, OutputState.WITHDRAWN, event)
    return open_request(records, request.id)[0]
