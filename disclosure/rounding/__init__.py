"""Consistent rounding of small counts: inner cells once, every total the sum of what is shown."""
