"""Differential privacy: mechanisms, answers with noise, and exact budget arithmetic."""

from disclosure.privacy import distribution, moments, regression, tables
from disclosure.privacy.answer import Part, Private, private

__all__ = ["Part", "Private", "distribution", "moments", "private", "regression", "tables"]
