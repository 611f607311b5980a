"""Who lacks which variables: the placing of the persons has counted them already."""

from disclosure.results.missingness import MissingEvidence
from workbench.engine.analyses.computation import Parts, State, computes
from workbench.engine.analyses.tables import Placing
from workbench.engine.placed import Placed
from workbench.plan.nodes import Missingness

__all__ = ["Missing"]


@computes(Missingness)
class Missing(Placing):
    """Persons in each pattern of missing values."""

    def evidence(
        self,
        placed: Placed,
        merged: Parts,  # noqa: ARG002 - see above
        state: State,  # noqa: ARG002 - one round
        view_population: int,
    ) -> MissingEvidence:
        """The counts."""
        asked = self.checked.plan.analysis
        if not isinstance(asked, Missingness):
            raise TypeError("missing values are asked for otherwise")
        return MissingEvidence(
            **self.whom(placed, view_population),
            by=asked.by,
            labels=dict(self.checked.model),
            patterns=tuple(one.name for one in self.checked.dimensions[len(asked.by) :]),
        )
