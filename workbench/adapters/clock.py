"""The machine's clock, in UTC."""

from datetime import UTC, datetime

__all__ = ["SystemClock"]


class SystemClock:
    """ports.Clock."""

    def now(self) -> datetime:
        """The time in UTC, with its time zone."""
        return datetime.now(UTC)
