"""How numbers go together: correlations, covariances, principal components, clusters."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.plan.nodes.base import AnalysisNode, Name

__all__ = ["Clusters", "Components", "Correlations", "Covariances", "OfNumbers"]

Several = Annotated[tuple[Name, ...], Field(min_length=2, max_length=20)]


class OfNumbers(AnalysisNode):
    """Over the persons that have all of the variables (complete cases)."""

    variables: Several

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return self.variables


class Correlations(OfNumbers):
    """The correlation of each two numbers: Pearson's, or Spearman's of their ranks."""

    k: Literal["correlations"] = "correlations"
    method: Literal["pearson", "spearman"] = "pearson"


class Covariances(OfNumbers):
    """The covariance of each two numbers (n - 1 in the denominator)."""

    k: Literal["covariances"] = "covariances"


class Components(OfNumbers):
    """Principal components of standardised numbers: loadings and explained variance, no scores."""

    k: Literal["components"] = "components"


class Clusters(OfNumbers):
    """k-means of standardised numbers: centres and shares of clusters, never who is in which.

    The first centres lie along the first principal component, at the normal quantiles of
    (i - 1/2) / k, so that the same question has the same answer.
    """

    k: Literal["clusters"] = "clusters"
    count: Annotated[int, Field(ge=2, le=12)]
