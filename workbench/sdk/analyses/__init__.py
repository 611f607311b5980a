"""What can be asked of a cohort, one module a family; PersonFrame has the methods of all."""

from workbench.sdk.analyses.associations import Associations
from workbench.sdk.analyses.comparisons import Comparisons
from workbench.sdk.analyses.concentration import Concentrations
from workbench.sdk.analyses.cox import Hazards
from workbench.sdk.analyses.describing import Describing
from workbench.sdk.analyses.distributions import Distributions
from workbench.sdk.analyses.magnitudes import Magnitudes
from workbench.sdk.analyses.missingness import Missingness
from workbench.sdk.analyses.noise import Dp, dp
from workbench.sdk.analyses.proportions import Proportions
from workbench.sdk.analyses.quantiles import Quantiles
from workbench.sdk.analyses.rates import Rates
from workbench.sdk.analyses.regression import Regressions
from workbench.sdk.analyses.survival import Survival
from workbench.sdk.analyses.tables import Tables
from workbench.sdk.analyses.top_codes import TopCodes
from workbench.sdk.analyses.trends import Trends

__all__ = ["Analyses", "Distributions", "Dp", "Proportions", "dp"]


class Analyses(
    Associations,
    Comparisons,
    Hazards,
    Rates,
    Regressions,
    Survival,
    Tables,
    Distributions,
    Proportions,
    Quantiles,
    Magnitudes,
    Missingness,
    TopCodes,
    Trends,
    Describing,
    Concentrations,
):
    """The methods of every family."""
