"""What tests of several folders share: one running demo a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.lib.demo_world import Demo, running_demo

# How long an example takes says more of the machine than of the code.
settings.register_profile("workbench", deadline=None)
settings.load_profile("workbench")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The real demo, serving."""
    with running_demo(tmp_path_factory.mktemp("demo")) as world:
        yield world


@pytest.fixture(autouse=True)
def _here() -> Iterator[None]:
    """A test that leaves its process elsewhere makes others start the wrong modules."""
    before = Path.cwd()
    yield
    assert Path.cwd() == before
