"""Every act by its name."""

from typing import Any

from kernels.inside.acts import calls, channels, files, limits, network, processes, trying, walls
from kernels.inside.acts.trying import Table

__all__ = ["main", "table"]


def table(numbers: dict[str, int]) -> Table:
    """All acts; numbers: system calls of this machine."""
    return {
        **calls.table(numbers),
        **walls.TABLE,
        **network.TABLE,
        **files.TABLE,
        **processes.TABLE,
        **limits.TABLE,
        **channels.TABLE,
    }


def main(parameters: dict[str, Any]) -> None:
    """Try what the report asks for; see `trying.report`."""
    trying.report(table(parameters["numbers"]), parameters)
