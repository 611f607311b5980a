"""Writes docs/explanation/isolation.md: `python -m tests.lib.isolation_page`."""

from collections.abc import Iterator
from pathlib import Path

from kernels.host.proof.layers import CHECKS, FAMILIES, IN_TIME, WALLS, Layer

PAGE = Path(__file__).resolve().parents[2] / "docs/explanation/isolation.md"
HEAD = """# The layers of a sandbox

Made from `kernels/host/proof/layers.py` by `python -m tests.lib.isolation_page`.

Code in a kernel is hostile, always. It runs in a sandbox of many layers, most of which overlap:
an act is usually stopped by two or three. So that none is lost unnoticed, each layer is shown
**alone**: the isolation report (`workbench isolation-report`) holds an act for it that only this
layer stops, or tells the layer by its own mark; and a test takes this one layer away and sees the
act turn red (`tests/sandbox/test_layers.py`). There is no switch for that in the product: the
tests change arguments, filter or limits from outside, or a copy of the start-up.

Three times a sandbox is asked before anything of a researcher's runs in it:

- **the host**, by `workbench doctor` and when the gate daemon starts: can it isolate at all? It
  does not serve otherwise, and says what to do;
- **the short report**, at the same two moments: forbidden acts, tried in a real sandbox;
- **the self-check**, in every single sandbox: the column *self-check* names what it looks at. A
  sandbox in which a check fails is killed, and no kernel is handed over.

An act against which a host has no layer at all (column *needs*) is not tried there, and
`workbench doctor` names what is missing.
"""
GROUPS = """## With and without control groups

| Host | Memory and processes of a kernel as a whole | Processor |
|---|---|---|
| version 2, delegated or as root | bounded; out of memory the kernel ends whole | equal shares |
| version 1, as root | bounded; out of memory its largest process ends | equal shares |
| none | each process is bounded, processes are counted by account | after the platform (nice) |

Files in memory (`/tmp`, `/dev/shm`, `/outbox`) are bounded in size everywhere; their number,
memory files without a name, and shared memory are bounded by the kernel's memory where there are
control groups, and not otherwise. In any case the host's memory killer takes kernels before the
platform.

## Two kernels on one host

All kernels read the same files of Python and its packages, so whatever one can do to such a file
that another can see would carry rows from a sealed run to a notebook. Locks on files (allowed in
the Workbench lane only), watches, leases, hints, times of device nodes, the tables of its own pages
in /proc (they tell who else uses a page), questions to the page cache, and waiting at a page (a
futex; refused where what is heard can be shown, in the Workbench lane and in servers) are such
wires; they are cut (`tests/redteam/kernel/test_wires_between_kernels.py` shows that five of them
carry without the rules). In the Workbench lane locks between processes (multiprocessing, joblib)
are therefore waited for by looking again, every 20 ms at most; a C library that waits for another
process by itself spins. What is left is time, and the numbers that the host gives to pipes and
sockets: how busy processor, memory and disk are can be measured by anybody on the same machine.
Where that matters, run sealed work on a host of its own.

Of the files in /proc a kernel reads one: `/proc/self/maps`, which addresses it has mapped itself.
Nothing that others do changes it. Without it libc does not find the end of the first thread's
stack, and polars, which asks, takes a new stack for every step of a plan: 6 % of its processor
time.

## Writing to the outbox

`/outbox` can be written and not read, so a library that opens a file to read and write it at once
cannot work there. New files are opened for writing alone (Pillow and zipfile are content with
that); for anything else (HDF5, SQLite, memory maps) write the file in `/tmp` and copy it
with `shutil.copy`. In a sealed run locks are refused: open SQLite with `file:/tmp/x.db?nolock=1`
(and `uri=True`).
"""


def row(layer: Layer) -> str:
    shown = f"*{layer.act}*" if layer.act else f"`{layer.test}`"
    return (
        f"| {layer.name} | {layer.stops} | {shown} | {layer.check.replace('_', ' ')} "
        f"| {layer.needs} | {layer.open} |"
    )


def section(title: str, layers: tuple[Layer, ...]) -> Iterator[str]:
    yield from (
        f"## {title}",
        "",
        "| Layer | Stops | Shown by | Self-check | Needs | Leaves open |",
    )
    yield "|---|---|---|---|---|---|"
    yield from map(row, layers)
    yield ""


def page() -> str:
    lines = [HEAD, *section("Walls", WALLS), *section("In time", IN_TIME)]
    lines += section("System calls that are checked", CHECKS)
    lines += section("System calls that are refused", FAMILIES)
    lines += ["All of them: [system calls](../reference/system-calls.md).", "", GROUPS]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
