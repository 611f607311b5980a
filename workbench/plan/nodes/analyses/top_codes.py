"""The most frequent categories of a variable, rolled up where its codes are long."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.plan.nodes.base import AnalysisNode, Name

__all__ = ["TopCodes"]


class TopCodes(AnalysisNode):
    """The `most` categories with the most persons; the first `characters` of a code are one."""

    k: Literal["top_codes"] = "top_codes"
    variable: Name
    most: Annotated[int, Field(ge=1, le=100)] = 10
    characters: Annotated[int, Field(ge=1, le=20)] | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (self.variable,)
