"""What is measured of the persons before noise is added: whole numbers, and nothing of a row.

Each kind says how far one person moves its numbers, by construction: the engine clips every value
to public bounds and rounds it to a public grid, person by person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DistributionEvidence",
    "KeysEvidence",
    "ModelColumn",
    "ModelEvidence",
    "MomentsEvidence",
    "PrivateEvidence",
]

Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class PrivateEvidence:
    """by: names of the grouping variables; groups: their codes, C order ((),) without any."""

    by: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class MomentsEvidence(PrivateEvidence):
    """Sums over persons of Y = (x − centre) · unit / half, a whole number of at most ± unit.

    n, first: int64, (groups,): persons, ΣY. second: Σ of (Y² / unit − unit / 2), rounded person by
    person and hence at most ± unit / 2; None when only sums and means are asked for.
    """

    variable: str
    label: Mapping[str, str]
    measure: str
    centre: float
    half: float
    unit: int
    n: Ints
    first: Ints
    second: Ints | None = None


@dataclass(frozen=True, kw_only=True)
class DistributionEvidence(PrivateEvidence):
    """Persons by the least point that their number does not exceed: int64, (groups, points)."""

    variable: str
    label: Mapping[str, str]
    measure: str
    points: tuple[float, ...]
    at: tuple[float, ...]
    counts: Ints


@dataclass(frozen=True, kw_only=True)
class KeysEvidence(PrivateEvidence):
    """Persons by values that no public list names; each person has one of them.

    delta: what the answer costs besides ρ. most: so many are told.
    """

    variable: str
    label: Mapping[str, str]
    counts: Mapping[str, int]
    delta: Fraction
    most: int


@dataclass(frozen=True)
class ModelColumn:
    """A column of a model: its term and level, as a formula writes them."""

    term: str
    level: str


@dataclass(frozen=True, kw_only=True)
class ModelEvidence(PrivateEvidence):
    """Products of a linear model's columns, the constant first and the outcome last.

    products: int64, (columns, columns): Σ over persons of Z Zᵀ, with |Z| at most `unit` and the
    sum of the squares of one person's Z at most `weight` · unit². back: (columns − 1,) squared,
    float64: from coefficients of the scaled columns (outcome in units of `half` around `centre`)
    to those of the columns as they are written.
    """

    outcome: str
    columns: tuple[ModelColumn, ...]
    references: Mapping[str, str] = field(default_factory=dict)
    unit: int
    weight: int
    products: Ints
    centre: float
    half: float
    back: NDArray[np.float64]
