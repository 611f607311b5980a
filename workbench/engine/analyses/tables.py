"""Tables of persons: counts, exact or with noise, and described numbers."""

from collections.abc import Mapping, Sequence

import polars as pl

from disclosure.further import Further
from disclosure.tables import Dimension, Magnitude, TableEvidence
from workbench.engine.analyses.computation import Computation, Parts, State, computes
from workbench.engine.analyses.moments import merged, moments, rarest
from workbench.engine.placed import Placed
from workbench.plan import CheckedPlan
from workbench.plan.nodes import Count, Crosstab, Describe, DpCount, DpCrosstab
from workbench.plan.words import edge_text
from workbench.sdk.compile import CELL

__all__ = ["Counts", "Described", "Moments", "Placing", "magnitude_of", "table"]


class Placing(Computation):
    """Persons in each cell; the placing of the persons has counted them already."""

    def partial(self, frame: pl.DataFrame, state: State) -> Parts:  # noqa: ARG002 - see above
        """Nothing besides."""
        return {}

    def merge(self, parts: Sequence[Parts]) -> Parts:  # noqa: ARG002 - see above
        """Nothing besides."""
        return {}


@computes(Crosstab, Count, DpCount, DpCrosstab)
class Counts(Placing):
    """A table of persons."""

    def evidence(
        self,
        placed: Placed,
        merged: Parts,  # noqa: ARG002 - see above
        state: State,  # noqa: ARG002 - see above
        view_population: int,
    ) -> TableEvidence:
        """The counts."""
        return table(self, placed, view_population)


class Moments(Computation):
    """The moments of a number, measured as "x", in each cell."""

    squares = True

    def partial(self, frame: pl.DataFrame, state: State) -> Parts:  # noqa: ARG002 - one round
        """See moments."""
        return moments(frame["x"].to_numpy(), frame[CELL].to_numpy(), self.checked.cells)

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """See moments."""
        return merged(parts)


@computes(Describe)
class Described(Moments):
    """Persons with a value in each cell, and the moments of the value."""

    def measured(self) -> Mapping[str, pl.Expr]:
        """The variable."""
        return {"x": pl.col(_variable(self)).cast(pl.Float64)}

    def evidence(
        self,
        placed: Placed,
        merged: Parts,
        state: State,  # noqa: ARG002 - one round
        view_population: int,
    ) -> TableEvidence:
        """The counts of persons with a value, and the magnitudes."""
        magnitude = magnitude_of(self.checked, _variable(self), placed, merged)
        return table(self, placed, view_population, magnitude)


def magnitude_of(checked: CheckedPlan, variable: str, placed: Placed, moments: Parts) -> Magnitude:
    """What the rules need of a number, from its merged moments."""
    shape = tuple(len(one.codes) for one in checked.dimensions)
    return Magnitude(
        variable=variable,
        n=placed.n.reshape(shape),
        total=moments["total"].reshape(shape),
        total_sq=moments["total_sq"].reshape(shape),
        largest=moments["largest"].reshape(shape),
        second=moments["second"].reshape(shape),
        contributors=moments["contributors"].reshape(shape),
        rarest=rarest(moments).reshape(shape),
    )


def table(
    computation: Computation,
    placed: Placed,
    view_population: int,
    *magnitudes: Magnitude,
    further: tuple[Further, ...] = (),
) -> TableEvidence:
    """The evidence of a table over the plan's dimensions."""
    checked = computation.checked
    return TableEvidence(
        dimensions=tuple(
            Dimension(one.name, one.codes, tuple(map(edge_text, one.edges)), one.merge)
            for one in checked.dimensions
        ),
        n=placed.n.reshape(tuple(len(one.codes) for one in checked.dimensions)),
        population=placed.population,
        view_population=view_population,
        margins=bool(getattr(checked.plan.analysis, "margins", False)),
        magnitudes=magnitudes,
        further=further,
    )


def _variable(computation: Computation) -> str:
    found = getattr(computation.checked.plan.analysis, "variable", None)
    if not isinstance(found, str):
        raise TypeError("only a described table has a variable")
    return found
