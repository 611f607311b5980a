"""What regressions of every kind share: look, fit in rounds, judge; trouble ends it early."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from disclosure.results.regression import Group
from workbench.engine.analyses.computation import Computation, Parts, State
from workbench.engine.analyses.design import Uncoded
from workbench.engine.analyses.regression.look import Scaling, groups, scaling
from workbench.engine.analyses.regression.newton import Trouble
from workbench.engine.analyses.regression.remembered import cells_of
from workbench.engine.analyses.rows import Rows
from workbench.plan import CheckedDimension, CheckedPlan
from workbench.plan.check.design import CheckedDesign

__all__ = ["Modelled", "few_of", "rarest_of"]


class Modelled(Computation):
    """A model of a design: phase "look", then those of the fit, then "judge"."""

    rounds = True
    joined = True

    def __init__(
        self, checked: CheckedPlan, design: CheckedDesign, clusters: CheckedDimension | None
    ) -> None:
        super().__init__(checked)
        self.design = design
        self.clusters = 0 if clusters is None else len(clusters.levels)

    def held(self, frames: Sequence[pl.DataFrame]) -> list[Any]:
        """The persons of all buckets of a group as one: see rows."""
        return [Rows.of(frames)]

    def start(self) -> State:
        """Look first."""
        return {"phase": "look"}

    def advance(self, merged: Parts, state: State) -> State | None:
        """On to fitting, to the last round, or to the end; trouble ends it, see `evidence`."""
        try:
            return self._ahead(merged, state)
        except Trouble:
            return None

    @abstractmethod
    def _ahead(self, merged: Parts, state: State) -> State | None:
        """The next state; raises Trouble when there is no model."""

    def trouble(self, merged: Parts, state: State) -> tuple[str, str] | None:
        """Why a model ended before it was judged, and what it is about; None when it did not."""
        if state["phase"] == "judge":
            return None
        try:
            self._ahead(merged, state)
        except Trouble as found:
            return found.code, found.about
        return None

    def laid_out(self, seen: Mapping[str, Any]) -> Scaling:
        """The columns; raises Trouble when one does not vary or has no code."""
        try:
            found = scaling(self.design, seen)
        except Uncoded as refusal:
            raise Trouble(refusal.code, refusal.about) from None
        if isinstance(found, str):
            raise Trouble("constant_term", found)
        return found

    def split(self, seen: Mapping[str, Any]) -> list[Group]:
        """Everybody, and the groups that the categories of the model make."""
        counts = zip(groups(self.design), seen["persons"], seen["events"], strict=True)
        return [
            Group(one.name, int(n), int(events), cells_of(one, self.checked, self.design))
            for one, n, events in counts
        ]


def few_of(merged: Parts) -> dict[str, list[Any]]:
    """The values and counts of variables that take few values, as JSON."""
    return {
        name.partition(":")[2]: values.tolist()
        for name, values in merged.items()
        if name.startswith("few:")
    }


def rarest_of(seen: Mapping[str, Any]) -> dict[str, int]:
    """Persons that hold the rarest value of each of these variables."""
    return {name: int(min(counts)) for name, (_, counts) in seen["few"].items() if len(counts) > 0}
