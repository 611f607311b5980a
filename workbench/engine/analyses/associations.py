"""How numbers go together: means and products about them, merged exactly (Chan et al. 1983)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disclosure.results.associations import AssociationEvidence
from workbench.domain.errors import Refusal
from workbench.engine.analyses.computation import (
    Computation,
    Parts,
    State,
    computes,
    own,
    under,
)
from workbench.engine.analyses.moments import contributions_of, moments
from workbench.engine.analyses.moments import merged as merged_moments
from workbench.engine.analyses.tallies import tallied
from workbench.engine.placed import Placed
from workbench.plan.nodes import Components, Correlations, Covariances
from workbench.plan.nodes.analyses.associations import OfNumbers

__all__ = ["Associations", "numbers_of", "products"]

DISTINCT = 20_000
"""Different values of a variable of which ranks are taken: they are told to the second round."""
Floats = NDArray[np.float64]


def numbers_of(computation: Computation) -> tuple[str, ...]:
    """The variables of an analysis of several numbers."""
    analysis = computation.checked.plan.analysis
    if not isinstance(analysis, OfNumbers):
        raise TypeError("no analysis of several numbers")
    return analysis.variables


def products(x: Floats) -> Parts:
    """n, mean (p), m2 (p × p): the sum of products about the mean; x: (persons, p)."""
    mean = x.mean(axis=0) if len(x) else np.zeros(x.shape[1])
    about = x - mean
    return {"count": np.array([len(x)], dtype=np.int64), "mean": mean, "m2": about.T @ about}


def added(parts: Sequence[Parts]) -> Parts:
    """The products of all buckets together, in their order."""
    count, mean, m2 = 0, np.zeros_like(parts[0]["mean"]), np.zeros_like(parts[0]["m2"])
    for one in parts:
        more = int(one["count"][0])
        if not more:
            continue
        apart = one["mean"] - mean
        both = count + more
        m2 = m2 + one["m2"] + np.outer(apart, apart) * (count * more / both)
        mean = mean + apart * (more / both)
        count = both
    return {"count": np.array([count], dtype=np.int64), "mean": mean, "m2": m2}


@computes(Correlations, Covariances, Components)
class Associations(Computation):
    """Products of the numbers about their means; of their ranks in a second round."""

    squares = True

    @property
    def rounds(self) -> bool:  # type: ignore[override]  # a property of this kind of plan
        """Ranks take two."""
        return self._ranked

    @property
    def _ranked(self) -> bool:
        analysis = self.checked.plan.analysis
        return isinstance(analysis, Correlations) and analysis.method == "spearman"

    def measured(self) -> Mapping[str, pl.Expr]:
        """The variables."""
        return {f"x{at}": pl.col(one).cast(pl.Float64) for at, one in enumerate(numbers_of(self))}

    def partial(self, frame: pl.DataFrame, state: State) -> Parts:
        """Products; in the first round of ranks the counts of values."""
        names = list(self.measured())
        if self._ranked and not state:
            return _values(frame, names)
        x = frame.select(names).to_numpy().astype(np.float64)
        if state:
            x = np.stack(
                [_midranks(x[:, at], state["ranks"][at]) for at in range(len(names))], axis=1
            )
        looked: dict[str, Any] = {}
        for name in names:
            looked |= under(name, _looked(frame[name]))
        ends = {"low": x.min(axis=0, initial=np.inf), "high": x.max(axis=0, initial=-np.inf)}
        return {**products(x), **looked, **ends}

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """All buckets together."""
        names = list(self.measured())
        if "value" in parts[0]:
            return _all_values(parts, len(names))
        looked: dict[str, Any] = {}
        for name in names:
            looked |= under(name, merged_moments([own(one, name) for one in parts]))
        ends = {
            "low": np.stack([one["low"] for one in parts]).min(axis=0),
            "high": np.stack([one["high"] for one in parts]).max(axis=0),
        }
        return {**added(parts), **looked, **ends}

    def advance(self, merged: Parts, state: State) -> State | None:
        """Midranks of every value, for the second round."""
        if not self._ranked or state:
            return None
        ranks = []
        for at in range(len(numbers_of(self))):
            held = merged["variable"] == at
            count = merged["tally"][held]
            middle = np.cumsum(count) - (count - 1) / 2
            ranks.append([merged["value"][held].tolist(), middle.tolist()])
        return {"ranks": ranks}

    def evidence(
        self,
        placed: Placed,
        merged: Parts,
        state: State,  # noqa: ARG002 - the products tell it all
        view_population: int,
    ) -> AssociationEvidence:
        """Products, and what the dominance rules need of each variable."""
        several = [own(merged, name) for name in self.measured()]
        return AssociationEvidence(
            **self.whom(placed, view_population),
            kind=self.checked.plan.analysis.k,
            variables=numbers_of(self),
            mean=merged["mean"],
            products=merged["m2"],
            farthest=np.maximum(merged["mean"] - merged["low"], merged["high"] - merged["mean"]),
            moments=contributions_of(placed.n, *several).at(np.s_[:, 0]),
            two_values=tuple(_two(one, ranked=self._ranked) for one in several),
        )


def _looked(values: pl.Series) -> Parts:
    x = values.to_numpy().astype(np.float64)
    return moments(x, np.zeros(x.size, dtype=np.int32), 1)


def _two(few: Parts, *, ranked: bool) -> tuple[float, ...]:
    """The two values of a variable that takes no other, or their midranks."""
    if len(few["value"]) != 2:
        return ()
    if not ranked:
        return tuple(few["value"].tolist())
    low, high = few["value_count"].tolist()
    return (low + 1) / 2, low + (high + 1) / 2


def _values(frame: pl.DataFrame, names: Sequence[str]) -> Parts:
    variable, value, tally = [], [], []
    for at, name in enumerate(names):
        counted = frame[name].value_counts().sort(name)
        variable.append(np.full(counted.height, at, dtype=np.int64))
        value.append(counted[name].to_numpy())
        tally.append(counted["count"].cast(pl.Int64).to_numpy())
    return {
        "variable": np.concatenate(variable),
        "value": np.concatenate(value),
        "tally": np.concatenate(tally),
    }


def _all_values(parts: Sequence[Parts], variables: int) -> Parts:
    variable, value, tally = (
        np.concatenate([one[name] for one in parts]) for name in ("variable", "value", "tally")
    )
    variable, value, tally = tallied(variable, value, tally)
    if int(np.bincount(variable, minlength=variables).max()) > DISTINCT:
        raise Refusal(
            "too_many_values",
            f"A variable takes more than {DISTINCT} different values, too many to be ranked.",
            'Round it first: x = (frame.x * 10) // 1, say; or ask for method="pearson".',
        )
    return {"variable": variable, "value": value, "tally": tally}


def _midranks(x: Floats, ranks: Sequence[Sequence[float]]) -> Floats:
    values, middle = np.array(ranks[0]), np.array(ranks[1])
    found: Floats = middle[np.searchsorted(values, x)]
    return found
