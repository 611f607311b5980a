"""What is left of a count after its noise was averaged: the normal distribution's arithmetic."""

from collections.abc import Sequence

import numpy as np

from tests.redteam.battery.judges.verdict import Verdict

__all__ = ["averaged"]

SURE = 1.96


def averaged(values: Sequence[float], scales: Sequence[float], truth: float) -> Verdict:
    """Whether independent noisy values of one number tell which whole number it is.

    scales: standard deviation of each one's noise (public). The attacker weighs by precision, and
    has won when 95 % of what remains possible is one whole number, and it is the right one.
    """
    if not values:
        return Verdict(won=False, how="nothing was told")
    weights = 1 / np.maximum(np.square(np.array(scales, float)), 1e-12)
    mean = float((weights * np.array(values, float)).sum() / weights.sum())
    wide = SURE / float(np.sqrt(weights.sum()))
    won = wide < 0.5 and round(mean) == truth
    return Verdict(won, f"{mean:.1f} ± {wide:.1f} from {len(values)} answers")
