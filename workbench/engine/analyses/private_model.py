"""What noise is added to of a linear model: whole-number sums of products of its columns.

Columns are those of the design with every public category, whoever occurs; numbers are clipped and
scaled to ± 1 around the middle of their bounds, and a public matrix leads back.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disclosure.privacy.evidence import ModelColumn, ModelEvidence
from workbench.engine.analyses.columns import matrix
from workbench.engine.analyses.computation import Computation, Parts, State, computes, summed
from workbench.engine.analyses.design import CATEGORY, NUMBER, coded, every_column
from workbench.engine.analyses.design import measured as measured_design
from workbench.engine.analyses.private import clipped
from workbench.engine.analyses.rows import Rows
from workbench.engine.faults import fault
from workbench.engine.placed import Placed
from workbench.plan import CheckedPlan
from workbench.plan.check.private import PrivateModel
from workbench.plan.nodes import DpRegression

__all__ = ["NoisyModel"]

UNIT = 1 << 12
"""Steps from 0 to the largest |z|; sums of products of some hundred million rows are exact."""
OUTCOME = "y"
ROWS = 1 << 16
Floats = NDArray[np.float64]


@computes(DpRegression)
class NoisyModel(Computation):
    """Sums of products of the model's columns and the outcome."""

    def __init__(self, checked: CheckedPlan) -> None:
        super().__init__(checked)
        node, model = checked.plan.analysis, checked.model
        if not isinstance(node, DpRegression) or not isinstance(model, PrivateModel):
            raise TypeError("no regression with noise")
        self.node = node
        self.bounds = model.bounds
        self.design = model.design
        ones = {name: [1] * len(one.levels) for name, one in self.design.categories.items()}
        self.coding = coded(self.design, ones, [1.0] * len(every_column(self.design)))

    def measured(self) -> Mapping[str, pl.Expr]:
        """The outcome, and what the design reads; numbers within their bounds."""
        found = measured_design(self.design)
        found |= {
            NUMBER.format(name): clipped(name, self.bounds[name]) for name in self.design.numbers
        }
        return found | {OUTCOME: clipped(self.node.outcome, self.bounds[self.node.outcome])}

    def partial(self, frame: pl.DataFrame, state: State) -> Parts:  # noqa: ARG002 - one round
        """products: float64 of whole numbers, (columns + 1, columns + 1)."""
        size = len(self.coding.columns) + 1
        total = np.zeros((size, size))
        for rows in frame.iter_slices(ROWS):
            z = self._scaled(rows)
            total += z.T @ z
        return {"products": total.astype(np.int64)}

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """All buckets together."""
        return {"products": summed(parts, "products")}

    def evidence(
        self,
        placed: Placed,  # noqa: ARG002 - the constant's square counts the persons
        merged: Parts,
        state: State,  # noqa: ARG002 - one round
        view_population: int,  # noqa: ARG002 - noise is the same for every population
    ) -> ModelEvidence:
        """The sums, and the way back to the columns as they are written."""
        outcome = self.bounds[self.node.outcome]
        return ModelEvidence(
            by=(),
            groups=((),),
            outcome=self.node.outcome,
            columns=tuple(ModelColumn(one.term, one.level) for one in self.coding.columns),
            references=self.coding.references,
            unit=UNIT,
            weight=len(self.node.design.terms) + 2,
            products=merged["products"],
            centre=(outcome.high + outcome.low) / 2,
            half=(outcome.high - outcome.low) / 2,
            back=self._back(),
        )

    def _scaled(self, frame: pl.DataFrame) -> Floats:
        """(rows, columns + 1) of whole numbers within ± UNIT: whatever a row holds."""
        arrays = {name: frame[name].to_numpy() for name in frame.columns}
        for name in self.design.numbers:
            arrays[NUMBER.format(name)] = self._centred(name, arrays[NUMBER.format(name)])
        columns = matrix(Rows(arrays), self.coding.columns)
        outcome = self._centred(self.node.outcome, arrays[OUTCOME])
        z = np.column_stack([columns, outcome])
        whole: Floats = np.rint(np.clip(z, -1.0, 1.0) * UNIT)
        return whole

    def _centred(self, name: str, values: Floats) -> Floats:
        one = self.bounds[name]
        scaled: Floats = (values - (one.high + one.low) / 2) / ((one.high - one.low) / 2)
        return scaled

    def _back(self) -> Floats:
        """From coefficients of the scaled columns to those of the columns as written.

        Both are worked out at made-up points: the written columns are public sums of the others.
        """
        chance = np.random.default_rng(1)
        points = 50 + 20 * len(self.coding.columns)
        plain: dict[str, NDArray[Any]] = {OUTCOME: np.zeros(points)}
        for name, one in self.design.categories.items():
            plain[CATEGORY.format(name)] = chance.integers(0, len(one.levels), points)
        scaled: dict[str, NDArray[Any]] = dict(plain)
        for name in self.design.numbers:
            bounds = self.bounds[name]
            values = chance.uniform(bounds.low, bounds.high, points)
            plain[NUMBER.format(name)] = values
            scaled[NUMBER.format(name)] = self._centred(name, values)
        written = matrix(Rows(plain), self.coding.columns)
        own = matrix(Rows(scaled), self.coding.columns)
        found = np.linalg.lstsq(written, own, rcond=None)[0]
        apart = float(np.abs(written @ found - own).max())
        if apart > 1e-6 * max(1.0, sqrt(points)):
            raise fault("a scaled model does not lead back to the one that was written")
        return np.asarray(found, dtype=np.float64)
