"""Curves of follow-up: shown at public times that hold enough events, with digits to match."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Mark
from disclosure.policy import Policy
from disclosure.results.block import Block, BlockColumn, Value
from disclosure.results.evidence import ResultEvidence
from disclosure.results.group_test import TestEvidence, test_block
from disclosure.results.groups import code_columns, small_groups
from disclosure.results.judgement import Judgement, judge
from disclosure.results.steps import (
    Steps,
    nothing_left,
    published,
    steps,
    times_left_out,
)
from disclosure.results.words import LABELS, TITLES
from disclosure.rules.means import capped, mean_digits

__all__ = ["CurveEvidence", "Kind", "Z"]

Kind = Literal["kaplan_meier", "nelson_aalen", "cumulative_incidence"]
VALUE: Mapping[Kind, str] = {
    "kaplan_meier": "survival",
    "nelson_aalen": "hazard",
    "cumulative_incidence": "incidence",
}
"""What the column of the estimate is called."""
Z = 1.959963984540054
"""Limits hold with 95 %."""
Limits = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True)
class CurveEvidence(ResultEvidence):
    """A curve a group and cause; the inner cells are groups × (censored, causes) × intervals.

    by: names of the grouping variables; codes: of each group, C order. times: public days; interval
    i ends with times[i], the last has no end. cause: the event's name; causes: its codes, without
    the censored. value, spread: (groups, causes, times), the estimate just after each time and the
    standard error that its limits are made of (of log survival, of the hazard, of the incidence).
    """

    kind: Kind
    by: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    times: tuple[int, ...]
    cause: str
    causes: tuple[str, ...]
    value: NDArray[np.float64]
    spread: NDArray[np.float64]
    test: TestEvidence | None = None

    @property
    def ended(self) -> NDArray[np.int64]:
        """(groups, causes + 1, times + 1): persons, the censored first."""
        return self.n.reshape(len(self.codes), len(self.causes) + 1, len(self.times) + 1)


@judge.register
def _(evidence: CurveEvidence, policy: Policy) -> Judgement:
    t, ended = policy.threshold, evidence.ended
    blocked = small_groups(ended.sum(axis=(1, 2)), t)
    if blocked:
        return Judgement((blocked,))
    shown = [steps(one[1:], one[0], t) for one in ended]
    if not any(one.curve for one in shown):
        return Judgement((nothing_left(t),))
    blocks = [_curve(evidence, shown, policy), _at_risk(evidence, shown)]
    blocks.append(_summary(evidence, shown, policy))
    withheld = sum(len(evidence.times) - len(one.curve) for one in shown)
    findings = [times_left_out(withheld, t)] if withheld else []
    if evidence.test is not None:
        there = ended.sum(axis=(1, 2)) > 0
        tested, found = test_block(evidence.test, ended[there, 1:].sum(axis=(1, 2)), policy)
        blocks.append(tested)
        findings += found
    return Judgement(
        tuple(findings),
        tuple(blocks),
        published(ended.shape, shown),
        {"kind": "curve", "times_shown": [len(one.curve) for one in shown]},
    )


def _curve(evidence: CurveEvidence, shown: list[Steps], policy: Policy) -> Block:
    name, several = VALUE[evidence.kind], evidence.kind == "cumulative_incidence"
    columns = (
        *code_columns(evidence.by),
        *(code_columns((evidence.cause,)) if several else ()),
        BlockColumn("time", "integer", LABELS["time"], "days"),
        BlockColumn(name, "number", LABELS[name]),
        BlockColumn("lower", "number", LABELS["lower"]),
        BlockColumn("upper", "number", LABELS["upper"]),
    )
    first = 1.0 if evidence.kind == "kaplan_meier" else 0.0
    rows: list[tuple[Value, ...]] = []
    for group, told in enumerate(shown):
        for cause, code in enumerate(evidence.causes):
            codes = (*evidence.codes[group], *((code,) if several else ()))
            if told.curve:
                rows.append((*codes, 0, first, None, None))
            rows += [
                (*codes, evidence.times[place], *_estimate(evidence, group, cause, place, policy))
                for place in told.curve
            ]
    return Block("curve", TITLES[evidence.kind], columns, tuple(rows))


def _estimate(
    evidence: CurveEvidence, group: int, cause: int, place: int, policy: Policy
) -> tuple[float | None, float | None, float | None]:
    """Value and limits with as many digits as leave a tenth of one person's weight open."""
    own = evidence.ended[group]
    digits = mean_digits(int(own[:, place + 1 :].sum()), 1.0, policy)
    value = float(evidence.value[group, cause, place])
    spread = float(evidence.spread[group, cause, place])
    lower, upper = _limits(evidence.kind, value, spread)
    return (
        capped(value, digits),
        None if lower is None else capped(lower, digits),
        None if upper is None else capped(upper, digits),
    )


def _limits(kind: Kind, value: float, spread: float) -> Limits:
    """Limits on the scale of log(−log) for probabilities, of log for a hazard."""
    if value <= 0 or not math.isfinite(spread) or (kind != "nelson_aalen" and value >= 1):
        return None, None
    if kind == "nelson_aalen":
        reach = math.exp(Z * spread / value)
        return value / reach, value * reach
    error = spread if kind == "kaplan_meier" else spread / value
    reach = Z * error / abs(math.log(value))
    return value ** math.exp(reach), value ** math.exp(-reach)


def _at_risk(evidence: CurveEvidence, shown: list[Steps]) -> Block:
    columns = (
        *code_columns(evidence.by),
        BlockColumn("time", "integer", LABELS["time"], "days"),
        BlockColumn("at_risk", "persons", LABELS["at_risk"]),
        BlockColumn("events", "persons", LABELS["events_until"]),
        BlockColumn("censored", "persons", LABELS["censored_until"]),
    )
    rows: list[tuple[Value, ...]] = []
    for group, told in enumerate(shown):
        own = evidence.ended[group]
        for place in told.at_risk:
            until = own[:, : place + 1].sum(axis=1)
            followed = int(own.sum() - until.sum())
            codes = evidence.codes[group]
            events = int(until[1:].sum())
            rows.append((*codes, evidence.times[place], followed, events, int(until[0])))
    return Block("at_risk", TITLES["at_risk"], columns, tuple(rows))


def _summary(evidence: CurveEvidence, shown: list[Steps], policy: Policy) -> Block:
    """Persons and events of each group; of a survival curve the median as well."""
    several = evidence.kind == "cumulative_incidence"
    codes = evidence.causes if several else ("events",)
    columns = [*code_columns(evidence.by), BlockColumn("persons", "persons", LABELS["persons"])]
    columns += [
        BlockColumn(f"events_{at + 1}" if several else "events", "persons", _events(code, several))
        for at, code in enumerate(codes)
    ]
    if evidence.kind == "kaplan_meier":
        columns += [
            BlockColumn("median", "integer", LABELS["median"], "days"),
            BlockColumn("median_lower", "integer", LABELS["lower"], "days"),
            BlockColumn("median_upper", "integer", LABELS["upper"], "days"),
        ]
    rows: list[tuple[Value, ...]] = []
    marks: dict[tuple[int, int], Mark] = {}
    width = len(evidence.by) + 1
    for group, told in enumerate(shown):
        own = evidence.ended[group]
        counts = [int(one) for one in own[1:].sum(axis=1)]
        if not told.total:
            marks |= {(group, width + at): Mark.PRIMARY for at in range(len(counts))}
        events = [one if told.total else None for one in counts]
        row: tuple[Value, ...] = (*evidence.codes[group], int(own.sum()), *events)
        if evidence.kind == "kaplan_meier":
            row += _medians(evidence, group, told, policy)
        rows.append(row)
    return Block("summary", TITLES["summary"], tuple(columns), tuple(rows), marks)


def _events(code: str, several: bool) -> Mapping[str, str]:  # noqa: FBT001 - reads as a word
    label = LABELS["events"]
    return {at: f"{text}: {code}" for at, text in label.items()} if several else label


def _medians(
    evidence: CurveEvidence, group: int, told: Steps, policy: Policy
) -> tuple[int | None, ...]:
    """The first shown times at which curve and limits are at or below one half: no day of anyone.

    None where that is at no shown time.
    """
    estimates = [_estimate(evidence, group, 0, place, policy) for place in told.curve]
    return tuple(
        next(
            (
                evidence.times[place]
                for place, one in zip(told.curve, estimates, strict=True)
                if (value := one[which]) is not None and value <= 0.5
            ),
            None,
        )
        for which in range(3)
    )
