"""From evidence to an answer with noise: one function, one arm a kind; nothing else is applied.

Noise protects each person whatever is asked, so neither threshold nor ledger is. A person is one
row of the cohort: neighbouring data differ by one person added or removed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import singledispatch
from typing import Any

from disclosure.findings import Decision, Finding, Severity, Verdict
from disclosure.policy import Policy
from disclosure.privacy.mechanisms import Noisy
from disclosure.results.block import Block

__all__ = ["Part", "Private", "decided", "note", "private"]

UNIT = "one person, who is one row of the cohort, added or removed"


@dataclass(frozen=True)
class Part:
    """One statistic that was measured with noise."""

    statistic: str
    noisy: Noisy
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else its cost rests on."""


@dataclass(frozen=True)
class Private:
    """decision: what is released. parts: what was measured; their costs sum to rho.

    accuracy: of a table of counts, ± with 95 % for one inner cell and, by how many inner cells a
    number sums, for margins.
    """

    decision: Decision
    rho: Fraction
    parts: tuple[Part, ...]
    accuracy: int | None = None
    sums: Mapping[int, int] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """The noise as a release's body tells it."""
        return {
            "rho": str(self.rho),
            "scale": self.parts[0].noisy.scale,
            "accuracy_95": self.accuracy,
            "accuracy_of_sums": {str(cells): wide for cells, wide in self.sums.items()},
            **self.parts[0].more,
        }


@singledispatch
def private(evidence: object, rho: Fraction, policy: Policy) -> Private:  # noqa: ARG001 - see arms
    """The answer to a question that asked for noise, at the cost ρ. Draws; call it once."""
    raise TypeError(f"{type(evidence).__name__} is not measured with noise")


def decided(
    parts: Sequence[Part],
    rho: Fraction,
    policy: Policy,
    findings: Sequence[Finding],
    blocks: tuple[Block, ...] = (),
) -> Decision:
    """A decision with a proof in which anybody can add the costs: ρ = sensitivity² / 2 σ²."""
    proof: Mapping[str, Any] = {
        "version": 2,
        "kind": "zcdp",
        "mechanism": "discrete gaussian",
        "rho": str(rho),
        "unit": UNIT,
        "parts": [
            {
                "statistic": one.statistic,
                "sensitivity": one.noisy.sensitivity,
                "scale": one.noisy.scale,
                "rho": str(one.noisy.rho),
                "certified": one.noisy.certified,
                **one.more,
            }
            for one in parts
        ],
        "policy": policy.hash,
    }
    return Decision(Verdict.RELEASE, tuple(findings), (), proof, (), blocks)


def note(english: str, norwegian: str, cells: int) -> Finding:
    """What the reader is told of the noise, with the one thing that can be done about it."""
    remedy = {"en": "A larger ρ gives less noise.", "nb": "En større ρ gir mindre støy."}
    return Finding("privacy", Severity.NOTE, {"en": english, "nb": norwegian}, remedy, cells)
