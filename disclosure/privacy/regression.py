"""Linear regression with noise: the model is solved from noisy sums of products.

Every column, the outcome too, is clipped and scaled to ± 1; the sums of all their products are
measured once (Vu & Slavković 2009; Wang 2018, sufficient statistics perturbation). Limits hold both
what the sample and what the noise leaves open: to first order, β̂ − β = A⁻¹ (Xᵀε + e − Eβ) with A
the noisy XᵀX, E and e the noise in XᵀX and Xᵀy.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Finding, Severity
from disclosure.policy import Policy
from disclosure.privacy.answer import Part, Private, decided, note, private
from disclosure.privacy.evidence import ModelEvidence
from disclosure.privacy.mechanisms import Z95, gaussian
from disclosure.results.block import Block, BlockColumn
from disclosure.results.digits import significant

__all__ = ["Solved", "solved"]

CLEAR = 6.0
"""How far above the noise the least informative direction must lie: (CLEAR · √columns) σ.

The noise in a symmetric matrix of p columns is about 2 √p σ large; what is left out by taking the
model to be straight in it is then at most some hundredths of the errors."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Solved:
    """Coefficients of the scaled columns, their covariance, and the residual spread (all scaled).

    of_sample: the part of the variances that is the sample's, the rest is the noise's.
    """

    estimate: Floats
    covariance: Floats
    of_sample: Floats
    persons: float
    residual: float
    explained: float | None


@private.register
def _(evidence: ModelEvidence, rho: Fraction, policy: Policy) -> Private:
    size = evidence.products.shape[0]
    upper = np.triu_indices(size)
    # Σ over i ≤ j of (Zᵢ Zⱼ)² is (‖Z‖⁴ + Σ Zᵢ⁴) / 2, and Zᵢ⁴ ≤ Zᵢ² for |Zᵢ| ≤ 1.
    weight = evidence.weight
    sensitivity = evidence.unit**2 * math.sqrt((weight**2 + weight) / 2)
    noisy = gaussian(evidence.products[upper], sensitivity, rho)
    scaled = np.zeros((size, size))
    scaled[upper] = noisy.values / float(evidence.unit**2)
    scaled = scaled + np.triu(scaled, 1).T
    spread = noisy.scale / evidence.unit**2
    found = solved(scaled, spread)
    findings = [
        note(
            "Numbers were clipped to their bounds, and the sums of products carry calibrated noise "
            f"at a cost of ρ = {rho}; standard errors and limits hold the noise as well.",
            "Tallene er avgrenset, og produktsummene har kalibrert støy til en kostnad av "
            f"ρ = {rho}; standardfeil og grenser omfatter støyen også.",
            len(evidence.columns),
        )
    ]
    if found is None:
        findings.append(_undetermined())
    parts = (Part("sums of products", noisy),)
    blocks = (_coefficients(evidence, found), _fit(evidence, found, scaled, spread))
    return Private(decided(parts, rho, policy, findings, blocks), rho, parts)


def solved(scaled: Floats, spread: float) -> Solved | None:
    """The model of noisy sums of products, constant first, outcome last; None where noise wins.

    spread: σ of the noise in each entry of the upper triangle.
    """
    a, b, yy = scaled[:-1, :-1], scaled[:-1, -1], float(scaled[-1, -1])
    size = a.shape[0]
    persons = float(a[0, 0])
    if np.linalg.eigvalsh(a)[0] < CLEAR * math.sqrt(size) * spread or persons <= size + 1:
        return None
    inverse = np.linalg.inv(a)
    estimate = inverse @ b
    size_sq = float(estimate @ estimate)
    left = yy - 2 * float(estimate @ b) + float(estimate @ a @ estimate)
    residual = max(left, 0.0) / (persons - size)
    # Cov(e − Eβ): E is symmetric, so that Eᵢⱼ moves the equations of both i and j.
    noise = spread**2 * (
        (1.0 + size_sq) * np.eye(size) + np.outer(estimate, estimate) - np.diag(estimate * estimate)
    )
    of_sample = residual * inverse
    covariance = of_sample + inverse @ noise @ inverse
    total = yy - b[0] * b[0] / persons
    explained = 1.0 - max(left, 0.0) / total if total > 0 else None
    return Solved(estimate, covariance, of_sample, persons, residual, explained)


def _undetermined() -> Finding:
    return Finding(
        "privacy",
        Severity.WITHHELD,
        {
            "en": "At this ρ the noise is as large as what the data tell of some term; no "
            "coefficient is given.",
            "nb": "Ved denne ρ er støyen like stor som det dataene sier om et ledd; ingen "
            "koeffisienter er gitt.",
        },
        {
            "en": "Give a larger ρ, use fewer or broader categories, or narrower bounds.",
            "nb": "Gi en større ρ, bruk færre eller bredere kategorier, eller smalere grenser.",
        },
        1,
    )


def _coefficients(evidence: ModelEvidence, found: Solved | None) -> Block:
    def column(name: str, english: str, norwegian: str) -> BlockColumn:
        return BlockColumn(name, "number", {"en": english, "nb": norwegian})

    columns = (
        BlockColumn("term", "text", {"en": "Term", "nb": "Ledd"}),
        BlockColumn("level", "text", {"en": "Level", "nb": "Nivå"}),
        column("estimate", "Estimate", "Estimat"),
        column("se", "Std. error", "Standardfeil"),
        column("se_noise", "of it noise", "derav støy"),
        column("low", "95 % from", "95 % fra"),
        column("high", "95 % to", "95 % til"),
    )
    rows: list[tuple[Any, ...]] = []
    shown = [] if found is None else _shown(evidence, found)
    compared: set[str] = set()
    for at, one in enumerate(evidence.columns):
        if one.term in evidence.references and one.term not in compared:
            rows.append((one.term, f"{evidence.references[one.term]} (ref.)", *[None] * 5))
        compared.add(one.term)
        rows.append((one.term, one.level, *(shown[at] if shown else [None] * 5)))
    title = {"en": "Coefficients", "nb": "Koeffisienter"}
    return Block("coefficients", title, columns, tuple(rows))


def _shown(evidence: ModelEvidence, found: Solved) -> list[list[float | None]]:
    """Estimate, error, its part that is noise, and limits, of the columns as they are written."""
    back = evidence.half * evidence.back
    estimate = back @ found.estimate
    estimate[0] += evidence.centre
    errors = np.sqrt(np.diag(back @ found.covariance @ back.T))
    noise = np.sqrt(np.diag(back @ (found.covariance - found.of_sample) @ back.T))
    wide = Z95 * errors
    every = np.stack([estimate, errors, noise, estimate - wide, estimate + wide], axis=1)
    return [[significant(float(one), 5) for one in row] for row in every]


def _fit(evidence: ModelEvidence, found: Solved | None, scaled: Floats, spread: float) -> Block:
    columns = (
        BlockColumn("persons", "persons", {"en": "Persons", "nb": "Personer"}),
        BlockColumn("persons_within", "number", {"en": "± with 95 %", "nb": "± med 95 %"}),
        BlockColumn("residual_sd", "number", {"en": "Residual sd", "nb": "Residualens sd"}),
        BlockColumn("r_squared", "number", {"en": "R²", "nb": "R²"}),
    )
    residual = explained = None
    if found is not None:
        residual = significant(evidence.half * math.sqrt(found.residual), 4)
        explained = None if found.explained is None else significant(found.explained, 3)
    row = (round(float(scaled[0, 0])), math.ceil(Z95 * spread), residual, explained)
    return Block("fit", {"en": "Fit", "nb": "Tilpasning"}, columns, (row,))
