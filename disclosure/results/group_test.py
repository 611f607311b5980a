"""Tests between groups: told when every group has enough events and enough persons without."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Finding, Mark, Severity
from disclosure.policy import Policy
from disclosure.results.block import Block, BlockColumn, Value
from disclosure.results.digits import significant
from disclosure.results.evidence import ResultEvidence
from disclosure.results.groups import code_columns, small_groups
from disclosure.results.judgement import Judgement, judge
from disclosure.results.words import LABELS, TITLES

__all__ = ["LogRankEvidence", "TestEvidence", "test_block"]


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
class LogRankEvidence(ResultEvidence):
    """A test; the inner cells are strata × groups × (censored, event).

    by: names of the grouping variables; codes: of each group, C order.
    """

    by: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    test: TestEvidence


@judge.register
def _(evidence: LogRankEvidence, policy: Policy) -> Judgement:
    t = policy.threshold
    cells = evidence.n.reshape(-1, len(evidence.codes), 2)
    persons = cells.sum(axis=0)
    blocked = small_groups(persons.sum(axis=1), t)
    if blocked:
        return Judgement((blocked,))
    there = persons.sum(axis=1) > 0
    few = (persons[there, 1] < t) | ((persons[there, 0] > 0) & (persons[there, 0] < t))
    if few.any() or evidence.test.dof == 0:
        return Judgement((_untested(t, Severity.BLOCKING),))
    block, _ = test_block(evidence.test, persons[there, 1], policy)
    place = np.arange(evidence.n.size).reshape(cells.shape)
    published = [tuple(place[:, group].ravel().tolist()) for group in np.flatnonzero(there)]
    published += [tuple(place[:, group, 1].tolist()) for group in np.flatnonzero(there)]
    return Judgement(
        (),
        (block, _groups(evidence, persons, there)),
        tuple(dict.fromkeys(published)),
        {"kind": "test"},
    )


def _groups(
    evidence: LogRankEvidence, persons: NDArray[np.int64], there: NDArray[np.bool_]
) -> Block:
    columns = [
        *code_columns(evidence.by),
        BlockColumn("persons", "persons", LABELS["persons"]),
        BlockColumn("events", "persons", LABELS["events"]),
    ]
    plain = evidence.test.name == "logrank"
    if plain:
        columns.append(BlockColumn("expected", "number", LABELS["expected"]))
    rows: list[tuple[Value, ...]] = []
    for group in np.flatnonzero(there):
        row: tuple[Value, ...] = (
            *evidence.codes[group],
            int(persons[group].sum()),
            int(persons[group, 1]),
        )
        rows.append((*row, round(float(evidence.test.expected[group]), 1)) if plain else row)
    return Block("groups", TITLES["groups"], tuple(columns), tuple(rows))


def test_block(
    test: TestEvidence, events: NDArray[np.int64], policy: Policy
) -> tuple[Block, list[Finding]]:
    """The test, when every group has enough events and enough persons without."""
    columns = (
        BlockColumn("test", "text", LABELS["test"]),
        BlockColumn("chi2", "number", LABELS["chi2"]),
        BlockColumn("dof", "integer", LABELS["dof"]),
        BlockColumn("p", "number", LABELS["p"]),
    )
    safe = bool((events >= policy.threshold).all()) and test.dof > 0
    told: tuple[Value, ...] = (
        (test.name, significant(test.chi2), test.dof, significant(test.p))
        if safe
        else (test.name, None, None, None)
    )
    marks = {} if safe else {(0, column): Mark.PRIMARY for column in (1, 2, 3)}
    block = Block("test", TITLES["test"], columns, (told,), marks)
    return block, [] if safe else [_untested(policy.threshold, Severity.WITHHELD)]


def _untested(threshold: int, severity: Severity) -> Finding:
    return Finding(
        "steps",
        severity,
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
