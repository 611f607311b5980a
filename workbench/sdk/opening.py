"""wb.open(): the project of this server, with completion in quotes."""

from pathlib import Path

from workbench.sdk.completion import install
from workbench.sdk.datasets import TWIN
from workbench.sdk.project import Project, open_project

__all__ = ["open"]


def open(path: str | Path | None = None, twin: str | Path = TWIN) -> Project:  # noqa: A001 - see wb
    """The project of this server.

    path: the engine's socket (default: WORKBENCH_ENGINE, else the kernel's own).
    """
    install()
    return open_project(path, twin)
