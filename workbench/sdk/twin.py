"""The rows of the synthetic twin that a frame of a plan would have, and the folder for results."""

import os
from pathlib import Path

import polars as pl

from workbench.plan import Schema, nodes
from workbench.sdk.compile import EVERYBODY, PERSON, rows, source
from workbench.sdk.compile.links import linked_source, linked_source_of
from workbench.sdk.compile.settled import offer, settle, settled_name, settlings
from workbench.sdk.datasets import TWIN, twin_of

__all__ = ["outbox", "preview"]

OUTBOX = Path("/outbox")


def preview(frame: nodes.Frame, schema: Schema, count: int, folder: Path = TWIN) -> pl.DataFrame:
    """The first rows of a frame over the twin: invented persons, the same compiler."""

    known: dict[str, pl.DataFrame] = {}

    def scan_twin(name: str) -> pl.LazyFrame:
        if name in known:
            return known[name].lazy()
        if name == EVERYBODY:
            who = [twin_of(one, folder).select(PERSON) for one in schema.datasets]
            return pl.concat(who).unique().sort(PERSON)
        if (linked := linked_source_of(name)) is not None:
            dataset, link = linked
            return linked_source(twin_of(dataset, folder), schema.datasets[dataset], link)
        return source(twin_of(name, folder), schema.datasets[name])

    wanted = settlings(frame)
    if wanted:
        who = [twin_of(one, folder).select(PERSON) for one in schema.datasets]
        last = pl.concat(who).max().collect().item()
        everybody = pl.int_range(1 + (last or 0), dtype=pl.UInt64, eager=True)
        for one in wanted:
            offered = offer(one, scan_twin).collect()
            (known[settled_name(one)],) = settle(one, [offered], [everybody])
    lazy = rows(frame, scan_twin)
    if isinstance(frame, nodes.Sort):
        lazy = lazy.sort(list(frame.by), descending=frame.descending, nulls_last=True)
    return lazy.head(count).drop(PERSON, "_origin", strict=False).collect()


def outbox() -> Path:
    """The folder for results, `/outbox`: write files into it, nothing else leaves a sealed run.

    In a Workbench kernel the folder is there too, and what is written to it goes nowhere.
    """
    if os.environ.get("WORKBENCH_LANE") == "workbench":
        print(  # noqa: T201 - said in the notebook
            f"On the twin: files in {OUTBOX} go nowhere and end with this kernel. In a sealed run "
            "a disclosure officer reads them before you do."
        )
    return OUTBOX
