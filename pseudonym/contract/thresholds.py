"""Load thresholds: from which change on a load warns, and from which it stops."""

from typing import Annotated

from pydantic import Field

from pseudonym.contract.closed import Closed

__all__ = ["Limit", "Quarantine", "Thresholds"]


class Limit(Closed):
    """From `warn` on it is said, from `stop` on nothing is loaded (shares; PSI has no unit)."""

    warn: Annotated[float, Field(ge=0)]
    stop: Annotated[float, Field(ge=0)]


class Quarantine(Closed):
    """The largest share of rows that may be left out before the whole file is refused."""

    max_rate: Annotated[float, Field(ge=0, le=1)] = 0.001


class Thresholds(Closed):
    """When a load warns and when it stops."""

    row_count_change: Limit = Limit(warn=0.05, stop=0.20)
    null_rate_change: Limit = Limit(warn=0.05, stop=0.20)
    psi: Limit = Limit(warn=0.10, stop=0.25)
    quarantine: Quarantine = Quarantine()
