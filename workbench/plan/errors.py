"""What can go wrong with a plan: always a `Refusal` that its author can act on."""

__all__ = ["Refusal"]


class Refusal(Exception):
    """The plan cannot be run as it stands; the message says what to change."""

    def __init__(self, code: str, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.code = code
        self.reason = reason
        self.remedy = remedy
