"""What can go wrong in `kernels`: a `Refusal` the user can solve, or a `Fault` that is ours.

Refusal   code, reason, remedy; safe to show; never holds a data value
Fault     opaque outside; carries an incident id for the operator's log
"""

import secrets

__all__ = ["Fault", "Refusal"]


class Refusal(Exception):
    """Bad input or a closed door; the message says what to do about it.

    facts: the numbers or names in its words, for the same words in another language.
    """

    def __init__(self, code: str, reason: str, remedy: str, *facts: str | int) -> None:
        super().__init__(f"{reason} {remedy}")
        self.code = code
        self.reason = reason
        self.remedy = remedy
        self.facts = facts


class Fault(Exception):
    """A failure of ours; outside only the incident id is shown."""

    def __init__(self, what: str, incident: str | None = None) -> None:
        self.incident = incident or secrets.token_hex(4)
        super().__init__(f"{what} (incident {self.incident})")
        self.what = what
