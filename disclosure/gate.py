"""The gate: evidence, policy and history in; a decision with findings and proof out.

The order matters: what concerns the whole table first (population, cohorts of earlier releases),
then cells (threshold, group disclosure, dominance, suppression), then the table as it would be
published against everything that was (linear audit). A table is either safe as a whole or refused.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from disclosure.errors import Refusal
from disclosure.findings import Decision, Finding, Mark, Severity, Verdict, cells_are
from disclosure.intervals import joined
from disclosure.ledger import findings as ledger
from disclosure.ledger.collision import Collision, groups_of, meets
from disclosure.ledger.differencing import Meetings, close_population, meetings
from disclosure.ledger.linear import together
from disclosure.ledger.meeting import Meeting
from disclosure.ledger.subtraction import telling
from disclosure.policy import Policy
from disclosure.publication import proof, published_counts, shown_cells
from disclosure.rules import dominance, population, threshold
from disclosure.statistics import Judged, judge
from disclosure.suppression.lattice import lattice_of
from disclosure.tables import Atoms, Difference, Overlap, TableEvidence

__all__ = ["decide"]

Flags = NDArray[np.bool_]
DIMENSIONS = 3
JOINED = (1, 2, 4, 8)
"""Thresholds that small intervals are joined up to, in turn: longer ones may agree with what was
released before where the shortest do not. A curve asks for more, that nothing is withheld."""


def decide(
    evidence: TableEvidence,
    policy: Policy,
    overlaps: Sequence[Overlap],
    history: Atoms | Meeting | None = None,
    differences: Sequence[Difference] = (),
) -> Decision:
    """What of a table may be released.

    evidence: see TableEvidence; overlaps: one for each earlier release of the project; atoms: of
    the new table and all earlier releases jointly, where the caller can tell (then three and more
    releases are audited together, else pair by pair). Never raises for what the table holds; a
    refusal is a Decision with a blocking finding.
    """
    told = telling(differences, policy, overlaps)
    first: Decision | None = None
    whole = any(one.merge == "all" for one in evidence.dimensions)
    for size in JOINED if any(one.merge for one in evidence.dimensions) else (1,):
        fewer = joined(evidence, size * policy.threshold)
        if fewer is None:
            found = _decided(evidence, policy, overlaps, history, told)
        else:
            found = fewer.spread(
                _decided(
                    fewer.evidence, policy, fewer.overlaps(overlaps), fewer.history(history), told
                )
            )
        released = found.verdict is Verdict.RELEASE
        if released and not (whole and any(one.mark is not Mark.SHOWN for one in found.cells)):
            return found
        if first is None or (released and first.verdict is Verdict.REFUSE):
            first = found
    return first or _refused([_nothing_left()])


def _decided(
    evidence: TableEvidence,
    policy: Policy,
    overlaps: Sequence[Overlap],
    history: Atoms | Meeting | None,
    told: Sequence[Finding],
) -> Decision:
    blocking = [*_about_the_table(evidence, policy, overlaps), *told]
    if blocking:
        return _refused(blocking)
    met = _meetings(evidence, policy, overlaps)
    try:
        judged = _judged(evidence, policy, met)
    except Refusal as refusal:
        return _refused([_unprotected(refusal)])
    if not any(one.shown.any() for one in judged):
        return _refused([_nothing_left()])
    published = published_counts(judged)
    try:
        blocking = _linear(judged[0], policy, overlaps, history, published, evidence)
    except Refusal as refusal:
        blocking = [_unprotected(refusal)]
    if blocking:
        return _refused(blocking)
    further = [one.judged(judged, policy) for one in evidence.further]
    noted = [finding for one in further for finding in one.findings]
    return Decision(
        Verdict.RELEASE,
        (*_withheld(judged, policy, met), *noted),
        shown_cells(evidence, judged, policy, [one.values for one in further]),
        proof(judged, policy, [one.release for one in overlaps]),
        published,
    )


def _about_the_table(
    evidence: TableEvidence, policy: Policy, overlaps: Sequence[Overlap]
) -> list[Finding]:
    found = population.finding(evidence.population, evidence.view_population, policy)
    blocking = [] if found is None else [found]
    if evidence.n.ndim > DIMENSIONS or evidence.n.size > policy.maximum_cells:
        blocking.append(_too_large(policy))
    blocking += [
        ledger.close_population(one.release, policy.threshold, meets(one, policy.threshold))
        for one in overlaps
        if close_population(one, policy.threshold)
    ]
    return blocking


def _meetings(
    evidence: TableEvidence, policy: Policy, overlaps: Sequence[Overlap]
) -> list[Meetings]:
    if not overlaps:
        return []
    lattice = lattice_of(evidence.n)
    sums = lattice.sums()
    return [meetings(one, sums, lattice.values.shape, policy.threshold) for one in overlaps]


def _judged(evidence: TableEvidence, policy: Policy, met: Sequence[Meetings]) -> tuple[Judged, ...]:
    known = np.logical_or.reduce([one.same for one in met]) if met else None
    close = np.logical_or.reduce([one.close for one in met]) if met else None
    return tuple(
        judge(evidence, magnitude, policy, known, close)
        for magnitude in (evidence.magnitudes or (None,))
    )


def _linear(
    judged: Judged,
    policy: Policy,
    overlaps: Sequence[Overlap],
    history: Atoms | Meeting | None,
    published: tuple[tuple[int, ...], ...],
    evidence: TableEvidence,
) -> list[Finding]:
    sums, persons = judged.lattice.sums(), evidence.view_population
    found = together(published, sums, policy.threshold, overlaps, history, persons)
    how = {one.release: meets(one, policy.threshold) for one in overlaps} if found else {}
    return [
        ledger.linear(
            Collision(
                tuple((name, how.get(name, "overlapping")) for name in one.releases),
                groups_of(evidence.dimensions, one.cells),
            )
        )
        for one in found
    ]


def _withheld(judged: Sequence[Judged], policy: Policy, met: Sequence[Meetings]) -> list[Finding]:
    """One finding a rule; cells are counted over all statistics of the table."""
    inner = judged[0].lattice.inner
    small = sum(int(((one.small | one.doubt) & inner).sum()) for one in judged)
    dominated = sum(int((one.dominated & inner).sum()) for one in judged)
    hidden = sum(int((one.hidden & ~one.silent).sum()) for one in judged)
    found = []
    if small:
        found.append(threshold.finding(small, policy.threshold))
    if dominated:
        found.append(dominance.finding(dominated))
    found += [
        ledger.close_cells(one.release, int(one.close.sum()), policy.threshold)
        for one in met
        if one.close.any()
    ]
    own = sum(int(((one.small | one.doubt | one.dominated | one.close) & inner).sum())
              for one in judged)  # fmt: skip
    if hidden > own:
        found.append(_complementary(hidden - own))
    return found


def _complementary(cells: int) -> Finding:
    return Finding(
        "suppression",
        Severity.WITHHELD,
        {
            "en": f"Besides, {cells_are(cells)['en']} withheld, margins counted; "
            "else the others could be computed.",
            "nb": f"I tillegg er {cells} {'celle' if cells == 1 else 'celler'} holdt "
            "tilbake, marginer medregnet; ellers kunne de andre regnes ut.",
        },
        {
            "en": "Leave out the margins, or merge the categories with small cells.",
            "nb": "Utelat marginene, eller slå sammen kategoriene med små celler.",
        },
        cells,
    )


def _unprotected(refusal: Refusal) -> Finding:
    norwegian = {
        "cannot_be_protected": (
            "Noen celler er for små eller ensidige; ingen valg av skjulte celler beskytter dem.",
            "Slå sammen kategorier, utelat marginene, eller be om én dimensjon mindre.",
        ),
        "too_hard_to_protect": (
            "Kontrollen av tabellen ble ikke ferdig innen tidsgrensen.",
            "Bruk færre eller bredere kategorier, eller utelat marginene.",
        ),
        "too_much_released": (
            "Prosjektet har utgitt flere tall enn som kan kontrolleres sammen.",
            "Be om et antall med støy, eller be avsløringskontrolløren se på tabellen.",
        ),
    }
    reason, remedy = norwegian[refusal.code]
    return Finding(
        "suppression",
        Severity.BLOCKING,
        {"en": refusal.reason, "nb": reason},
        {"en": refusal.remedy, "nb": remedy},
    )


def _too_large(policy: Policy) -> Finding:
    return Finding(
        "size",
        Severity.BLOCKING,
        {
            "en": f"The table has more than {DIMENSIONS} dimensions or {policy.maximum_cells} "
            "cells.",
            "nb": f"Tabellen har mer enn {DIMENSIONS} dimensjoner eller {policy.maximum_cells} "
            "celler.",
        },
        {
            "en": "Use fewer dimensions or broader categories.",
            "nb": "Bruk færre dimensjoner eller bredere kategorier.",
        },
    )


def _nothing_left() -> Finding:
    return Finding(
        "suppression",
        Severity.BLOCKING,
        {
            "en": "Nothing of this table could be shown.",
            "nb": "Ingenting av denne tabellen kunne vises.",
        },
        {
            "en": "Merge categories, or widen the cohort.",
            "nb": "Slå sammen kategorier, eller utvid kohorten.",
        },
    )


def _refused(findings: Sequence[Finding]) -> Decision:
    return Decision(Verdict.REFUSE, tuple(findings), (), {})
