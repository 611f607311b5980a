"""Decides what may leave. Pure: evidence, policy, history and budget in; a decision out."""
