"""A regression in rounds: look, fit until it stands still, judge."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from disclosure.results.regression import RegressionEvidence
from disclosure.rules.dominance import Contributions
from workbench.engine.analyses.computation import Parts, State, computes
from workbench.engine.analyses.design import measured
from workbench.engine.analyses.followed import known
from workbench.engine.analyses.regression.families import FAMILIES
from workbench.engine.analyses.regression.inference import fitted
from workbench.engine.analyses.regression.influence import judged
from workbench.engine.analyses.regression.look import Scaling, look, looked, merged_sums
from workbench.engine.analyses.regression.modelled import Modelled, few_of, rarest_of
from workbench.engine.analyses.regression.newton import Trouble, ahead, first_guess, fit
from workbench.engine.analyses.regression.start import STRIDE_FROM, averaged, begun
from workbench.engine.analyses.rows import Rows
from workbench.engine.placed import Placed
from workbench.plan import CheckedPlan
from workbench.plan.check.regression import CheckedRegression
from workbench.plan.nodes import Regression

__all__ = ["Regressed"]

COUNTED = ("logistic", "probit", "log_binomial", "poisson", "negative_binomial")


@computes(Regression)
class Regressed(Modelled):
    """Coefficients, their errors, and what any one person is of them."""

    def __init__(self, checked: CheckedPlan) -> None:
        node, model = checked.plan.analysis, checked.model
        if not isinstance(node, Regression) or not isinstance(model, CheckedRegression):
            raise TypeError("no regression")
        super().__init__(checked, model.design, model.clusters)
        self.node = node
        self.model = model
        self._scaled: tuple[Mapping[str, Any], Scaling] | None = None

    def measured(self) -> Mapping[str, pl.Expr]:
        """y (outcome), if any o (added to η) and k (the cluster), and the design's columns."""
        node = self.node
        outcome = pl.col(node.outcome)
        if self.checked.variables[node.outcome].kind == "string":
            outcome = outcome == "1"
        added: list[pl.Expr] = []
        if node.exposure is not None:
            time = pl.col(node.exposure).cast(pl.Float64)
            added.append(pl.when(time > 0).then(time.log()))
        if node.offset is not None:
            more = pl.col(node.offset).cast(pl.Float64)
            if node.model == "linear":
                # What is explained is the difference, and the rules on outcomes are about that.
                outcome = outcome.cast(pl.Float64) - more
            else:
                added.append(more)
        found = {"y": outcome.cast(pl.Float64)}
        if added:
            found["o"] = added[0] if len(added) == 1 else added[0] + added[1]
        if self.model.clusters is not None:
            found["k"] = known(self.model.clusters)
        return found | measured(self.model.design)

    def partial(self, rows: Rows, state: State) -> Parts:
        """See look, start.begun, newton.fit and influence.judged."""
        if state["phase"] == "look":
            return look(rows, self.model.design, binary=self.model.binary)
        scaled = self._scaling(state["look"])
        if state["phase"] == "start":
            return begun(rows, self.node.model, scaled, state)
        if state["phase"] == "fit":
            return fit(rows, self.node.model, scaled, state)
        return judged(rows, self.node.model, self.node.errors, self.clusters, scaled, state)

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """Sums, largest and least of all buckets."""
        return merged_sums(parts) | looked(parts)

    def _ahead(self, merged: Parts, state: State) -> State | None:
        if state["phase"] == "judge":
            return None
        if state["phase"] == "start":
            return averaged(merged, state)
        if state["phase"] == "fit":
            return self._fitted(merged, state)
        seen = _plain(merged)
        self._possible(merged)
        first = {"look": seen} | first_guess(self.node.model, self._scaling(seen), seen)
        many = seen["persons"][0] >= STRIDE_FROM and self.node.model != "linear"
        return first | {"phase": "start"} if many else first

    def _fitted(self, merged: Parts, state: State) -> State:
        """The next round; where a start found in a part led astray, once more from no effects."""
        scaled = self._scaling(state["look"])
        try:
            return ahead(self.node.model, scaled, merged, state)
        except Trouble:
            if state["guessed"]:
                raise
            return {**state, **first_guess(self.node.model, scaled, state["look"])}

    def _possible(self, merged: Parts) -> None:
        persons, events = int(merged["sum:persons"][0]), int(merged["sum:events"][0])
        if not persons:
            raise Trouble("nobody")
        if self.node.model != "linear" and (
            float(merged["least:outcome"][0]) < FAMILIES.get(self.node.model, _LEAST).lowest
        ):
            raise Trouble("negative_outcome")
        total, squares = merged["sum:moments"][0]
        same = squares * persons - total * total <= 1e-13 * squares * persons
        if same or (self.model.binary and events in (0, persons)):
            raise Trouble("constant_term", self.node.outcome)

    def _scaling(self, seen: Mapping[str, Any]) -> Scaling:
        """The columns; laid out once for all buckets that are told the same."""
        known = self._scaled
        if known is None or known[0] is not seen:
            known = self._scaled = seen, self.laid_out(seen)
        return known[1]

    def evidence(
        self, placed: Placed, merged: Parts, state: State, view_population: int
    ) -> RegressionEvidence:
        """The groups of the model's categories, and the model or why there is none."""
        seen = state.get("look") or _plain(merged)
        trouble = self.trouble(merged, state)
        scaled = None if trouble is not None else self._scaling(seen)
        binary = self.model.binary
        return RegressionEvidence(
            **self.whom(placed, view_population),
            model=self.node.model,
            ratio=FAMILIES.get(self.node.model, _LEAST).ratio,
            binary=binary,
            counts=self.node.model in COUNTED,
            split=tuple(self.split(seen)),
            moments=None if binary else _moments(seen),
            rarest=rarest_of(seen),
            references={} if scaled is None else dict(scaled.coding.references),
            outcome=self.node.outcome,
            trouble=trouble,
            fit=None if scaled is None else fitted(self.node, scaled, merged, state),
        )


_LEAST = FAMILIES["poisson"]
"""The negative binomial explains what a Poisson model explains."""


def _plain(merged: Parts) -> dict[str, Any]:
    """What was looked at, as JSON for the later rounds."""
    names = ("columns", "outcome", "persons", "events", "contributors", "moments")
    found = {name: merged[f"sum:{name}"].tolist() for name in names}
    return found | {"top": merged["top:outcome"].tolist(), "few": few_of(merged)}


def _moments(seen: Mapping[str, Any]) -> Contributions:
    moments = np.array(seen["moments"])
    return Contributions(
        n=np.array(seen["persons"], dtype=np.int64),
        total=moments[:, 0],
        total_sq=moments[:, 1],
        largest=np.array(seen["top"][0]),
        second=np.array(seen["top"][1]),
        contributors=np.array(seen["contributors"], dtype=np.int64),
        rarest=None,
    )
