"""Calibrated noise for counts: OpenDP's discrete Gaussian under zCDP. The only importer of opendp.

Randomness is OpenDP's own (the system's generator); sampling is exact, in integers (Canonne,
Kamath & Steinke 2020), so no floating-point channel exists. opendp takes a while to load, so it is
loaded when the first noisy count is asked for.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from disclosure.errors import Fault, Refusal

__all__ = ["NoisyCounts", "noisy_counts"]


@dataclass(frozen=True)
class NoisyCounts:
    """values: int64, shape of the counts; scale: σ; rho: exact cost; accuracy_95: half-width.

    certified: what the mechanism itself says it costs (zCDP), never above rho.
    """

    values: NDArray[np.int64]
    scale: float
    rho: Fraction
    accuracy_95: int
    certified: float


def noisy_counts(
    counts: NDArray[np.int64], rho: Fraction, cells_per_person: int = 1
) -> NoisyCounts:
    """Add noise to counts (int64, any shape) at the zCDP cost ρ.

    Each person adds 1 to at most `cells_per_person` cells; neighbouring data differ by one person
    added or removed. The noise is the smallest whose cost, by the mechanism's own map, is within
    ρ. Values may be negative: cutting them off would bias sums. Raises Refusal("rho_malformed").
    """
    limit = _below(rho)
    if limit <= 0 or cells_per_person < 1:
        raise Refusal("rho_malformed", "The privacy cost ρ must be positive.", "Give ρ above 0.")
    import opendp.prelude as dp

    dp.enable_features("contrib")
    sensitivity = math.sqrt(cells_per_person)
    space = dp.vector_domain(dp.atom_domain(T=dp.i64)), dp.l2_distance(T=dp.f64)
    scale = dp.binary_search_chain(
        lambda sigma: space >> dp.m.then_gaussian(scale=sigma), d_in=sensitivity, d_out=limit
    )
    certified = float(scale.map(sensitivity))
    if certified > limit:
        raise Fault("a mechanism costs more than was asked", "privacy-cost")
    sigma = float(
        dp.binary_search_param(
            lambda value: space >> dp.m.then_gaussian(scale=value), d_in=sensitivity, d_out=limit
        )
    )
    drawn = np.asarray(scale(counts.ravel().tolist()), dtype=np.int64).reshape(counts.shape)
    beyond = dp.discrete_gaussian_scale_to_accuracy(scale=sigma, alpha=0.05)
    accuracy = math.ceil(beyond) - 1  # noise of `beyond` or more has at most 5 %; noise is whole
    return NoisyCounts(drawn, sigma, rho, int(accuracy), certified)


def _below(rho: Fraction) -> float:
    """The largest float that is not above ρ."""
    near = float(rho)
    return near if Fraction(near) <= rho else math.nextafter(near, -math.inf)
