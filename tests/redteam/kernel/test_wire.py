"""Ways out past the wire gate: each is open when one rule is taken away, and shut with the rule.

The relay and the kernels of the daemon are the real ones, and so are the sockets. Behind them sits
a kernel that says what it likes; in front is everything that a Jupyter server could see: frames of
all five channels, the words about the kernel's end, the log.
"""

import asyncio

import pytest

from tests.redteam.kernel import paths_interactive, paths_sealed, paths_workbench
from tests.redteam.kernel.path import Path
from tests.redteam.kernel.stage import staged

PATHS = [
    (lane, path)
    for lane, module in (
        ("interactive", paths_interactive),
        ("workbench", paths_workbench),
        ("sealed", paths_sealed),
    )
    for path in module.PATHS
]


@pytest.mark.parametrize(
    ("lane", "path"), PATHS, ids=[f"{lane}: {path.name}" for lane, path in PATHS]
)
def test_nothing_leaks_on(lane: str, path: Path) -> None:
    async def without(patience: float) -> bytes:
        async with staged(lane) as stage:
            with path.removed(stage):
                await asyncio.sleep(patience)  # on a busy machine a listener comes late
                return (await path.run(stage)).everything()

    async def within() -> bytes:
        async with staged(lane) as stage:
            return (await path.run(stage)).everything()

    found = any(path.mark in asyncio.run(without(patience)) for patience in (0.0, 0.5))
    assert found, "the attack does not work even without the rule"
    assert path.mark not in asyncio.run(within())


def test_there_are_more_than_sixty_paths_and_each_has_a_name_of_its_own() -> None:
    assert len({(lane, path.name) for lane, path in PATHS}) == len(PATHS) > 60
