"""The most frequent categories: the placing of the persons has counted them already."""

from disclosure.results.top_codes import CodesEvidence
from workbench.engine.analyses.computation import Parts, State, computes
from workbench.engine.analyses.tables import Placing
from workbench.engine.placed import Placed
from workbench.plan.nodes import TopCodes

__all__ = ["Codes"]


@computes(TopCodes)
class Codes(Placing):
    """Persons in each category."""

    def evidence(
        self,
        placed: Placed,
        merged: Parts,  # noqa: ARG002 - see above
        state: State,  # noqa: ARG002 - one round
        view_population: int,
    ) -> CodesEvidence:
        """The counts."""
        asked = self.checked.plan.analysis
        if not isinstance(asked, TopCodes):
            raise TypeError("categories are asked for otherwise")
        return CodesEvidence(
            **self.whom(placed, view_population),
            variable=asked.variable,
            label=self.checked.dimensions[0].label,
            most=asked.most,
        )
