"""What must be known of all persons before any bucket is computed: whom a matching chose, whose
rows a link leads to.

Such a plan is run in two passes: each bucket offers rows, the engine deals them out over all
buckets, and the buckets are then computed with their share. This passes through the engine's own
memory and never to the workers of a cluster.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from workbench.domain.errors import Refusal
from workbench.engine.executor import Job
from workbench.engine.fair import FairPool
from workbench.engine.groups import Group
from workbench.engine.rounds import dealt
from workbench.engine.views import ProjectView
from workbench.plan import Plan, Schema
from workbench.sdk.compile import EVERYBODY, Scan, everybody, matching, source
from workbench.sdk.compile.links import linked_source, linked_source_of
from workbench.sdk.compile.settled import Settling, offer, settle, settled_name, settlings

__all__ = ["scan_of", "settled", "settles"]

Settled = Mapping[str, Sequence[pl.DataFrame]]


def settles(plan: Plan) -> list[Settling]:
    """The frames of a plan that need everybody at once, inner ones first."""
    return settlings(plan)


def settled(job: Job, groups: Sequence[Group], pool: FairPool) -> Job:
    """The job with what its buckets need to know of each other; the time that took is spent.

    Raises Refusal("cancelled", "too_long") as a session does, and "too_many_pairs".
    """
    began = time.monotonic()
    known: dict[str, Sequence[pl.DataFrame]] = {}
    for frame in settles(job.checked.plan):

        def offers(_place: int, group: Group, frame: Settling = frame) -> list[pl.DataFrame]:
            scans = [scan_of(job.view, job.schema, one, known) for one in group.buckets]
            return pl.collect_all([offer(frame, scan) for scan in scans])

        held = [one for part in dealt(job, groups, pool, offers) for one in part]
        keys = [job.view.pseudonyms(bucket) for bucket in range(len(job.view.persons))]
        try:
            known[settled_name(frame)] = settle(frame, held, keys)
        except matching.TooManyPairs:
            raise Refusal(
                "too_many_pairs",
                "The matching would compare too many persons with each other.",
                "Match exactly on more variables (sex, year of birth), or take fewer cases.",
            ) from None
    left = job.limits.seconds - (time.monotonic() - began)
    return replace(job, limits=replace(job.limits, seconds=left), settled=known)


def scan_of(view: ProjectView, schema: Schema, bucket: int, known: Settled | None = None) -> Scan:
    """Reads the datasets and the persons of one bucket of a view, and what was settled for it."""

    def scan(name: str) -> pl.LazyFrame:
        if name == EVERYBODY:
            return everybody(view.persons[bucket])
        if known is not None and name in known:
            return known[name][bucket].lazy()
        if (linked := linked_source_of(name)) is not None:
            dataset, link = linked
            return linked_source(view.scan(dataset, bucket), schema.datasets[dataset], link)
        return source(view.scan(name, bucket), schema.datasets[name])

    return scan
