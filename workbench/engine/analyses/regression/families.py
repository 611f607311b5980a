"""What a model's family says of one person: log-likelihood, its slope and its weight.

For a linear predictor η: `score` is ∂l/∂η and `weight` is the expected -∂²l/∂η² (as in R's glm and
statsmodels' GLM), both (n,) float64. McCullagh and Nelder (1989), ch. 2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, log_ndtr, ndtr, ndtri

__all__ = ["FAMILIES", "Family", "Pointwise"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pointwise:
    """One value a person: fitted mean, score, weight; and Σ log-likelihood (up to dispersion)."""

    mean: Floats
    loglik: float
    score: Floats
    weight: Floats


@dataclass(frozen=True)
class Family:
    """at: from outcome and η to Pointwise. link: η of a mean, for the first guess.

    variance: of the outcome at a mean, for Pearson's χ². ratio: whether exp(coefficient) is read.
    dispersed: whether the dispersion is estimated. lowest: outcomes below this are impossible.
    """

    at: Callable[[Floats, Floats], Pointwise]
    link: Callable[[float], float]
    variance: Callable[[Floats], Floats]
    ratio: bool
    dispersed: bool = False
    lowest: float = -np.inf


def _linear(y: Floats, eta: Floats) -> Pointwise:
    residual = y - eta
    return Pointwise(eta, -0.5 * float(residual @ residual), residual, np.ones_like(eta))


def _logistic(y: Floats, eta: Floats) -> Pointwise:
    small = np.exp(-np.abs(eta))  # one exponential for all three, none of which overflows
    whole = 1.0 + small
    mean = np.where(eta >= 0, 1.0, small) / whole
    loglik = float(y @ eta) - float(np.maximum(eta, 0.0).sum()) - _log_of_product(whole)
    return Pointwise(mean, loglik, y - mean, mean * (1.0 - mean))


def _log_of_product(factors: Floats) -> float:
    """Σ log of numbers between 1 and 2, with one logarithm for every 512 of them."""
    full = factors.size - factors.size % 512
    products = factors[:full].reshape(-1, 512).prod(axis=1)
    return float(np.log(products).sum() + np.log(factors[full:]).sum())


def _probit(y: Floats, eta: Floats) -> Pointwise:
    mean = ndtr(eta)
    density = np.exp(-0.5 * eta * eta) / np.sqrt(2.0 * np.pi)
    spread = np.maximum(mean * ndtr(-eta), np.finfo(np.float64).tiny)
    loglik = np.where(y > 0.5, log_ndtr(eta), log_ndtr(-eta))
    score = (y - mean) * density / spread
    return Pointwise(mean, float(loglik.sum()), score, density * density / spread)


def _log_binomial(y: Floats, eta: Floats) -> Pointwise:
    with np.errstate(invalid="ignore", divide="ignore"):
        below = eta < 0
        mean = np.exp(np.minimum(eta, -1e-12))
        odds = mean / (1.0 - mean)
        loglik = np.where(below, y * eta + (1.0 - y) * np.log1p(-mean), -np.inf)
    return Pointwise(mean, float(loglik.sum()), (y - mean) / (1.0 - mean), odds)


def _poisson(y: Floats, eta: Floats) -> Pointwise:
    mean = np.exp(eta)
    loglik = float(y @ eta) - float(mean.sum()) - float(gammaln(y + 1.0).sum())
    return Pointwise(mean, loglik, y - mean, mean)


def _gamma(y: Floats, eta: Floats) -> Pointwise:
    relative = y * np.exp(-eta)
    return Pointwise(np.exp(eta), -float((relative + eta).sum()), relative - 1.0, np.ones_like(eta))


def _odds(mean: float) -> float:
    return float(np.log(mean / (1.0 - mean)))


def _bernoulli(mean: Floats) -> Floats:
    return mean * (1.0 - mean)


def _same(mean: Any) -> Any:
    return mean


FAMILIES: dict[str, Family] = {
    "linear": Family(_linear, _same, np.ones_like, ratio=False, dispersed=True),
    "logistic": Family(_logistic, _odds, _bernoulli, ratio=True, lowest=0.0),
    "probit": Family(_probit, lambda m: float(ndtri(m)), _bernoulli, ratio=False, lowest=0.0),
    "log_binomial": Family(
        _log_binomial, lambda m: float(np.log(m)), _bernoulli, ratio=True, lowest=0.0
    ),
    "poisson": Family(_poisson, lambda m: float(np.log(m)), _same, ratio=True, lowest=0.0),
    "gamma": Family(
        _gamma,
        lambda m: float(np.log(m)),
        np.square,
        ratio=True,
        dispersed=True,
        lowest=float(np.finfo(np.float64).tiny),
    ),
}
"""By the model's name. The negative binomial has a parameter more: see its own module."""
