"""Analyses: one question about the persons of a cohort, one module a family."""
