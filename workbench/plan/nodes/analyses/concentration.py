"""How unevenly a number is spread over persons: Gini's coefficient and the Lorenz curve."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.plan.nodes.base import AnalysisNode, Name

__all__ = ["Concentration"]


class Concentration(AnalysisNode):
    """Gini's coefficient, the Lorenz curve and the share of the tenth with the most."""

    k: Literal["concentration"] = "concentration"
    variable: Name
    by: Annotated[tuple[Name, ...], Field(max_length=1)] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.variable)
