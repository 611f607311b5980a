"""Rates: events and person-years that may be told, and what follows of them.

A stratum is told when enough persons were in it, enough had the event and enough had not, and its
person-years are no few persons' own. All else is computed from the events and the rounded
person-years that stand beside it, so it tells nothing more. No sums over strata are shown, so a
withheld stratum cannot be worked out; standardised rates need every stratum.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Mark
from disclosure.policy import Policy
from disclosure.results.block import Block, BlockColumn, Value
from disclosure.results.evidence import ResultEvidence
from disclosure.results.groups import code_columns
from disclosure.results.judgement import Judgement, judge
from disclosure.results.rate_blocks import compared, expected_ratio, standardised_block
from disclosure.results.rate_findings import bands_merged, nothing, withheld
from disclosure.results.rate_statistics import exact
from disclosure.results.strata import Strata, all_bands, merged_bands, told
from disclosure.results.words import LABELS, TITLES

__all__ = ["RatesEvidence"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class RatesEvidence(ResultEvidence):
    """The inner cells are groups × (no event in any stratum, strata), strata bands × periods.

    by: names of the grouping variables; codes: of each group, C order. bands, periods: names of
    the strata, "" where there is one. persons: (groups, bands, periods) with any time there; days,
    days_sq, largest, second: moments of their days. per: person-years of a rate. weights: of the
    bands in a standard population; reference: rates of a reference population per person-year.
    """

    by: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    bands: tuple[str, ...]
    periods: tuple[str, ...]
    persons: Ints
    days: Floats
    days_sq: Floats
    largest: Floats
    second: Floats
    per: int
    weights: tuple[float, ...] = ()
    reference: tuple[float, ...] = ()

    @property
    def strata(self) -> Strata:
        """Events and time of each stratum, (groups, bands, periods), and the cells of events."""
        shape = self.persons.shape
        width = 1 + shape[1] * shape[2]
        cells = np.arange(self.n.size).reshape(shape[0], width)[:, 1:].reshape(shape)
        events = self.n.reshape(shape[0], width)[:, 1:].reshape(shape)
        return Strata(
            events, self.persons, self.days, self.days_sq, self.largest, self.second,
            tuple(((int(cell),),) for cell in cells.ravel()),
        )  # fmt: skip


@judge.register
def _(evidence: RatesEvidence, policy: Policy) -> Judgement:
    strata, bands = evidence.strata, evidence.bands
    findings = []
    weights = np.array(evidence.weights)
    if evidence.weights:
        strata, joined = merged_bands(strata, policy)
        if len(joined) < len(bands):
            findings.append(bands_merged(len(bands), len(joined)))
        bands = tuple(_joined([bands[at] for at in one]) for one in joined)
        weights = np.array([weights[list(one)].sum() for one in joined])
    elif evidence.reference:
        persons = evidence.n.reshape(len(evidence.codes), -1).sum(axis=1)
        strata, bands = all_bands(strata, persons), (_joined(list(bands)),)
    shown = told(strata, policy)
    if not shown.any():
        return Judgement((nothing(policy.threshold),))
    hidden = int((~shown & (strata.persons > 0)).sum())
    if hidden:
        findings.append(withheld(hidden, policy.threshold))
    years = strata.years(policy)
    blocks = [_rates(evidence, strata, bands, shown, years)]
    complete = np.asarray((shown | (strata.persons == 0)).all(axis=(1, 2)))
    everywhere = np.asarray(shown.all(axis=(1, 2)))
    if evidence.weights:
        blocks.append(standardised_block(evidence, strata, years, weights, everywhere))
    elif evidence.reference:
        blocks.append(expected_ratio(evidence, strata, everywhere, policy))
    elif len(evidence.codes) > 1:
        blocks += compared(evidence, strata, years, complete)
    published = tuple(
        tuple(cell for part in strata.cells[at] for cell in part)
        for at in np.flatnonzero(shown.ravel())
    )
    # Person-years are those of everybody in the group, with the event or without.
    width = 1 + evidence.persons.shape[1] * evidence.persons.shape[2]
    groups = tuple(
        tuple(range(int(at) * width, (int(at) + 1) * width))
        for at in np.flatnonzero(shown.any(axis=(1, 2)))
    )
    return Judgement(tuple(findings), tuple(blocks), (*published, *groups), {"kind": "rates"})


def _rates(
    evidence: RatesEvidence,
    strata: Strata,
    bands: tuple[str, ...],
    shown: NDArray[np.bool_],
    years: Floats,
) -> Block:
    columns = [*code_columns(evidence.by)]
    aged, dated = bands != ("",), evidence.periods != ("",)
    columns += [BlockColumn("age", "text", LABELS["age"], "years")] if aged else []
    columns += [BlockColumn("period", "text", LABELS["period"])] if dated else []
    first = len(columns)
    columns += [
        BlockColumn("events", "persons", LABELS["events"]),
        BlockColumn("person_years", "number", LABELS["person_years"]),
        BlockColumn("rate", "number", LABELS["rate"], f"/ {evidence.per}"),
        BlockColumn("lower", "number", LABELS["lower"]),
        BlockColumn("upper", "number", LABELS["upper"]),
    ]
    rows: list[tuple[Value, ...]] = []
    marks: dict[tuple[int, int], Mark] = {}
    for place in zip(*np.nonzero(strata.persons > 0), strict=True):
        group, band, period = (int(one) for one in place)
        head = (
            *evidence.codes[group],
            *((bands[band],) if aged else ()),
            *((evidence.periods[period],) if dated else ()),
        )
        if not shown[place]:
            marks |= {(len(rows), first + at): Mark.PRIMARY for at in range(5)}
            rows.append((*head, *[None] * 5))
            continue
        events, time = int(strata.events[place]), float(years[place])
        lower, upper = exact(events)
        rates = (float(f"{one / time * evidence.per:.5e}") for one in (events, lower, upper))
        rows.append((*head, events, time, *rates))
    return Block("rates", TITLES["rates"], tuple(columns), tuple(rows), marks)


def _joined(names: list[str]) -> str:
    """One name for neighbouring bands: 40–49 and 50–59 are 40–59."""
    if len(names) == 1:
        return names[0]
    start = names[0].split("–")[0].rstrip("+")
    return f"{start}+" if names[-1].endswith("+") else f"{start}–{names[-1].split('–')[-1]}"
