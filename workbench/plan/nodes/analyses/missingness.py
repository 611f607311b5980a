"""How many persons lack a value of which variables."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.plan.nodes.base import AnalysisNode, Name

__all__ = ["Missingness"]


class Missingness(AnalysisNode):
    """Persons without a value, for each of up to twelve variables, by up to one dimension."""

    k: Literal["missingness"] = "missingness"
    variables: Annotated[tuple[Name, ...], Field(min_length=1, max_length=12)]
    by: Annotated[tuple[Name, ...], Field(max_length=1)] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, *self.variables)
