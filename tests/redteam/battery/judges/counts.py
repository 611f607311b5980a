"""How many persons a group can have, given every count that was told: integer programs.

The judge knows the structure that the strongest intruder is taken to know: who is in which cell of
which answer, but for the secret variable of the victims. It forgets all sizes, keeps what was told,
and looks for the least and the most that a group can have. Nothing of the gate is used.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.redteam.battery.attacker import Cohort, Heard
from tests.redteam.battery.judges.verdict import SPREAD, THRESHOLD, Verdict
from tests.redteam.battery.people import people

__all__ = ["Counts"]

Code = Callable[[], pl.Expr]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
SECONDS = 10.0


class Counts:
    """What was told about a registry in which `secret` of the victims is not known.

    victims: persons by index. categories: what the secret may be; each victim has one of them.
    exists: whether the intruder knows which combinations occur among the others.
    """

    def __init__(
        self,
        victims: Collection[int] = (),
        secret: str = "",
        categories: Sequence[Any] = (),
        *,
        exists: bool = True,
        rows: pl.DataFrame | None = None,
    ) -> None:
        everybody = people() if rows is None else rows
        known = everybody.filter(~pl.col("person").is_in(list(victims)))
        parts = [known.with_columns(victim=pl.lit(value=False), true=pl.lit(value=True))]
        for one in categories if victims else ():
            some = everybody.filter(pl.col("person").is_in(list(victims)))
            truth = pl.col(secret).eq_missing(pl.lit(one))
            lifted = pl.lit(one, dtype=everybody.schema[secret]).alias(secret)
            parts.append(some.with_columns(victim=pl.lit(value=True), true=truth)
                         .with_columns(lifted))  # fmt: skip
        self.rows = pl.concat(parts).with_row_index("at")
        self._exists = exists
        self._masks: list[Flags] = []
        self._low: list[float] = []
        self._high: list[float] = []
        self._group = self.rows["person"].to_numpy()
        self._victim = self.rows["victim"].to_numpy()
        self._true = self.rows["true"].to_numpy()
        self.number(np.ones(self.rows.height, bool), everybody.height)

    def within(self, cohort: Cohort, condition: pl.Expr | None = None) -> Flags:
        """Which rows are in a cohort (and fulfil a condition on its variables)."""
        found = cohort.known(self.rows)
        if condition is not None:
            found = found.filter(condition)
        mask = np.zeros(self.rows.height, bool)
        mask[found["at"].to_numpy()] = True
        return mask

    def number(self, mask: Flags, n: float, high: float | None = None) -> None:
        """A group was told to be n persons, or n to high."""
        self._masks.append(mask)
        self._low.append(n)
        self._high.append(n if high is None else high)

    def table(
        self,
        heard: Heard,
        cohort: Cohort,
        dims: Mapping[str, pl.Expr] | None = None,
        *,
        value: str | None = None,
        statistic: str = "n",
    ) -> None:
        """Every cell of an answered table; value: persons count who have one."""
        if heard.body is None or not heard.body.get("cells"):
            return
        names = [one["name"] for one in heard.body["dimensions"]]
        found = cohort.known(self.rows)
        if value is not None:
            found = found.filter(pl.col(value).is_not_null())
        coded = found.select(
            "at", *(self._code(name, dims or {}).alias(f"code {name}") for name in names)
        )
        for cell in heard.body["cells"]:
            here = coded
            for name, code in zip(names, cell["codes"], strict=True):
                if code != "Σ":
                    here = here.filter(pl.col(f"code {name}") == code)
            mask = np.zeros(self.rows.height, bool)
            mask[here["at"].to_numpy()] = True
            shown = cell["values"].get(statistic)
            if shown is not None:
                self.number(mask, shown)
            elif "Σ" not in cell["codes"]:
                small = cell["mark"] == "primary" and cell["reason"] == "threshold"
                large = cell["mark"] == "complementary"
                if small:
                    self.number(mask, 0, THRESHOLD - 1)
                elif large:
                    self.number(mask, THRESHOLD, np.inf)

    @staticmethod
    def _code(name: str, dims: Mapping[str, pl.Expr]) -> pl.Expr:
        return dims.get(name, pl.col(name)).cast(pl.String).fill_null("")

    def listed(
        self,
        heard: Heard,
        block: str,
        cohort: Cohort,
        by: Mapping[str, pl.Expr],
        numbers: Mapping[str, pl.Expr],
    ) -> None:
        """Every row of an answered block: its groups by code, and what its counts are of."""
        found = cohort.known(self.rows)
        for row in heard.rows(block):
            here = found
            for name, code in by.items():
                here = here.filter(code.cast(pl.String).fill_null("") == str(row[name]))
            for name, condition in numbers.items():
                if row.get(name) is not None:
                    mask = np.zeros(self.rows.height, bool)
                    mask[here.filter(condition)["at"].to_numpy()] = True
                    self.number(mask, row[name])

    def size(self, target: Flags) -> int:
        """The truth, which is not used to find it."""
        return int((target & self._true).sum())

    def follows(self, target: Flags) -> Verdict:
        """Whether the size of a small group is told: exactly, or closer than the spread."""
        size = self.size(target)
        most = len(np.unique(self._group[target])) if self._victim[target].all() else np.inf
        low, high = self.ends(target)
        assert low <= size <= high, "the judge's model does not hold the truth"
        secret = bool(self._victim[target].any()) or 0 < size < THRESHOLD
        exactly = low == high
        closely = high - low < SPREAD and 2 * (high - low) <= most
        return Verdict(secret and (exactly or closely), f"{low:g} to {high:g}")

    def ends(self, target: Flags) -> tuple[float, float]:
        """The least and the most persons that the group can have."""
        columns = np.stack([*self._masks, target], axis=1)
        own = np.where(self._victim, np.arange(self.rows.height) + 1, 0)
        keyed = np.concatenate([columns, own[:, None]], axis=1)
        atoms, place = np.unique(keyed, axis=0, return_inverse=True)
        place = place.ravel()
        system = sparse.csr_matrix(atoms[:, :-2].T.astype(float))
        goal = atoms[:, -2].astype(float)
        victims = atoms[:, -1] > 0
        truth = np.bincount(place, weights=self._true, minlength=len(atoms))
        told = system @ truth
        assert (told >= np.array(self._low) - 1e-9).all(), "an answer is not what the judge counts"
        assert (told <= np.array(self._high) + 1e-9).all(), "an answer is not what the judge counts"
        least = np.where(victims, 0.0, 1.0 if self._exists else 0.0)
        most = np.where(victims, 1.0, np.inf)
        rules = [LinearConstraint(system, self._low, self._high)]
        if victims.any():
            whose = np.full(len(atoms), -1)
            whose[place[self._victim]] = self._group[self._victim]
            sums = np.array([(whose == one).astype(float) for one in np.unique(whose[whose >= 0])])
            rules.append(LinearConstraint(sums, 1, 1))
        ends = []
        for sign in (1.0, -1.0):
            solved = milp(
                sign * goal,
                integrality=np.ones(len(atoms)),
                bounds=Bounds(least, most),
                constraints=rules,
                options={"time_limit": SECONDS},
            )
            if solved.status in (3, 4):
                ends.append(sign * -np.inf if sign > 0 else np.inf)
                continue
            assert solved.status in (0, 1), solved.message
            bound = solved.mip_dual_bound if solved.status == 1 else solved.fun
            ends.append(sign * round(float(bound)))
        return ends[0], ends[1]
