"""Matched controls: what each bucket offers, who is chosen among all of them, and their rows.

Controls are looked for in the whole view, so that whom a case gets does not depend on how persons
are dealt into buckets. See docs/adr on matching.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.plan import nodes
from workbench.sdk.compile.frames import makes, rows
from workbench.sdk.compile.scans import PERSON, Scan
from workbench.sdk.compile.settled import offer, settle, settled_name

__all__ = ["PAIRS", "TooManyPairs"]

PAIRS = 4_000_000_000
"""Comparisons of a case with a control that one matching may take."""
_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
Numbers = NDArray[np.int64]


class TooManyPairs(Exception):
    """A matching would compare more than PAIRS pairs."""


@makes(nodes.Matched)
def _(frame: nodes.Matched, scan: Scan) -> pl.LazyFrame:
    found = scan(settled_name(frame))
    cases, controls = rows(frame.cases, scan), rows(frame.controls, scan)
    kinds = controls.collect_schema()
    shared = [
        name
        for name, kind in cases.collect_schema().items()
        if name not in frame.carry and kinds.get(name) == kind
    ]
    held = [
        one.select(shared).join(found.filter(which), on=PERSON)
        for one, which in ((cases, pl.col("case")), (controls, ~pl.col("case")))
    ]
    return pl.concat(held)


@offer.register
def _(frame: nodes.Matched, scan: Scan) -> pl.LazyFrame:
    """Who of a bucket can be matched: PERSON, `case`, _e0… exact, _c0… distances, carried."""
    by = [pl.col(name).alias(f"_e{place}") for place, name in enumerate(frame.exact)]
    by += [_distance(name, f"_c{at}") for at, name in enumerate(one.name for one in frame.calipers)]
    cases = rows(frame.cases, scan)
    controls = rows(frame.controls, scan).join(cases.select(PERSON), on=PERSON, how="anti")
    kinds = cases.collect_schema()
    nobody = [pl.lit(None, dtype=kinds[name]).alias(name) for name in frame.carry]
    held = [
        cases.select(PERSON, *by, *frame.carry, case=pl.lit(value=True)),
        controls.select(PERSON, *by, *nobody, case=pl.lit(value=False)),
    ]
    wanted = [f"_e{at}" for at in range(len(frame.exact))]
    wanted += [f"_c{at}" for at in range(len(frame.calipers))]
    return pl.concat(held).drop_nulls(wanted)


@settle.register
def _(
    frame: nodes.Matched, offers: Sequence[pl.DataFrame], keys: Sequence[pl.Series]
) -> list[pl.DataFrame]:
    """For each bucket PERSON, case, sets and what is carried, of those who are in a matched set.

    keys: the pseudonym (UInt64) of each person of a bucket, by which lots are drawn. The answer is
    the same however the persons are dealt into buckets. Raises TooManyPairs.
    """
    whole = pl.concat(
        [
            one.with_columns(_bucket=pl.lit(at, dtype=pl.Int64), _key=key.gather(one[PERSON]))
            for at, (one, key) in enumerate(zip(offers, keys, strict=True))
        ]
    )
    whole = whole.with_columns(_lot=pl.Series(_lots(whole["_key"].to_numpy(), frame.seed)))
    whole = whole.sort("_lot", "_key")
    exact = [pl.col(f"_e{at}") for at in range(len(frame.exact))]
    strata = whole.select(pl.struct(exact).rank("dense") if exact else pl.lit(1)).to_series()
    numbers = np.broadcast_to(strata.to_numpy(), len(whole))
    order = np.argsort(numbers, kind="stable")
    ends = np.flatnonzero(np.diff(numbers[order])) + 1
    case = whole["case"].to_numpy()
    parts = [(own[case[own]], own[~case[own]]) for own in np.split(order, ends)]
    if sum(len(cases) * len(others) for cases, others in parts) > PAIRS:
        raise TooManyPairs
    distances = [whole[f"_c{at}"].to_numpy() for at in range(len(frame.calipers))]
    sets = np.zeros(len(whole), dtype=np.int64)
    giver = np.arange(len(whole))
    for cases, others in parts:
        _choose(frame, cases, others, whole["_lot"].to_numpy(), distances, sets, giver)
    kept = whole.with_columns(sets=pl.Series(sets))
    kept = kept.with_columns(kept[name].gather(giver) for name in frame.carry)
    kept = kept.filter(pl.col("sets") > 0)
    return [
        kept.filter(pl.col("_bucket") == at).select(PERSON, "case", "sets", *frame.carry)
        for at in range(len(offers))
    ]


def _choose(
    frame: nodes.Matched,
    cases: Numbers,
    others: Numbers,
    lots: NDArray[np.uint64],
    distances: Sequence[NDArray[np.float64]],
    sets: Numbers,
    giver: Numbers,
) -> None:
    """The sets of one stratum; cases and others are rows in the order of their lots."""
    free = np.ones(len(others), dtype=np.bool_)
    near = [one[others] for one in distances]
    starts = np.searchsorted(lots[others], lots[cases])
    for one, start in zip(cases, starts, strict=True):
        alike = free.copy()
        for caliper, own, theirs in zip(frame.calipers, distances, near, strict=True):
            alike &= np.abs(theirs - own[one]) <= caliper.within
        after = np.flatnonzero(alike)
        turn = np.searchsorted(after, start)
        taken = np.roll(after, -turn)[: frame.ratio]
        if not len(taken):
            continue
        sets[one] = 1
        sets[others[taken]] += 1
        giver[others[taken]] = one
        if not frame.replacement:
            free[taken] = False


def _lots(keys: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """A number for each key and seed that nobody can foresee without the key: splitmix64 twice."""
    start = _mixed(np.array([seed], dtype=np.uint64))
    return _mixed(keys ^ start)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    add, first, second = (np.uint64(one) for one in _MIX)
    z = values + add
    z = (z ^ (z >> np.uint64(30))) * first
    z = (z ^ (z >> np.uint64(27))) * second
    mixed: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return mixed


def _distance(name: str, alias: str) -> pl.Expr:
    """A number, or a date as days, to be subtracted."""
    value = pl.col(name)
    return value.to_physical().cast(pl.Float64).alias(alias)
