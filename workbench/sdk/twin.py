"""The rows of the synthetic twin that a frame of a plan would have, and the folder for results."""

import os
from pathlib import Path

import polars as pl

from workbench.plan import Schema, nodes
from workbench.sdk.compile import EVERYBODY, PERSON, matching, rows, source
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
        return source(twin_of(name, folder), schema.datasets[name])

    for one in matching.matchings(frame):
        offered = matching.offer(one, scan_twin).collect()
        count = 1 + int(offered[PERSON].to_numpy().max(initial=0))
        everybody = pl.int_range(count, dtype=pl.UInt64, eager=True)
        (known[matching.settled_name(one)],) = matching.chosen(one, [offered], [everybody])
    lazy = rows(frame, scan_twin)
    if isinstance(frame, nodes.Sort):
        lazy = lazy.sort(list(frame.by), descending=frame.descending, nulls_last=True)
    return lazy.head(count).drop(PERSON).collect()


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
