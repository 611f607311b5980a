"""The gate for results that are no plain tables: population, history, the family's own rules.

A result is released as a whole or not at all: its groups are compared person by person with every
earlier release of the project, and the counts that it shows enter the audit like a table's.
"""

from collections.abc import Sequence

from disclosure.errors import Refusal
from disclosure.findings import Decision, Finding, Severity, Verdict
from disclosure.ledger import findings as ledger
from disclosure.ledger.atoms import published_sums
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
    blocking = [*_about_the_whole(evidence, policy, overlaps), *telling(differences, policy)]
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
        ledger.close_population(one.release, policy.threshold)
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
    blocking = [
        ledger.close_groups(one.release, policy.threshold)
        for one in overlaps
        if meetings(one, shown, (len(published),), policy.threshold).close.any()
    ]
    if blocking:
        return blocking
    sums = lattice_of(evidence.n).sums()
    try:
        found = together(published, sums, policy.threshold, overlaps, history)
    except Refusal:
        return [ledger.unaudited()]
    return [ledger.linear(one) for one in found]
