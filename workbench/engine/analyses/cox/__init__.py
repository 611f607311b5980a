"""Proportional hazards: Cox's partial likelihood from sums over the days of events.

A risk set is everybody still followed, and its sums are differences of sums by last day, so a
bucket contributes arrays over the days of events, never over persons, and they add up exactly.
"""

from workbench.engine.analyses.cox import computation

__all__ = ["computation"]
