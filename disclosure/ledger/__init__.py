"""Audit of a new release against everything released before."""
