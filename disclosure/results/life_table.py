"""The actuarial life table: counts of the intervals that may be told, and what follows of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from disclosure.policy import Policy
from disclosure.results.block import Block, BlockColumn, Value
from disclosure.results.evidence import ResultEvidence
from disclosure.results.groups import code_columns, small_groups
from disclosure.results.judgement import Judgement, judge
from disclosure.results.steps import Steps, nothing_left, published, steps, times_left_out
from disclosure.results.words import LABELS, TITLES

__all__ = ["LifeTableEvidence"]


@dataclass(frozen=True, kw_only=True)
class LifeTableEvidence(ResultEvidence):
    """Counts alone; the inner cells are groups × (censored, event) × intervals."""

    by: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    times: tuple[int, ...]


@judge.register
def _(evidence: LifeTableEvidence, policy: Policy) -> Judgement:
    t = policy.threshold
    ended = evidence.n.reshape(len(evidence.codes), 2, len(evidence.times) + 1)
    blocked = small_groups(ended.sum(axis=(1, 2)), t)
    if blocked:
        return Judgement((blocked,))
    shown = [steps(one[1:], one[0], t) for one in ended]
    # An interval tells who was lost as well, so only the times of the persons at risk are told.
    shown = [Steps(one.at_risk, one.at_risk, total=False) for one in shown]
    if not any(one.curve for one in shown):
        return Judgement((nothing_left(t),))
    columns = (
        *code_columns(evidence.by),
        BlockColumn("start", "integer", LABELS["start"], "days"),
        BlockColumn("end", "integer", LABELS["end"], "days"),
        BlockColumn("entering", "persons", LABELS["entering"]),
        BlockColumn("events", "persons", LABELS["events"]),
        BlockColumn("censored", "persons", LABELS["censored"]),
        BlockColumn("exposed", "number", LABELS["exposed"]),
        BlockColumn("risk", "number", LABELS["risk"]),
        BlockColumn("survival", "number", LABELS["survival"]),
        BlockColumn("error", "number", LABELS["error"]),
    )
    rows = [
        (*codes, *row)
        for codes, own, told in zip(evidence.codes, ended, shown, strict=True)
        for row in _rows(own, told, evidence.times)
    ]
    withheld = sum(len(evidence.times) - len(one.curve) for one in shown)
    return Judgement(
        (times_left_out(withheld, t),) if withheld else (),
        (Block("life_table", TITLES["life_table"], columns, tuple(rows)),),
        published(ended.shape, shown),
        {"kind": "life table", "times_shown": [len(one.curve) for one in shown]},
    )


def _rows(own: NDArray[np.int64], told: Steps, times: tuple[int, ...]) -> list[tuple[Value, ...]]:
    """Risk d / (n − c/2) in each shown interval, the survival after it and its error (Greenwood).

    All of it follows of the counts beside it, so it needs no rule of its own.
    """
    entering, survival, variance, before = int(own.sum()), 1.0, 0.0, -1
    rows: list[tuple[Value, ...]] = []
    for place in told.curve:
        lost, events = (int(one) for one in own[:, before + 1 : place + 1].sum(axis=1))
        exposed = entering - lost / 2
        risk = events / exposed
        survival *= 1 - risk
        variance += risk / (exposed - events)
        start = 0 if before < 0 else times[before]
        error = survival * variance**0.5
        numbers = (exposed, *(round(one, 6) for one in (risk, survival, error)))
        rows.append((start, times[place], entering, events, lost, *numbers))
        entering, before = entering - events - lost, place
    return rows
