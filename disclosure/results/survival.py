"""Curves of follow-up: shown at public times that hold enough events, with digits to match."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Finding, Mark, Severity
from disclosure.policy import Policy
from disclosure.results.block import Block, BlockColumn, Value
from disclosure.results.evidence import ResultEvidence
from disclosure.results.groups import code_columns, small_groups
from disclosure.results.judgement import Judgement, judge
from disclosure.results.steps import Steps, steps
from disclosure.results.words import LABELS, TITLES
from disclosure.rules.means import capped, mean_digits

__all__ = ["CurveEvidence", "TestEvidence", "significant"]

Kind = Literal["kaplan_meier"]
Z = 1.959963984540054
"""Limits hold with 95 %."""


@dataclass(frozen=True)
class TestEvidence:
    """A test between groups: (groups,) observed and expected events, weighted as the test does."""

    name: str
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    chi2: float
    dof: int
    p: float


@dataclass(frozen=True, kw_only=True)
class CurveEvidence(ResultEvidence):
    """A curve a group and cause; the inner cells are groups × (censored, causes) × intervals.

    by: names of the grouping variables; codes: of each group, C order. times: public days; interval
    i ends with times[i], the last has no end. value, spread: (groups, causes, times), the estimate
    just after each time and the standard error that its limits are made of.
    """

    kind: Kind
    by: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    times: tuple[int, ...]
    value: NDArray[np.float64]
    spread: NDArray[np.float64]
    test: TestEvidence | None = None


@judge.register
def _(evidence: CurveEvidence, policy: Policy) -> Judgement:
    t = policy.threshold
    groups, causes, times = evidence.value.shape
    ended = evidence.n.reshape(groups, causes + 1, times + 1)
    blocked = small_groups(ended.sum(axis=(1, 2)), t)
    if blocked:
        return Judgement((blocked,))
    shown = [steps(one[1:], one[0], t) for one in ended]
    if not any(one.curve for one in shown):
        return Judgement((_nothing(t),))
    blocks = [_curve(evidence, ended, shown, policy), _at_risk(evidence, ended, shown)]
    blocks.append(_summary(evidence, ended, shown, policy))
    withheld = sum(times - len(one.curve) for one in shown)
    findings = [_merged_times(withheld, t)] if withheld else []
    if evidence.test is not None:
        tested, finding = _test(evidence.test, ended, policy)
        blocks.append(tested)
        findings += finding
    return Judgement(
        tuple(findings),
        tuple(blocks),
        _published(ended.shape, shown),
        {"kind": "curve", "times_shown": [len(one.curve) for one in shown]},
    )


def _curve(
    evidence: CurveEvidence, ended: NDArray[np.int64], shown: list[Steps], policy: Policy
) -> Block:
    name = "survival"
    columns = (
        *code_columns(evidence.by),
        BlockColumn("time", "integer", LABELS["time"], "days"),
        BlockColumn(name, "number", LABELS[name]),
        BlockColumn("lower", "number", LABELS["lower"]),
        BlockColumn("upper", "number", LABELS["upper"]),
    )
    rows: list[tuple[Value, ...]] = []
    for group, told in enumerate(shown):
        codes = evidence.codes[group]
        if told.curve:
            rows.append((*codes, 0, 1.0, None, None))
        rows += [
            (*codes, evidence.times[place], *_estimate(evidence, ended, group, place, policy))
            for place in told.curve
        ]
    return Block("curve", TITLES["curve"], columns, tuple(rows))


def _estimate(
    evidence: CurveEvidence, ended: NDArray[np.int64], group: int, place: int, policy: Policy
) -> tuple[float | None, float | None, float | None]:
    """Value and limits with as many digits as leave a tenth of one person's weight open."""
    followed = int(ended[group].sum() - ended[group, :, : place + 1].sum())
    digits = mean_digits(followed, 1.0, policy)
    value = float(evidence.value[group, 0, place])
    lower, upper = _log_log(value, float(evidence.spread[group, 0, place]))
    return (
        capped(value, digits),
        None if lower is None else capped(lower, digits),
        None if upper is None else capped(upper, digits),
    )


def _log_log(survival: float, spread: float) -> tuple[float | None, float | None]:
    """Limits on the scale of log(−log S); none where S is 0 or 1."""
    if not 0 < survival < 1 or not math.isfinite(spread):
        return None, None
    reach = Z * spread / abs(math.log(survival))
    return survival ** math.exp(reach), survival ** math.exp(-reach)


def _at_risk(evidence: CurveEvidence, ended: NDArray[np.int64], shown: list[Steps]) -> Block:
    columns = (
        *code_columns(evidence.by),
        BlockColumn("time", "integer", LABELS["time"], "days"),
        BlockColumn("at_risk", "persons", LABELS["at_risk"]),
        BlockColumn("events", "persons", LABELS["events_until"]),
        BlockColumn("censored", "persons", LABELS["censored_until"]),
    )
    rows: list[tuple[Value, ...]] = []
    for group, told in enumerate(shown):
        own = ended[group]
        for place in told.at_risk:
            until = own[:, : place + 1].sum(axis=1)
            rows.append(
                (
                    *evidence.codes[group],
                    evidence.times[place],
                    int(own.sum() - until.sum()),
                    int(until[1:].sum()),
                    int(until[0]),
                )
            )
    return Block("at_risk", TITLES["at_risk"], columns, tuple(rows))


def _summary(
    evidence: CurveEvidence, ended: NDArray[np.int64], shown: list[Steps], policy: Policy
) -> Block:
    columns = (
        *code_columns(evidence.by),
        BlockColumn("persons", "persons", LABELS["persons"]),
        BlockColumn("events", "persons", LABELS["events"]),
        BlockColumn("median", "integer", LABELS["median"], "days"),
        BlockColumn("median_lower", "integer", LABELS["lower"], "days"),
        BlockColumn("median_upper", "integer", LABELS["upper"], "days"),
    )
    rows: list[tuple[Value, ...]] = []
    marks: dict[tuple[int, int], Mark] = {}
    for group, told in enumerate(shown):
        events = int(ended[group, 1:].sum())
        codes = evidence.codes[group]
        estimates = [
            (evidence.times[place], *_estimate(evidence, ended, group, place, policy))
            for place in told.curve
        ]
        median = [_first_below_half([(at[0], at[column]) for at in estimates])
                  for column in (1, 2, 3)]  # fmt: skip
        if not told.total:
            marks[group, len(codes) + 1] = Mark.PRIMARY
        rows.append((*codes, int(ended[group].sum()), events if told.total else None, *median))
    return Block("summary", TITLES["summary"], columns, tuple(rows), marks)


def _first_below_half(points: list[tuple[int, float | None]]) -> int | None:
    """The first shown time at which a curve is at or below one half: no day of any one person."""
    return next((time for time, value in points if value is not None and value <= 0.5), None)


def _test(
    test: TestEvidence, ended: NDArray[np.int64], policy: Policy
) -> tuple[Block, list[Finding]]:
    """The test, when every group has enough events and enough persons without."""
    columns = (
        BlockColumn("test", "text", LABELS["test"]),
        BlockColumn("chi2", "number", LABELS["chi2"]),
        BlockColumn("dof", "integer", LABELS["dof"]),
        BlockColumn("p", "number", LABELS["p"]),
    )
    events = ended[:, 1:].sum(axis=(1, 2))
    safe = bool((events >= policy.threshold).all()) and test.dof > 0
    told: tuple[Value, ...] = (
        (test.name, significant(test.chi2), test.dof, significant(test.p))
        if safe
        else (test.name, None, None, None)
    )
    marks = {} if safe else {(0, column): Mark.PRIMARY for column in (1, 2, 3)}
    block = Block("test", TITLES["test"], columns, (told,), marks)
    return block, [] if safe else [_untested(policy.threshold)]


def significant(value: float, digits: int = 4) -> float:
    """A statistic with so many significant digits: more of it would fix counts beside it."""
    return float(f"{value:.{digits - 1}e}")


def _published(shape: tuple[int, ...], shown: list[Steps]) -> tuple[tuple[int, ...], ...]:
    """Persons, events between shown times by cause, and persons at risk, as inner cells."""
    cell = np.arange(math.prod(shape)).reshape(shape)
    found: list[tuple[int, ...]] = []
    for group, told in enumerate(shown):
        own = cell[group]
        found.append(tuple(own.ravel().tolist()))
        starts = (-1, *told.curve)
        for start, end in zip(starts, told.curve, strict=False):
            found += [tuple(cause[start + 1 : end + 1].tolist()) for cause in own[1:]]
        for place in told.at_risk:
            found.append(tuple(own[:, place + 1 :].ravel().tolist()))
            found.append(tuple(own[0, : place + 1].tolist()))
        if told.total:
            found += [tuple(cause.tolist()) for cause in own[1:]]
    return tuple(dict.fromkeys(found))


def _merged_times(count: int, threshold: int) -> Finding:
    return Finding(
        "steps",
        Severity.WITHHELD,
        {
            "en": f"{count} of the asked times are left out: fewer than {threshold} events since "
            f"the time before, or too few persons still followed.",
            "nb": f"{count} av tidspunktene er utelatt: færre enn {threshold} hendelser siden "
            "tidspunktet før, eller for få personer som fortsatt følges.",
        },
        {
            "en": "Ask for fewer times or broader groups.",
            "nb": "Be om færre tidspunkter eller bredere grupper.",
        },
        count,
    )


def _nothing(threshold: int) -> Finding:
    return Finding(
        "steps",
        Severity.BLOCKING,
        {
            "en": f"At no time do {threshold} events lie between two times with enough persons "
            "followed on.",
            "nb": f"Det er ingen tidspunkter med {threshold} hendelser imellom og mange nok "
            "personer som følges videre.",
        },
        {
            "en": "Widen the cohort, broaden the groups, or ask for fewer times.",
            "nb": "Utvid kohorten, bruk bredere grupper, eller be om færre tidspunkter.",
        },
    )


def _untested(threshold: int) -> Finding:
    return Finding(
        "steps",
        Severity.WITHHELD,
        {
            "en": f"The test is withheld: a group has fewer than {threshold} events.",
            "nb": f"Testen er holdt tilbake: en gruppe har færre enn {threshold} hendelser.",
        },
        {
            "en": "Merge groups so that each has more events.",
            "nb": "Slå sammen grupper slik at hver har flere hendelser.",
        },
        1,
    )
