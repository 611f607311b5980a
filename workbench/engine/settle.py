"""What must be known of all persons before any bucket is computed: whom a matching chose.

A plan that matches persons is run in two passes: each bucket offers who can be matched, the engine
chooses among all of them, and the buckets are then computed with their share of the chosen. This
passes through the engine's own memory and never to the workers of a cluster.
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
from workbench.plan.nodes import Matched
from workbench.sdk.compile import EVERYBODY, Scan, everybody, matching, source

__all__ = ["scan_of", "settled", "settles"]

Settled = Mapping[str, Sequence[pl.DataFrame]]


def settles(plan: Plan) -> list[Matched]:
    """The frames of a plan that need everybody at once, inner ones first."""
    return matching.matchings(plan)


def settled(job: Job, groups: Sequence[Group], pool: FairPool) -> Job:
    """The job with what its buckets need to know of each other; the time that took is spent.

    Raises Refusal("cancelled", "too_long") as a session does, and "too_many_pairs".
    """
    began = time.monotonic()
    known: dict[str, Sequence[pl.DataFrame]] = {}
    for frame in settles(job.checked.plan):

        def offers(_place: int, group: Group, frame: Matched = frame) -> list[pl.DataFrame]:
            scans = [scan_of(job.view, job.schema, one, known) for one in group.buckets]
            return pl.collect_all([matching.offer(frame, scan) for scan in scans])

        held = [one for part in dealt(job, groups, pool, offers) for one in part]
        keys = [job.view.pseudonyms(bucket) for bucket in range(len(job.view.persons))]
        try:
            known[matching.settled_name(frame)] = matching.chosen(frame, held, keys)
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
        return source(view.scan(name, bucket), schema.datasets[name])

    return scan
