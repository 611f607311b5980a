"""Tables of persons with noise: each inner cell has its own, margins are sums of noisy cells."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import prod

from disclosure.policy import Policy
from disclosure.privacy.answer import Part, Private, decided, note, private
from disclosure.privacy.mechanisms import noisy_counts
from disclosure.publication import noisy_cells
from disclosure.tables import TableEvidence

__all__: list[str] = []


@private.register
def _(evidence: TableEvidence, rho: Fraction, policy: Policy) -> Private:
    noisy = noisy_counts(evidence.n, rho)
    near = noisy.accuracy_95
    found = note(
        f"Counts carry calibrated noise: within ± {near} with 95 %, at a cost of ρ = {rho}.",
        f"Tallene har kalibrert støy: innenfor ± {near} med 95 %, til en kostnad av ρ = {rho}.",
        int(evidence.n.size),
    )
    parts = (Part("persons", noisy),)
    decision = replace(
        decided(parts, rho, policy, [found]), cells=noisy_cells(evidence, noisy.values)
    )
    sums = {}
    if evidence.margins:
        lengths = [len(one.codes) for one in evidence.dimensions]
        summed = {
            prod(some)
            for size in range(1, len(lengths) + 1)
            for some in combinations(lengths, size)
        }
        sums = {cells: noisy.within(cells) for cells in sorted(summed)}
    return Private(decision, rho, parts, near, sums)
