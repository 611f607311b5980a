"""What a notebook imports: `import workbench.sdk as wb; p = wb.open()`."""

from workbench.sdk.analyses import dp
from workbench.sdk.expressions import Expr, lit, when
from workbench.sdk.frames import EventFrame, Frame, PersonFrame
from workbench.sdk.packages import packages
from workbench.sdk.project import Account, Project
from workbench.sdk.project import open_project as open  # noqa: A004 - wb.open() reads best
from workbench.sdk.refused import Refused
from workbench.sdk.release import Release
from workbench.sdk.twin import outbox, scan

__all__ = [
    "Account",
    "EventFrame",
    "Expr",
    "Frame",
    "PersonFrame",
    "Project",
    "Refused",
    "Release",
    "dp",
    "lit",
    "open",
    "outbox",
    "packages",
    "scan",
    "when",
]
