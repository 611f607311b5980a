"""Runs a plan: compile to polars, partials per bucket, merge, hand to the gate."""
