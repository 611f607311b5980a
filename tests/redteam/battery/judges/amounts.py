"""Between which ends one person's amount lies, given every mean and sum that was told: programs.

Each told number is a sum over persons, known to half of its last digit. Counts and who is where are
taken to be known; the amounts of all persons are not. Groups of persons that no answer separates
are one unknown each, the victim is one by itself. Nothing of the gate is used.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import linprog

from tests.redteam.battery.attacker import Cohort, Heard
from tests.redteam.battery.judges.verdict import P_PERCENT, Verdict
from tests.redteam.battery.people import people

__all__ = ["Amounts", "half_digit"]

Floats = np.ndarray[Any, np.dtype[np.float64]]


def half_digit(value: float) -> float:
    """Half of the last digit that was told; of 460.0 half of ten, as the zero may be rounding."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return 0.5 * 10.0**exponent if value else 0.5e-6


class Amounts:
    """What was told about a variable. victim: a person's index; most: the largest there can be.

    alike: means over as many persons have as many digits, though some end in zeros.
    """

    def __init__(
        self,
        victim: int,
        variable: str = "income",
        *,
        most: float = 10_000.0,
        rows: pl.DataFrame | None = None,
        alike: bool = False,
    ) -> None:
        self._rows = (people() if rows is None else rows).with_row_index("at")
        self._variable = variable
        self._victim = victim
        self._most = most
        self._weights: list[Floats] = []
        self._told: list[tuple[int, float, float, float]] = []
        self._alike = alike
        self.truth = float(self._rows.filter(pl.col("person") == victim)[variable][0])

    def means(
        self,
        heard: Heard,
        cohort: Cohort,
        of: str,
        *,
        statistic: str = "mean",
        by: Mapping[str, pl.Expr] | None = None,
    ) -> None:
        """Every shown mean (or `n`-fold: sum) of a table: of a variable that is linear in ours."""
        if heard.body is None:
            return
        names = [one["name"] for one in heard.body["dimensions"]]
        for codes, value in heard.cells(statistic).items():
            self.linear(cohort, of, value, mean=True,
                        where={name: ((by or {}).get(name, pl.col(name)), code)
                               for name, code in zip(names, codes, strict=True)})  # fmt: skip

    def linear(
        self,
        cohort: Cohort,
        of: str,
        value: float,
        *,
        mean: bool,
        where: Mapping[str, tuple[pl.Expr, str]] | None = None,
        half: float | None = None,
    ) -> None:
        """One told mean or sum; where: name -> (code expression, code)."""
        found = [self._values(cohort, of, level, where or {}) for level in (0.0, 1.0, 2.0)]
        nothing, one, two = found
        linear = np.allclose(two - one, one - nothing, equal_nan=True)
        assert linear, "the variable is not linear in the secret"
        inside = np.isfinite(one)
        n = int(inside.sum()) if mean else 1
        constant = float(np.where(inside, nothing, 0).sum())
        half = half_digit(value) if half is None else half
        self._weights.append(np.where(inside, one - nothing, 0.0))
        self._told.append((n, value, half, constant))

    def _values(
        self, cohort: Cohort, of: str, level: float, where: Mapping[str, tuple[pl.Expr, str]]
    ) -> Floats:
        """(rows,) the variable if the secret were `level` for everybody; NaN outside."""
        rows = self._rows.with_columns(pl.lit(level).alias(self._variable))
        found = cohort.known(rows)
        for code, wanted in where.values():
            if wanted != "Σ":
                found = found.filter(code.cast(pl.String).fill_null("") == wanted)
        values = np.full(self._rows.height, np.nan)
        values[found["at"].to_numpy()] = found[of].cast(pl.Float64).to_numpy()
        return values

    def _system(self) -> tuple[Floats, Floats, Floats, Floats, int]:
        own = (self._rows["person"].to_numpy() == self._victim).astype(float)
        columns = np.stack([*self._weights, own], axis=1)
        atoms, place = np.unique(columns, axis=0, return_inverse=True)
        mine = int(np.flatnonzero(atoms[:, -1] == 1)[0])
        secret = self._rows[self._variable].cast(pl.Float64).fill_null(0.0).to_numpy()
        truth = np.bincount(place.ravel(), weights=secret, minlength=len(atoms))
        matrix = atoms[:, :-1].T
        finest = {n: min(one[2] for one in self._told if one[0] == n) for n, *_ in self._told}
        halves = [finest[n] if self._alike else half for n, _, half, _ in self._told]
        told = [(n * value - constant, n) for n, value, _, constant in self._told]
        low = np.array([x - n * half for (x, n), half in zip(told, halves, strict=True)])
        high = np.array([x + n * half for (x, n), half in zip(told, halves, strict=True)])
        return matrix, low, high, truth, mine

    def ends(self) -> tuple[float, float]:
        """The least and the most that the victim's amount can be."""
        if not self._weights:
            return 0.0, self._most
        matrix, low, high, truth, mine = self._system()
        told = matrix @ truth
        slack = 1e-6 * (1 + np.abs(told))
        assert (told >= low - slack).all(), "an answer is not what the judge computes"
        assert (told <= high + slack).all(), "an answer is not what the judge computes"
        bounds: list[tuple[float, float | None]] = [(0.0, None)] * matrix.shape[1]
        bounds[mine] = (0.0, self._most)
        goal = np.zeros(matrix.shape[1])
        ends = []
        scale = 1 / np.maximum(np.abs(matrix).max(axis=1), 1e-12)
        upper = np.concatenate([matrix, -matrix]) * np.concatenate([scale, scale])[:, None]
        right = np.concatenate([high + slack, slack - low]) * np.concatenate([scale, scale])
        for sign in (1.0, -1.0):
            goal[mine] = sign
            solved = linprog(goal, A_ub=upper, b_ub=right, bounds=bounds)
            assert solved.status == 0, solved.message
            ends.append(sign * float(solved.fun))
        return ends[0], ends[1]

    def follows(self, support: Sequence[float] | None = None) -> Verdict:
        """Whether the amount is told within p%; or, of a few values, which of them it is."""
        low, high = self.ends()
        how = f"{low:.6g} to {high:.6g}"
        if support is not None:
            possible = [one for one in support if low - 1e-6 <= one <= high + 1e-6]
            return Verdict(len(possible) == 1, how)
        near = abs(self.truth) * P_PERCENT
        return Verdict(self.truth - near <= low and high <= self.truth + near, how)
