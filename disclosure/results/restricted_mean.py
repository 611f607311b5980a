"""Restricted mean survival: one number a group, as a mean of times within the horizon."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from disclosure.policy import Policy
from disclosure.results.block import Block, BlockColumn, Value
from disclosure.results.evidence import ResultEvidence
from disclosure.results.groups import code_columns, small_groups
from disclosure.results.judgement import Judgement, judge
from disclosure.results.steps import Steps, nothing_left, published, steps
from disclosure.results.survival import Z
from disclosure.results.words import LABELS, TITLES
from disclosure.rules.means import capped, mean_digits

__all__ = ["MeansEvidence"]


@dataclass(frozen=True, kw_only=True)
class MeansEvidence(ResultEvidence):
    """Means (days) and errors, (groups,); the inner cells are groups × (censored, event) × (within
    the horizon, beyond)."""

    by: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    until: int
    mean: NDArray[np.float64]
    error: NDArray[np.float64]


@judge.register
def _(evidence: MeansEvidence, policy: Policy) -> Judgement:
    t = policy.threshold
    ended = evidence.n.reshape(len(evidence.codes), 2, 2)
    blocked = small_groups(ended.sum(axis=(1, 2)), t)
    if blocked:
        return Judgement((blocked,))
    shown = [steps(one[1:], one[0], t) for one in ended]
    events = ended[:, 1, 0]
    shown = [Steps(one.curve, (), total=False) for one in shown]
    there = [group for group, told in enumerate(shown) if told.curve and events[group] >= t]
    if len(there) < int((ended.sum(axis=(1, 2)) > 0).sum()):
        return Judgement((nothing_left(t),))
    blocks = [_means(evidence, there, ended, policy)]
    if len(there) > 1:
        blocks.append(_differences(evidence, there, ended, policy))
    return Judgement((), tuple(blocks), published(ended.shape, shown), {"kind": "restricted mean"})


def _means(
    evidence: MeansEvidence, there: list[int], ended: NDArray[np.int64], policy: Policy
) -> Block:
    columns = (
        *code_columns(evidence.by),
        BlockColumn("persons", "persons", LABELS["persons"]),
        BlockColumn("events", "persons", LABELS["events_within"]),
        BlockColumn("mean", "number", LABELS["mean"], "days"),
        BlockColumn("lower", "number", LABELS["lower"], "days"),
        BlockColumn("upper", "number", LABELS["upper"], "days"),
    )
    rows: list[tuple[Value, ...]] = []
    for group in there:
        persons = int(ended[group].sum())
        mean, reach = float(evidence.mean[group]), Z * float(evidence.error[group])
        digits = mean_digits(persons, float(evidence.until), policy)
        told = (capped(one, digits) for one in (mean, mean - reach, mean + reach))
        rows.append((*evidence.codes[group], persons, int(ended[group, 1, 0]), *told))
    return Block("means", TITLES["means"], columns, tuple(rows))


def _differences(
    evidence: MeansEvidence, there: list[int], ended: NDArray[np.int64], policy: Policy
) -> Block:
    """Each group against the first, with as few digits as the mean that has fewer."""
    columns = (
        *code_columns(evidence.by),
        BlockColumn("difference", "number", LABELS["difference"], "days"),
        BlockColumn("lower", "number", LABELS["lower"], "days"),
        BlockColumn("upper", "number", LABELS["upper"], "days"),
        BlockColumn("p", "number", LABELS["p"]),
    )
    first, *others = there
    rows: list[tuple[Value, ...]] = []
    for group in others:
        persons = min(int(ended[one].sum()) for one in (first, group))
        digits = mean_digits(persons, float(evidence.until), policy)
        apart = float(evidence.mean[group] - evidence.mean[first])
        error = math.hypot(float(evidence.error[group]), float(evidence.error[first]))
        told = (capped(one, digits) for one in (apart, apart - Z * error, apart + Z * error))
        p = math.erfc(abs(apart) / error / math.sqrt(2)) if error > 0 else None
        rows.append((*evidence.codes[group], *told, None if p is None else float(f"{p:.3e}")))
    return Block("differences", TITLES["differences"], columns, tuple(rows))
