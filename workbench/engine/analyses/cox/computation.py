"""A Cox regression in rounds: look, fit until it stands still, judge."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disclosure.results.cox import CoxEvidence
from disclosure.results.regression import Group
from workbench.engine.analyses.computation import Parts, State, computes
from workbench.engine.analyses.cox.grid import Grid
from workbench.engine.analyses.cox.inference import fitted, trends
from workbench.engine.analyses.cox.influence import Last, judged
from workbench.engine.analyses.cox.likelihood import product_of, risk_sums
from workbench.engine.analyses.cox.newton import MANY, after_product, after_sums, arrays, at_first
from workbench.engine.analyses.cox.start import averaged, begun
from workbench.engine.analyses.design import measured
from workbench.engine.analyses.followed import known
from workbench.engine.analyses.lifetimes import counted, merged
from workbench.engine.analyses.regression.look import Scaling, look, looked, merged_sums
from workbench.engine.analyses.regression.modelled import Modelled, few_of, rarest_of
from workbench.engine.analyses.regression.newton import Trouble
from workbench.engine.analyses.rows import Rows
from workbench.engine.placed import Placed
from workbench.plan import CheckedPlan
from workbench.plan.check.cox import CheckedCox
from workbench.plan.nodes import Cox
from workbench.plan.nodes.analyses.survival import LONGEST

__all__ = ["Hazards"]

GRID_LIMIT = 4_000_000
"""Days of events times columns: what a bucket hands over in a round, in numbers."""


@computes(Cox)
class Hazards(Modelled):
    """Hazard ratios, their errors, and what any one person is of them."""

    def __init__(self, checked: CheckedPlan) -> None:
        node, model = checked.plan.analysis, checked.model
        if not isinstance(node, Cox) or not isinstance(model, CheckedCox):
            raise TypeError("no Cox regression")
        super().__init__(checked, model.design, model.clusters)
        self.node = node
        self.model = model
        self._kept: tuple[Mapping[str, Any], Scaling, Grid] | None = None
        self._ready: tuple[Mapping[str, Any], Last] | None = None
        self.strata = int(np.prod([len(one.levels) for one in model.strata], dtype=np.int64))

    def measured(self) -> Mapping[str, pl.Expr]:
        """y (event), day, entry, s (stratum), k (cluster) and the design's columns."""
        node = self.node
        day = pl.col(node.time)
        day = pl.when((day >= 0) & (day <= LONGEST)).then(day)
        found = {"y": pl.col(node.event).cast(pl.Float64)}
        stratum = pl.lit(0, dtype=pl.Int32)
        for one in self.model.strata:
            stratum = stratum * len(one.levels) + known(one).cast(pl.Int32)
            found["s"] = stratum
        if node.entry is not None:
            entry = pl.col(node.entry)
            found["entry"] = pl.when((entry >= 0) & (entry < day)).then(entry).cast(pl.Int32)
        found["day"] = day.cast(pl.Int32)
        if self.model.clusters is not None:
            found["k"] = known(self.model.clusters)
        return found | measured(self.model.design)

    def partial(self, rows: Rows, state: State) -> Parts:
        """See look, likelihood and influence."""
        if state["phase"] == "look":
            return self._look(rows)
        columns, grid = self._made(state["look"])
        if state["phase"] == "start":
            return begun(rows, columns, grid, self.node.ties, state)
        grid.placed(rows)
        if state["phase"] == "judge":
            return judged(rows, columns, grid, self._last(state, grid), self.clusters)
        beta = np.array(state["beta"])
        if state["phase"] == "sums":
            return risk_sums(rows, columns, beta, grid)
        days = arrays(state, beta.size)
        product = product_of(rows, columns, beta, grid, days["hazard"], days["part"])
        return {"add:product": product}

    def _look(self, rows: Rows) -> Parts:
        """What `look` counts, and the ends (and entries) of follow-up by stratum and day."""
        code = (rows["y"] > 0).astype(np.int64)
        if "s" in rows:
            code += 2 * rows["s"]
        ends = counted(code, rows["day"], 2 * self.strata)
        found = {f"end:{name}": values for name, values in ends.items()}
        if self.node.entry is not None:
            entry = rows["entry"]
            enters = counted(np.zeros_like(entry), entry, 1)
            found |= {f"enter:{name}": values for name, values in enters.items()}
        return {**look(rows, self.model.design, binary=True), **found}

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """Sums and largest of all buckets."""
        if "end:day" in parts[0]:
            found = merged_sums(parts) | looked(parts)
            for kind in ("end", "enter"):
                if f"{kind}:day" in parts[0]:
                    own = merged([_of(one, kind) for one in parts])
                    found |= {f"{kind}:{name}": values for name, values in own.items()}
            return found
        return {
            name: np.max([one[name] for one in parts], axis=0)
            if name.startswith("most:")
            else np.sum([one[name] for one in parts], axis=0)
            for name in parts[0]
        }

    def _ahead(self, merged: Parts, state: State) -> State | None:
        if state["phase"] == "judge":
            return None
        if state["phase"] == "look":
            seen = _seen(merged)
            self._possible(seen)
            size, persons = len(self._made(seen)[0].coding.columns), seen["persons"][0]
            if len(seen["day"]) * (size + 1) > GRID_LIMIT:
                raise Trouble("too_many_days")
            first = {"look": seen} | at_first(size, persons)
            return first | {"phase": "start"} if persons >= MANY else first
        if state["phase"] == "start":
            return averaged(merged, state)
        columns, grid = self._made(state["look"])
        try:
            if state["phase"] == "sums":
                robust = self.node.robust or self.clusters > 0
                return after_sums(merged, grid, self.node.ties, state, robust=robust)
            return after_product(merged, columns, state)
        except Trouble:
            if state["guessed"]:
                raise
            # A start that was found in a part has led astray: once more from no effects.
            persons = state["look"]["persons"][0]
            return {**state, **at_first(len(state["beta"]), persons)}

    def _possible(self, seen: Mapping[str, Any]) -> None:
        persons, events = seen["persons"][0], seen["events"][0]
        if not persons:
            raise Trouble("nobody")
        if not events:
            raise Trouble("constant_term", self.node.event)

    def _columns(self, seen: Mapping[str, Any]) -> Scaling:
        """The columns, without the intercept that a design has: a baseline takes its place."""
        return self.laid_out(seen).without_intercept()

    def _made(self, seen: Mapping[str, Any]) -> tuple[Scaling, Grid]:
        """Columns and grid; kept while the state of a run is the same object."""
        if self._kept is None or self._kept[0] is not seen:
            self._kept = seen, self._columns(seen), self._grid(seen)
        return self._kept[1:]

    def _last(self, state: Mapping[str, Any], grid: Grid) -> Last:
        """As above, of the last round's state."""
        if self._ready is None or self._ready[0] is not state:
            self._ready = state, Last.of(state, grid)
        return self._ready[1]

    def _grid(self, seen: Mapping[str, Any]) -> Grid:
        return Grid.read(seen, self.strata)

    def evidence(
        self, placed: Placed, merged: Parts, state: State, view_population: int
    ) -> CoxEvidence:
        """The groups of the model's categories, and the model or why there is none."""
        seen = state.get("look") or _seen(merged)
        trouble = self.trouble(merged, state)
        scaled = None if trouble is not None else self._columns(seen)
        return CoxEvidence(
            **self.whom(placed, view_population),
            model="cox",
            ratio=True,
            binary=True,
            counts=True,
            split=(*self.split(seen), *self._strata(placed)),
            moments=None,
            rarest=rarest_of(seen),
            references={} if scaled is None else dict(scaled.coding.references),
            outcome=self.node.event,
            trouble=trouble,
            fit=None if scaled is None else fitted(self.node, scaled, merged, state),
            trends=() if scaled is None else trends(scaled, merged, state),
        )

    def _strata(self, placed: Placed) -> list[Group]:
        """Each stratum with anybody in it; the event and the strata are the first axes."""
        if self.strata == 1:
            return []
        n = placed.n.reshape(2, self.strata, -1)
        cell = np.arange(n.size).reshape(n.shape)
        names = product(*(one.levels for one in self.model.strata))
        word = " × ".join(one.name for one in self.model.strata)
        return [
            Group(
                f"{word} [{' × '.join(levels)}]",
                int(n[:, at].sum()),
                int(n[1, at].sum()),
                tuple(cell[:, at].ravel().tolist()),
            )
            for at, levels in enumerate(names)
            if n[:, at].any()
        ]


def _of(parts: Parts, kind: str) -> Parts:
    return {name: parts[f"{kind}:{name}"] for name in ("code", "day", "count")}


def _seen(merged: Parts) -> dict[str, Any]:
    """What was looked at, as JSON for the later rounds: the days of events, too, and g on them.

    g is one less survival just before the day (all strata together), as in R's cox.zph.
    """
    code, day, count = (merged[f"end:{name}"] for name in ("code", "day", "count"))
    died = code % 2 == 1
    seen: dict[str, Any] = {
        "code": (code[died] // 2).tolist(),
        "day": day[died].tolist(),
        "count": count[died].tolist(),
        "trend": _trend(merged, code, day, count)[died].tolist(),
        "few": few_of(merged),
    }
    names = ("columns", "persons", "events")
    return seen | {name: merged[f"sum:{name}"].tolist() for name in names}


def _trend(
    merged: Parts, code: NDArray[Any], day: NDArray[Any], count: NDArray[Any]
) -> NDArray[np.float64]:
    last = int(day.max(initial=0)) + 1
    ends = np.bincount(day, weights=count, minlength=last)
    events = np.bincount(day, weights=count * (code % 2), minlength=last)
    at_risk = np.cumsum(ends[::-1])[::-1]
    if "enter:day" in merged:
        enters = np.bincount(merged["enter:day"], weights=merged["enter:count"], minlength=last)
        at_risk = at_risk - np.cumsum(enters[::-1])[::-1][:last]
    share = np.divide(events, at_risk, out=np.zeros(last), where=at_risk > 0)
    before = np.concatenate([[1.0], np.cumprod(1 - share)[:-1]])
    return np.asarray((1.0 - before)[day], dtype=np.float64)
