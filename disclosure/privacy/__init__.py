"""Differential privacy: mechanisms and exact budget arithmetic."""
