"""What a judge says of an attack, and what counts as having learnt a secret."""

from dataclasses import dataclass

__all__ = ["P_PERCENT", "SPREAD", "THRESHOLD", "Verdict", "claimed"]

THRESHOLD = 10
SPREAD = 6
"""What the default policy promises to leave open of a group of 1 to THRESHOLD - 1 persons."""
P_PERCENT = 0.1


@dataclass(frozen=True)
class Verdict:
    """won: whether the secret follows from what was told; how: between which ends it lies."""

    won: bool
    how: str


def claimed(low: float, high: float, truth: float) -> Verdict:
    """An attacker's claim that a person's amount lies between two ends.

    It is right when the amount does, and worth something when it is at most p% off either way.
    """
    near = truth - abs(truth) * P_PERCENT <= low <= truth <= high <= truth + abs(truth) * P_PERCENT
    return Verdict(near, f"claimed {low:.6g} to {high:.6g}")
