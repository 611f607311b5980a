"""Digits: so many as tell what is found, and no more than a paper prints."""

import math

__all__ = ["p_value", "significant"]


def significant(value: float, figures: int = 4) -> float | None:
    """The value to so many significant figures; None when it is not finite."""
    if not math.isfinite(value):
        return None
    return float(f"{value:.{figures - 1}e}") + 0.0


def p_value(value: float) -> float | None:
    """A p-value to three significant figures, and never below 1e-16, where floats end."""
    return significant(max(value, 1e-16), 3) if math.isfinite(value) else None
