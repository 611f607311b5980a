"""What one plan may take, as its permit says."""

import time
from dataclasses import dataclass, field

from workbench.domain.errors import Refusal

__all__ = ["Deadline", "Limits"]


@dataclass(frozen=True)
class Limits:
    """seconds: of computing, waiting not counted; memory: bytes for all its bucket groups."""

    seconds: float = 900.0
    memory: int = 1 << 30


@dataclass(frozen=True)
class Deadline:
    """When a plan that begins now has taken too long."""

    seconds: float
    began: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Refusal("too_long") once it has passed."""
        if time.monotonic() - self.began > self.seconds:
            raise Refusal(
                "too_long",
                f"The plan took longer than the {self.seconds:g} seconds that the permit gives "
                "one; it was stopped, and nothing was released or charged.",
                "Ask for less in one plan, or for a larger plan_seconds in the permit.",
            )
