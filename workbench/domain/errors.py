"""What can go wrong in `workbench`: a `Refusal` the user can solve, or a `Fault` that is ours.

Refusal   code, reason, remedy; safe to show; never holds a data value
Fault     opaque outside; carries an incident id for the operator's log
"""

__all__ = ["Fault", "Refusal"]


class Refusal(Exception):
    """Bad input or a closed door; the message says what to do about it."""

    def __init__(self, code: str, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.code = code
        self.reason = reason
        self.remedy = remedy


class Fault(Exception):
    """A failure of ours; outside only the incident id is shown."""

    def __init__(self, what: str, incident: str) -> None:
        self.incident = incident
        super().__init__(f"{what} (incident {self.incident})")
        self.what = what
