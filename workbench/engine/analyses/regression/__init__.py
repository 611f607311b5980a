"""Regression models, fitted by sums over buckets."""

from workbench.engine.analyses.regression.computation import Regressed
from workbench.engine.analyses.regression.nested import Nested

__all__ = ["Nested", "Regressed"]
