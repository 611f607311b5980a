"""k-means in rounds: products, then Lloyd's steps until the centres rest, then a look at each."""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disclosure.results.clusters import ClustersEvidence
from workbench.domain.errors import Refusal
from workbench.engine.analyses.associations import added, numbers_of, products
from workbench.engine.analyses.computation import (
    Computation,
    Parts,
    State,
    computes,
    own,
    under,
)
from workbench.engine.analyses.moments import contributions_of, moments, rounded_sum
from workbench.engine.analyses.moments import merged as merged_moments
from workbench.engine.placed import Placed
from workbench.plan.nodes import Clusters

__all__ = ["KMeans"]

STEPS = 80
REST = 1e-7
"""Centres rest when none moves further, in standard deviations."""
Floats = NDArray[np.float64]


@computes(Clusters)
class KMeans(Computation):
    """Lloyd's algorithm on standardised numbers; the state holds centres and scales only."""

    rounds = True

    def measured(self) -> Mapping[str, pl.Expr]:
        """The variables."""
        return {f"x{at}": pl.col(one).cast(pl.Float64) for at, one in enumerate(numbers_of(self))}

    def partial(self, frame: pl.DataFrame, state: State) -> Parts:
        """Products; then sums by nearest centre; at rest the moments of each cluster."""
        x = frame.select(list(self.measured())).to_numpy().astype(np.float64)
        if not state:
            return products(x)
        z = (x - np.array(state["mean"])) / np.array(state["scale"])
        nearest, apart = _nearest(z, np.array(state["centres"]))
        count = self._count
        tally = np.bincount(nearest, minlength=count).astype(np.int64)
        if not state["rest"]:
            sums = np.stack([np.bincount(nearest, weights=one, minlength=count) for one in z.T], 1)
            return {"tally": tally, "sums": sums}
        looked: dict[str, Any] = {}
        for at in range(x.shape[1]):
            looked |= under(f"x{at}", moments(x[:, at], nearest, count))
        return {"tally": tally, "within": np.array([apart.sum()]), **looked}

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """All buckets together."""
        if "m2" in parts[0]:
            return added(parts)
        found: dict[str, Any] = {
            "tally": np.stack([one["tally"] for one in parts]).sum(axis=0, dtype=np.int64)
        }
        for name in ("sums", "within"):
            if name in parts[0]:
                found[name] = rounded_sum([one[name] for one in parts])
        for name in self.measured():
            held = [own(one, name) for one in parts]
            if held[0]:
                found |= under(name, merged_moments(held))
        return found

    def advance(self, merged: Parts, state: State) -> State | None:
        """The next centres; Refusal when a variable does not vary or the centres never rest."""
        if not state:
            return self._begin(merged)
        if state["rest"]:
            return None
        centres = np.array(state["centres"])
        some = merged["tally"] > 0
        moved = centres.copy()
        moved[some] = merged["sums"][some] / merged["tally"][some][:, None]
        step = int(state["step"]) + 1
        rest = bool(np.abs(moved - centres).max() < REST)
        if not rest and step >= STEPS:
            raise Refusal(
                "no_convergence",
                f"The clusters did not settle in {STEPS} steps.",
                "Ask for fewer clusters, or leave out a variable.",
            )
        return {**state, "centres": moved.tolist(), "step": step, "rest": rest}

    def evidence(
        self, placed: Placed, merged: Parts, state: State, view_population: int
    ) -> ClustersEvidence:
        """Moments of each variable in each cluster: (variables, clusters)."""
        several = (own(merged, name) for name in self.measured())
        return ClustersEvidence(
            **self.whom(placed, view_population),
            variables=numbers_of(self),
            scale=np.array(state["scale"]),
            persons=merged["tally"],
            within=float(merged["within"][0]),
            moments=contributions_of(merged["tally"], *several),
        )

    @property
    def _count(self) -> int:
        analysis = self.checked.plan.analysis
        if not isinstance(analysis, Clusters):
            raise TypeError("no clusters")
        return analysis.count

    def _begin(self, merged: Parts) -> State:
        n = int(merged["count"][0])
        variance = np.diag(merged["m2"]) / max(n - 1, 1)
        still = [one for one, v in zip(numbers_of(self), variance.tolist(), strict=True) if v <= 0]
        if still:
            raise Refusal(
                "no_variation",
                f"{still[0]} does not vary in this cohort.",
                "Leave it out: what is the same for everybody tells no clusters apart.",
            )
        scale = np.sqrt(variance)
        correlation = merged["m2"] / max(n - 1, 1) / np.outer(scale, scale)
        values, vectors = np.linalg.eigh(correlation)
        first = vectors[:, -1] * np.sign(vectors[np.argmax(np.abs(vectors[:, -1])), -1])
        places = [NormalDist().inv_cdf((at + 0.5) / self._count) for at in range(self._count)]
        centres = np.outer(np.array(places) * np.sqrt(values[-1]), first)
        return {
            "mean": merged["mean"].tolist(),
            "scale": scale.tolist(),
            "centres": centres.tolist(),
            "step": 0,
            "rest": False,
        }


def _nearest(z: Floats, centres: Floats) -> tuple[NDArray[np.int32], Floats]:
    """The nearest centre of each row (the first of equals) and the squared distance to it."""
    apart = np.stack([np.square(z - one).sum(axis=1) for one in centres], axis=1)
    nearest = apart.argmin(axis=1).astype(np.int32) if len(z) else np.zeros(0, np.int32)
    return nearest, apart[np.arange(len(z)), nearest]
