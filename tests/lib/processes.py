"""Which processes live below another."""

from contextlib import suppress
from pathlib import Path


def below(ancestor: int, mark: str) -> list[int]:
    """Descendants that are a Python with `mark` in its line; not bubblewrap, which names it too."""
    parents, words = {}, {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            stat = (process / "stat").read_text().rpartition(")")[2].split()
            if stat[0] == "Z":
                continue
            parents[int(process.name)] = int(stat[1])
            line = (process / "cmdline").read_bytes().decode(errors="replace")
            words[int(process.name)] = line.split("\0")

    def is_below(pid: int) -> bool:
        while pid > 1:
            pid = parents.get(pid, 0)
            if pid == ancestor:
                return True
        return False

    return [
        pid
        for pid, line in sorted(words.items())
        if "python" in line[0] and mark in " ".join(line) and is_below(pid)
    ]
