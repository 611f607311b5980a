"""What can be asked of a cohort, one module a family; PersonFrame has the methods of all."""

from workbench.sdk.analyses.associations import Associations
from workbench.sdk.analyses.comparisons import Comparisons
from workbench.sdk.analyses.distributions import Distributions
from workbench.sdk.analyses.proportions import Proportions
from workbench.sdk.analyses.regression import Regressions
from workbench.sdk.analyses.survival import Survival
from workbench.sdk.analyses.tables import Dp, Tables, dp

__all__ = ["Analyses", "Distributions", "Dp", "Proportions", "dp"]


class Analyses(
    Associations,
    Comparisons,
    Regressions,
    Survival,
    Tables,
):
    """The methods of every family."""
