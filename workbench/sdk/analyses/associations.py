"""How numbers go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Associations"]


class Associations(Asking):
    """Analyses of several numbers."""

    def correlate(
        self, *variables: str, method: Literal["pearson", "spearman"] = "pearson"
    ) -> Release:
        """The correlation of each two numbers, with limits and a test that it is none.

        cohort.correlate("age", "bmi", "los"); method="spearman" for ranks. Over the persons that
        have all of them.
        """
        return self._run(nodes.Correlations, variables=variables, method=method)

    def covariance(self, *variables: str) -> Release:
        """The covariance of each two numbers: cohort.covariance("age", "bmi")."""
        return self._run(nodes.Covariances, variables=variables)

    def pca(self, *variables: str) -> Release:
        """Principal components of standardised numbers: explained variance and loadings.

        cohort.pca("bmi", "activity", "diet").
        """
        return self._run(nodes.Components, variables=variables)

    def k_means(self, *variables: str, count: int = 3) -> Release:
        """Clusters of persons alike in standardised numbers: centres and shares.

        cohort.k_means("bmi", "activity", "diet", count=4). The same question has the same answer.
        """
        return self._run(nodes.Clusters, variables=variables, count=count)
