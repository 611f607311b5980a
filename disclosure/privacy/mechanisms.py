"""Calibrated noise: OpenDP's discrete Gaussian under zCDP. The only importer of opendp.

Randomness is OpenDP's own (the system's generator); sampling is exact, in integers (Canonne,
Kamath & Steinke 2020), so no floating-point channel exists. opendp takes a while to load, so it is
loaded when the first noisy number is asked for.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from disclosure.errors import Fault, Refusal

__all__ = ["Z95", "Noisy", "NoisyKeys", "count_accuracy", "gaussian", "noisy_counts", "noisy_keys"]

Z95 = 1.959964
"""The two-sided 95 % quantile of the normal distribution."""
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Noisy:
    """Whole numbers with noise. values: int64, shape of what was asked.

    sensitivity: how far one person moves the true numbers (Euclidean); scale: σ of each; rho: the
    exact cost asked for; certified: what the mechanism itself says it costs (zCDP), never above.
    """

    values: Ints
    sensitivity: float
    scale: float
    rho: Fraction
    certified: float

    @property
    def accuracy_95(self) -> int:
        """Each value lies within ± this of the true one with 95 % probability."""
        return self.within(1)

    def within(self, cells: int) -> int:
        """The same of the sum of so many values.

        Of one value OpenDP's own bound; a sum is below a normal variable of the summed variances
        in every tail that matters, as a discrete Gaussian is sub-Gaussian with its own σ.
        """
        if cells == 1:
            return _accuracy(self.scale)
        return math.ceil(Z95 * self.scale * math.sqrt(cells))


def gaussian(values: Ints, sensitivity: float, rho: Fraction) -> Noisy:
    """Add noise to whole numbers (int64, any shape) at the zCDP cost ρ.

    sensitivity: the largest Euclidean distance between the numbers of neighbouring data, which
    differ by one person added or removed. The noise is the smallest whose cost, by the mechanism's
    own map, is within ρ. Values may be negative: cutting them off would bias sums. Raises
    Refusal("rho_malformed").
    """
    limit = _below(rho)
    if limit <= 0 or not 0 < sensitivity < math.inf:
        raise Refusal("rho_malformed", "The privacy cost ρ must be positive.", "Give ρ above 0.")
    sigma = _scale(sensitivity, limit)
    measurement = _mechanism(sigma)
    certified = float(measurement.map(sensitivity))
    if certified > limit:
        raise Fault("a mechanism costs more than was asked", "privacy-cost")
    drawn = np.asarray(measurement(values.ravel().tolist()), dtype=np.int64)
    return Noisy(drawn.reshape(values.shape), sensitivity, sigma, rho, certified)


def noisy_counts(counts: Ints, rho: Fraction, cells_per_person: int = 1) -> Noisy:
    """Counts (int64, any shape) with noise; each person adds 1 to at most so many cells."""
    return gaussian(counts, math.sqrt(cells_per_person), rho)


@dataclass(frozen=True)
class NoisyKeys:
    """Counts with noise of keys that nobody listed; only those above the threshold are there.

    noisy: what was drawn, of the keys that are told; threshold: what a noisy count must reach.
    delta, certified_delta: as rho and certified, of the chance that one person's key is told.
    """

    keys: tuple[str, ...]
    noisy: Noisy
    threshold: int
    delta: Fraction
    certified_delta: float


def noisy_keys(counts: Mapping[str, int], rho: Fraction, delta: Fraction) -> NoisyKeys:
    """Count persons by keys that are themselves private, at the cost (ρ, δ) of approximate zCDP.

    Each person has one key. The threshold is the least for which the mechanism's own map (OpenDP's
    thresholded Gaussian; Rogers 2023) stays within δ. Raises Refusal("rho_malformed").
    """
    limit, most = _below(rho), _below(delta)
    if limit <= 0 or not 0 < most < 1:
        raise Refusal("rho_malformed", "The privacy cost ρ must be positive.", "Give ρ above 0.")
    sigma = _scale(1.0, limit)
    threshold, mechanism = _threshold(sigma, limit, most)
    certified, certified_delta = mechanism.map((1, 1.0, 1.0))
    if certified > limit or certified_delta > most:
        raise Fault("a mechanism costs more than was asked", "privacy-cost")
    drawn = mechanism(dict(counts)) if counts else {}
    told = sorted(drawn, key=lambda key: (-drawn[key], key))
    values = np.array([drawn[key] for key in told], dtype=np.int64)
    noisy = Noisy(values, 1.0, sigma, rho, float(certified))
    return NoisyKeys(tuple(told), noisy, threshold, delta, float(certified_delta))


def _threshold(sigma: float, limit: float, most: float) -> tuple[int, Any]:
    dp = _opendp()
    distance = dp.l02inf_distance(dp.absolute_distance(T=dp.f64))
    space = dp.map_domain(dp.atom_domain(T=str), dp.atom_domain(T=dp.i64)), distance

    def made(threshold: int) -> Any:
        return space >> dp.m.then_gaussian_threshold(scale=sigma, threshold=threshold)

    low, high = 1, math.ceil(2 + 40 * sigma)
    while low < high:
        middle = (low + high) // 2
        certified, delta = made(middle).map((1, 1.0, 1.0))
        if certified <= limit and delta <= most:
            high = middle
        else:
            low = middle + 1
    return low, made(low)


def count_accuracy(rho: Fraction) -> int:
    """Within ± how much a count of cost ρ is with 95 %, before anything is asked."""
    return _accuracy(_scale(1.0, _below(rho)))


def _mechanism(sigma: float) -> Any:
    dp = _opendp()
    space = dp.vector_domain(dp.atom_domain(T=dp.i64)), dp.l2_distance(T=dp.f64)
    return space >> dp.m.then_gaussian(scale=sigma)


@lru_cache(maxsize=256)
def _scale(sensitivity: float, limit: float) -> float:
    """The smallest σ whose mechanism costs no more than the limit: a search over its own map."""
    return float(_opendp().binary_search_param(_mechanism, d_in=sensitivity, d_out=limit))


@lru_cache(maxsize=256)
def _accuracy(sigma: float) -> int:
    beyond: float = _opendp().discrete_gaussian_scale_to_accuracy(scale=sigma, alpha=0.05)
    return math.ceil(beyond) - 1  # noise of `beyond` or more has at most 5 %; noise is whole


def _opendp() -> Any:
    import opendp.prelude as dp

    dp.enable_features("contrib")
    return dp


def _below(rho: Fraction) -> float:
    """The largest float that is not above ρ."""
    near = float(rho)
    return near if Fraction(near) <= rho else math.nextafter(near, -math.inf)
