"""What a notebook imports: `import workbench.sdk as wb; p = wb.open()`."""

from workbench.sdk.analyses import dp
from workbench.sdk.datasets import buckets, scan
from workbench.sdk.expressions import Expr, lit, when
from workbench.sdk.frames import EventFrame, Frame, LinkedFrame, PeriodFrame, PersonFrame
from workbench.sdk.later import Later
from workbench.sdk.mending import Fix
from workbench.sdk.opening import open  # noqa: A004 - wb.open() reads best
from workbench.sdk.packages import packages
from workbench.sdk.project import Account, Project, history
from workbench.sdk.refused import Refused
from workbench.sdk.release import Release
from workbench.sdk.several import coalesce, earliest, latest, max_horizontal, min_horizontal
from workbench.sdk.threads import dask
from workbench.sdk.twin import outbox

__all__ = [
    "Account",
    "EventFrame",
    "Expr",
    "Fix",
    "Frame",
    "Later",
    "LinkedFrame",
    "PeriodFrame",
    "PersonFrame",
    "Project",
    "Refused",
    "Release",
    "buckets",
    "coalesce",
    "dask",
    "dp",
    "earliest",
    "history",
    "latest",
    "lit",
    "max_horizontal",
    "min_horizontal",
    "open",
    "outbox",
    "packages",
    "scan",
    "when",
]
