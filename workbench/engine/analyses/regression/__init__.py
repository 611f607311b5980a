"""Regression models, fitted by sums over buckets."""

from workbench.engine.analyses.regression.computation import Regressed

__all__ = ["Regressed"]
