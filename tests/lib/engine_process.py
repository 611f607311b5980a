"""An engine as a process of its own, to be killed (-m tests.lib.engine_process FOLDER VIEW)."""

import sys
import threading
from pathlib import Path

from tests.lib.engine_world import World
from tests.lib.small_world import slow_view, small_view


def main(folder: Path, which: str) -> None:
    world = World(folder)
    view = slow_view() if which == "slow" else small_view()
    if world.records.permits.find(view.project) is None:
        world.add(view)
    else:
        world.views[view.project, view.version] = view
    with world.served():
        threading.Event().wait(120)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
