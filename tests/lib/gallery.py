"""The study notebooks of docs/tutorial/studies: their permits, and their cells run in a project."""

import contextlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

import workbench.sdk as wb
from workbench.domain.permit import Permit
from workbench.sdk.project import Project
from workbench.services.permit_file import parse_permit

__all__ = ["NAFLD", "NATION", "STUDIES", "permit", "source", "told"]

STUDIES = Path(__file__).resolve().parents[2] / "docs" / "tutorial" / "studies"
NAFLD = "nafld-risk-factors"
NATION = sorted(path.stem for path in STUDIES.glob("*.toml") if path.stem != NAFLD)
"""The studies of the synthetic nation."""
_NBFORMAT: Any = nbformat  # its functions carry no types


def source(study: str) -> list[str]:
    """The code cells of a study."""
    notebook = _NBFORMAT.read(STUDIES / f"{study}.ipynb", as_version=4)
    nbformat.validate(notebook)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def permit(study: str) -> Permit:
    """The permit of a study."""
    return parse_permit((STUDIES / f"{study}.toml").read_text(encoding="utf-8"))


def told(study: str, project: Project) -> dict[str, Any]:
    """The names of a study after its last cell, run in a project where wb.open() is asked for."""
    names: dict[str, Any] = {}
    with _opening(project), contextlib.redirect_stdout(io.StringIO()):
        for number, cell in enumerate(source(study)):
            exec(compile(cell, f"<{study}, cell {number}>", "exec"), names)
    return names


@contextmanager
def _opening(project: Project) -> Iterator[None]:
    patched = pytest.MonkeyPatch()
    patched.setattr(wb, "open", lambda: project)
    try:
        yield
    finally:
        patched.undo()
