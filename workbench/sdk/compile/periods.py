"""Periods as lazy frames: merged, cut at edges, cut where others begin and end.

Each row passes once from below, so that no step relies on two readings having the same order.
"""

from datetime import date

import polars as pl

from workbench.plan import nodes
from workbench.plan.words import bin_labels
from workbench.sdk.compile.dates import shifted, shifted_by
from workbench.sdk.compile.expressions import Needs, expression
from workbench.sdk.compile.frames import makes, rows, with_needs
from workbench.sdk.compile.scans import PERSON, Scan

__all__: list[str] = []

_APART = 1 << 23
"""More days than the calendar has: a person's number times this, plus a day, tells both apart."""
_START, _END, _BAND = pl.col("start"), pl.col("end"), pl.col("_band")


@makes(nodes.Episodes)
def _(frame: nodes.Episodes, scan: Scan) -> pl.LazyFrame:
    end = frame.start if frame.end is None else frame.end
    held = rows(frame.frame, scan).select(
        PERSON, pl.col(frame.start).alias("start"), pl.col(end).alias("end")
    )
    return _timed(_merged(held.filter(_END >= _START), frame.gap))


@makes(nodes.Spans)
def _(frame: nodes.Spans, scan: Scan) -> pl.LazyFrame:
    held = rows(frame.frame, scan).select(
        PERSON, *frame.keep, start=pl.col(frame.start), end=pl.col(frame.end)
    )
    return _timed(held.filter(_END > _START))


@makes(nodes.Split)
def _(frame: nodes.Split, scan: Scan) -> pl.LazyFrame:
    needs, below = Needs(), rows(frame.frame, scan)
    origin = pl.lit(None) if frame.origin is None else expression(frame.origin, needs)
    if frame.origin is None:
        cuts = [pl.lit(date(edge, 1, 1)) for edge in frame.edges]
    else:
        cuts = [shifted_by(origin, edge, frame.unit) for edge in frame.edges]
    passed = [(cut <= _START).fill_null(value=False).cast(pl.Int64) for cut in cuts]
    ahead = [(cut < _END).fill_null(value=False).cast(pl.Int64) for cut in cuts]
    first, last = pl.sum_horizontal(passed), pl.sum_horizontal(ahead)
    named = dict(enumerate(bin_labels(frame.edges)))
    name = _BAND.replace_strict(named, return_dtype=pl.String)
    if frame.origin is not None:
        name = pl.when(pl.col("_from").is_not_null()).then(name)
    pieces = (
        with_needs(below, needs, scan)
        .with_columns(
            _band=pl.int_ranges(first, pl.max_horizontal(first, last) + 1, dtype=pl.Int64),
            _from=origin,
        )
        .drop(list(needs.named.values()))
        .explode("_band")
        .with_columns(
            pl.max_horizontal("start", _cut(frame, _BAND - 1)).alias("start"),
            pl.min_horizontal("end", _cut(frame, _BAND)).alias("end"),
            name.alias(frame.name),
        )
    )
    return _timed(pieces.drop("_band", "_from"))


def _cut(frame: nodes.Split, place: pl.Expr) -> pl.Expr:
    """The date of the edge at a place, counted from 0; null where there is no such edge."""
    within = pl.when(place.is_between(0, len(frame.edges) - 1)).then(place)
    if frame.origin is None:
        days = pl.Series([date(edge, 1, 1) for edge in frame.edges])
        return pl.lit(days).gather(within)
    edge = pl.lit(pl.Series(frame.edges, dtype=pl.Int64)).gather(within)
    return shifted(pl.col("_from"), edge, frame.unit)


@makes(nodes.Exposed)
def _(frame: nodes.Exposed, scan: Scan) -> pl.LazyFrame:
    below = rows(frame.frame, scan).with_row_index("_row")
    others = [name for name in below.collect_schema().names() if name != "_row"]
    by = rows(frame.by, scan).select(PERSON, "start", "end").filter(_END > _START)
    exposures = _merged(by, 0).select(PERSON, _from=_START, _to=_END)
    moment = _START == _END
    met = ((pl.col("_from") < _END) & (pl.col("_to") > _START)) | (
        moment & (pl.col("_from") <= _START) & (pl.col("_to") > _START)
    )
    inner = [
        pl.max_horizontal("_from", "start").filter(met),
        pl.min_horizontal("_to", "end").filter(met),
    ]
    # The cuts of a period in order are: its start, begin and end of each exposure, its end. So the
    # pieces between them are in turn unexposed and exposed, and those without a day are dropped.
    cuts = pl.concat_list("_begun", "_ended").list.sort()
    odd = pl.col("_piece") % 2 == 1
    pieces = (
        below.join(exposures, on=PERSON, how="left")
        .group_by("_row")
        .agg(*(pl.col(name).first() for name in others), _begun=inner[0], _ended=inner[1])
        .with_columns(
            _starts=pl.concat_list("start", cuts),
            _ends=pl.concat_list(cuts, "end"),
            _piece=pl.int_ranges(2 * pl.col("_begun").list.len() + 1),
            _moment=moment,
            _met=pl.col("_begun").list.len() > 0,
        )
        .explode("_starts", "_ends", "_piece")
        .filter(
            pl.when("_moment")
            .then(odd == pl.col("_met"))
            .otherwise(pl.col("_starts") < pl.col("_ends")),
        )
        .with_columns(odd.alias(frame.name), start=pl.col("_starts"), end=pl.col("_ends"))
    )
    return _timed(pieces.select(*others, frame.name))


def _merged(held: pl.LazyFrame, gap: int) -> pl.LazyFrame:
    """PERSON, start, end, rows, covered of the person's merged intervals; dates are not null."""
    start, end = _START.cast(pl.Int64), _END.cast(pl.Int64)
    person = pl.col(PERSON).cast(pl.Int64) * _APART
    # The furthest end so far of the same person: persons are sorted, so a person's own key is
    # greater than any key of those before.
    furthest = (person + end + _APART // 2).cum_max().shift(1)
    reach = furthest - person - _APART // 2
    reach = pl.when(furthest >= person).then(reach)
    return (
        held.sort(PERSON, "start", "end")
        .with_columns(_reach=reach)
        .with_columns(
            _episode=(pl.col("_reach").is_null() | (start > pl.col("_reach") + gap)).cum_sum(),
            _new=(end - pl.max_horizontal(start, pl.col("_reach"))).clip(0),
        )
        .group_by("_episode")
        .agg(
            pl.col(PERSON).first(),
            _START.min(),
            _END.max(),
            pl.len().cast(pl.Int64).alias("rows"),
            pl.col("_new").sum().alias("covered"),
        )
        .drop("_episode")
    )


def _timed(periods: pl.LazyFrame) -> pl.LazyFrame:
    """With the days of each."""
    return periods.with_columns((_END - _START).dt.total_days().alias("days"))
