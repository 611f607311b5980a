"""The gate for results that are no plain tables: population, history, the family's own rules.

A result is released as a whole or not at all: its groups are compared person by person with every
earlier release of the project, and the counts that it shows enter the audit like a table's.
"""

from collections.abc import Sequence

import numpy as np

from disclosure.errors import Refusal
from disclosure.findings import Decision, Finding, Severity, Verdict
from disclosure.ledger import findings as ledger
from disclosure.ledger.atoms import published_sums
from disclosure.ledger.collision import NAMED, Collision, Group, meets
from disclosure.ledger.differencing import close_population, meetings
from disclosure.ledger.linear import together
from disclosure.ledger.meeting import Meeting
from disclosure.ledger.subtraction import telling
from disclosure.policy import Policy
from disclosure.results.evidence import ResultEvidence
from disclosure.results.judgement import judge
from disclosure.rules import population
from disclosure.suppression.lattice import lattice_of
from disclosure.tables import Atoms, Difference, Overlap

__all__ = ["decide_result"]


def decide_result(
    evidence: ResultEvidence,
    policy: Policy,
    overlaps: Sequence[Overlap],
    history: Atoms | Meeting | None = None,
    differences: Sequence[Difference] = (),
) -> Decision:
    """What may be released; see disclosure.gate.decide, which does the same for tables."""
    blocking = [
        *_about_the_whole(evidence, policy, overlaps),
        *telling(differences, policy, overlaps),
    ]
    if blocking:
        return Decision(Verdict.REFUSE, tuple(blocking), (), {})
    judgement = judge(evidence, policy)
    refusing = [one for one in judgement.findings if one.severity is Severity.BLOCKING]
    if not refusing:
        refusing = _history(evidence, policy, overlaps, history, judgement.published)
    if refusing:
        return Decision(Verdict.REFUSE, tuple(refusing), (), {})
    proof = {
        "version": 1,
        "kind": "result",
        "policy": policy.hash,
        "policy_words": policy.words,
        "threshold": policy.threshold,
        "compared_with": [one.release for one in overlaps],
        "rules": dict(judgement.proof),
    }
    return Decision(
        Verdict.RELEASE,
        judgement.findings,
        (),
        proof,
        judgement.published,
        judgement.blocks,
    )


def _about_the_whole(
    evidence: ResultEvidence, policy: Policy, overlaps: Sequence[Overlap]
) -> list[Finding]:
    found = population.finding(evidence.population, evidence.view_population, policy)
    blocking = [] if found is None else [found]
    blocking += [
        ledger.close_population(one.release, policy.threshold, meets(one, policy.threshold))
        for one in overlaps
        if close_population(one, policy.threshold)
    ]
    return blocking


def _history(
    evidence: ResultEvidence,
    policy: Policy,
    overlaps: Sequence[Overlap],
    history: Atoms | Meeting | None,
    published: tuple[tuple[int, ...], ...],
) -> list[Finding]:
    """A group that differs by a few persons from one of an earlier release blocks the result."""
    shown = published_sums(published, evidence.n.size)
    blocking = []
    for one in overlaps:
        close = meetings(one, shown, (len(published),), policy.threshold).close
        if close.any():
            near = [published[at] for at in np.flatnonzero(close).tolist()]
            cells = [cell[0] for cell in near if len(cell) == 1]
            collision = Collision(
                ((one.release, meets(one, policy.threshold)),), _named(evidence, cells)
            )
            blocking.append(ledger.close_groups(one.release, policy.threshold, collision))
    if blocking:
        return blocking
    sums = lattice_of(evidence.n).sums()
    try:
        persons = evidence.view_population
        found = together(published, sums, policy.threshold, overlaps, history, persons)
    except Refusal:
        return [ledger.unaudited()]
    how = {one.release: meets(one, policy.threshold) for one in overlaps} if found else {}
    return [
        ledger.linear(
            Collision(
                tuple((name, how.get(name, "overlapping")) for name in one.releases),
                _named(evidence, one.cells),
            )
        )
        for one in found
    ]


def _named(evidence: ResultEvidence, cells: Sequence[int]) -> tuple[Group, ...]:
    """The codes of some inner cells; their dimensions are the plan's."""
    return tuple(
        tuple(("", code) for code in evidence.groups[cell] if code) for cell in cells[:NAMED]
    )
