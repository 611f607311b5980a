"""What the architecture tests look at: the project's own files, as git tracks them."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("workbench", "kernels", "disclosure", "pseudonym")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def modules() -> list[Path]:
    """Every module of the four packages, empty `__init__` files left out."""
    found = [
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.read_text(encoding="utf-8").strip()
    ]
    assert len(found) > 30
    return found
