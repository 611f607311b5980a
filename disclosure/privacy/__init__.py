"""Differential privacy: mechanisms, answers with noise, and exact budget arithmetic."""

from disclosure.privacy import distribution, keys, moments, regression, tables
from disclosure.privacy.answer import Part, Private, private

__all__ = ["Part", "Private", "distribution", "keys", "moments", "private", "regression", "tables"]
