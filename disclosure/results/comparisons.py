"""Tests whether groups are alike: every group and cell must hold enough persons.

A statistic of a test is one number of many persons; with the margins known it still is an equation
about the cells, so a table with a small cell is refused as a whole. What is told of each group (its
mean) follows the rules of means.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from disclosure.findings import Finding, Severity
from disclosure.policy import Policy
from disclosure.publication import described
from disclosure.results.block import Block, BlockColumn
from disclosure.results.digits import significant
from disclosure.results.evidence import ResultEvidence
from disclosure.results.groups import code_columns, small_groups
from disclosure.results.judgement import Judgement, judge
from disclosure.results.significance import (
    kruskal_wallis,
    mann_whitney,
    many_means,
    told,
    two_means,
)
from disclosure.rules import means
from disclosure.rules.dominance import Contributions, concentrated

__all__ = ["GroupsEvidence", "IndependenceEvidence", "RanksEvidence", "dominated"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Text = dict[str, str]

GROUPS: Text = {"en": "Groups", "nb": "Grupper"}
_LABELS: dict[str, Text] = {
    "persons": {"en": "Persons", "nb": "Personer"},
    "mean": {"en": "Mean", "nb": "Gjennomsnitt"},
    "sd": {"en": "Standard deviation", "nb": "Standardavvik"},
    "mean_rank": {"en": "Mean rank", "nb": "Gjennomsnittlig rang"},
}


@dataclass(frozen=True, kw_only=True)
class IndependenceEvidence(ResultEvidence):
    """A table: shape of the inner cells, and how many of each axis are no missing category."""

    shape: tuple[int, int]
    levels: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class GroupsEvidence(ResultEvidence):
    """moments: of a number, (groups,) each."""

    by: str
    levels: int
    equal_variances: bool
    moments: Contributions


@dataclass(frozen=True, kw_only=True)
class RanksEvidence(ResultEvidence):
    """rank_sums: (groups,), of midranks over all. ties: Σ(t³ - t) over values held by t persons."""

    by: str
    levels: int
    rank_sums: Floats
    ties: float


@judge.register
def _(evidence: IndependenceEvidence, policy: Policy) -> Judgement:
    whole = evidence.n.reshape(evidence.shape)
    table = whole[: evidence.levels[0], : evidence.levels[1]]
    rows, columns = table.any(axis=1), table.any(axis=0)
    held = table[rows][:, columns]
    if min(held.shape) < 2:
        return Judgement((_one_group(),))
    blocked = small_groups(held.ravel(), policy.threshold)
    if blocked is not None:
        return Judgement((blocked,))
    chi2, p, dof, _ = stats.chi2_contingency(held, correction=False)
    n = int(held.sum())
    v = math.sqrt(chi2 / (n * (min(held.shape) - 1)))
    block = told("Pearson χ²", chi2, float(dof), None, p, ("Cramér V", v, None, None))
    places = np.arange(whole.size).reshape(evidence.shape)
    shown = places[: evidence.levels[0], : evidence.levels[1]]
    # With a table known, the statistic of one that is like it tells its cells: all are published.
    cells = [(at,) for at in shown.ravel().tolist() if evidence.n[at]]
    together = tuple(shown.ravel().tolist())
    return _judgement((block, _persons(n)), (together, *cells), "independence")


@judge.register
def _(evidence: GroupsEvidence, policy: Policy) -> Judgement:
    some = np.flatnonzero(evidence.n[: evidence.levels] > 0)
    blocked = _too_few_groups(evidence.n[some], policy)
    if blocked is None and (found := dominated(evidence.moments.at(some), policy)):
        blocked = found
    if blocked is not None:
        return Judgement((blocked,))
    held = evidence.moments.at(some)
    n = held.n.astype(np.float64)
    mean = held.total / n
    square = np.maximum(held.total_sq - n * mean * mean, 0.0)
    variance = square / (n - 1)
    if not (variance > 0).all():
        return Judgement((_no_variation(),))
    block = (
        two_means(n, mean, variance, _digits(held, policy), equal=evidence.equal_variances)
        if len(n) == 2
        else many_means(n, mean, variance, equal=evidence.equal_variances)
    )
    numbers = zip(
        some.tolist(),
        held.n.tolist(),
        held.total.tolist(),
        held.total_sq.tolist(),
        held.largest.tolist(),
        strict=True,
    )
    rows = []
    for at, persons, total, squares, largest in numbers:
        told = described(persons, total, squares, largest, policy)
        rows.append((evidence.groups[at][0], told["n"], told["mean"], told["sd"]))
    columns = (
        *code_columns((evidence.by,)),
        BlockColumn("persons", "persons", _LABELS["persons"]),
        BlockColumn("mean", "number", _LABELS["mean"]),
        BlockColumn("sd", "number", _LABELS["sd"]),
    )
    groups = Block("groups", GROUPS, columns, tuple(rows))
    return _judgement((block, groups), tuple((int(at),) for at in some), "means")


@judge.register
def _(evidence: RanksEvidence, policy: Policy) -> Judgement:
    some = np.flatnonzero(evidence.n[: evidence.levels] > 0)
    blocked = _too_few_groups(evidence.n[some], policy)
    if blocked is not None:
        return Judgement((blocked,))
    n, sums = evidence.n[some].astype(np.float64), evidence.rank_sums[some]
    whole = n.sum()
    correction = 1 - evidence.ties / (whole**3 - whole)
    if correction <= 0:
        return Judgement((_no_variation(),))
    block = (
        mann_whitney(n, sums, evidence.ties) if len(n) == 2 else kruskal_wallis(n, sums, correction)
    )
    columns = (
        *code_columns((evidence.by,)),
        BlockColumn("persons", "persons", _LABELS["persons"]),
        BlockColumn("mean_rank", "number", _LABELS["mean_rank"]),
    )
    rows = tuple(
        (evidence.groups[at][0], int(evidence.n[at]), significant(float(s / k)))
        for at, s, k in zip(some.tolist(), sums, n, strict=True)
    )
    groups = Block("groups", GROUPS, columns, rows)
    return _judgement((block, groups), tuple((int(at),) for at in some), "ranks")


def dominated(cells: Contributions, policy: Policy) -> Finding | None:
    """A blocking finding when the number's sum in a group is that of a few persons."""
    found = concentrated(cells, policy)
    if not found.any():
        return None
    return Finding(
        "dominance",
        Severity.BLOCKING,
        {
            "en": "In a group a few persons make up most of the number, or hold a value of their "
            "own.",
            "nb": "I en gruppe utgjør noen få personer det meste av tallet, eller har en egen "
            "verdi.",
        },
        {
            "en": "Merge groups, or cap the number's highest values.",
            "nb": "Slå sammen grupper, eller sett et tak på tallets høyeste verdier.",
        },
        int(found.sum()),
    )


def _persons(n: int) -> Block:
    return Block(
        "persons", _LABELS["persons"], (BlockColumn("persons", "persons", _LABELS["persons"]),),
        ((n,),),
    )  # fmt: skip


def _digits(held: Contributions, policy: Policy) -> int:
    """The decimals of a difference: it tells of both means, so no more than either has."""
    groups = zip(held.n.tolist(), held.largest.tolist(), strict=True)
    return min(means.mean_digits(n, largest, policy) for n, largest in groups)


def _too_few_groups(persons: Ints, policy: Policy) -> Finding | None:
    return _one_group() if len(persons) < 2 else small_groups(persons, policy.threshold)


def _judgement(
    blocks: Sequence[Block], published: tuple[tuple[int, ...], ...], kind: str
) -> Judgement:
    return Judgement((), tuple(blocks), published, {"kind": kind})


def _one_group() -> Finding:
    return Finding(
        "groups",
        Severity.BLOCKING,
        {
            "en": "Fewer than two categories hold persons of this cohort.",
            "nb": "Færre enn to kategorier har personer fra denne kohorten.",
        },
        {
            "en": "Widen the cohort, or compare by another variable.",
            "nb": "Gjør kohorten videre, eller sammenlign etter en annen variabel.",
        },
    )


def _no_variation() -> Finding:
    return Finding(
        "variation",
        Severity.BLOCKING,
        {
            "en": "The number does not vary within a group, so there is nothing to test.",
            "nb": "Tallet varierer ikke innen en gruppe, så det er ingenting å teste.",
        },
        {
            "en": "Compare another number, or merge groups.",
            "nb": "Sammenlign et annet tall, eller slå sammen grupper.",
        },
    )
