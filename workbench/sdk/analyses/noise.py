"""Noise as it is asked for: its cost, and the bounds that a person's number is clipped to."""

from collections.abc import Mapping
from typing import Any

from workbench.plan import nodes
from workbench.sdk.refused import Refused

__all__ = ["Bounds", "Dp", "bounded", "dp", "limits"]

Bounds = tuple[float, float]
"""The least and the greatest value that a person's number counts with."""


class Dp:
    """A privacy cost ρ (zero-concentrated differential privacy), exact."""

    def __init__(self, rho: str) -> None:
        self.rho = rho

    def __repr__(self) -> str:
        return f"wb.dp(rho={self.rho!r})"


def dp(rho: str | int) -> Dp:
    """Ask for noise at the cost ρ, written as an exact fraction: wb.dp(rho="1/10")."""
    if isinstance(rho, float):
        raise Refused(
            "bad_budget",
            "A privacy cost is an exact number.",
            'Write it as a fraction in quotes: wb.dp(rho="1/10").',
        )
    return Dp(str(rho))


def bounded(bounds: Any, *, margins: bool = False, exact: bool = False) -> dict[str, Any]:
    """The fields of a plan that say the bounds; Refused for what goes with no noise, or only."""
    if exact:
        if bounds is not None:
            raise Refused(
                "bounds_without_noise",
                "Bounds are for answers with noise.",
                'Add dp=wb.dp(rho="1/20"), or cap the number: frame.x.clip(0, 100).',
            )
        return {}
    if margins:
        raise Refused(
            "margins_with_noise",
            "With noise there are no margins of sums and means here.",
            "Ask for all persons in a second question; noise is paid for each.",
        )
    if bounds is None:
        return {}
    low, high = _pair(bounds)
    return {"low": low, "high": high}


def limits(bounds: Mapping[str, Bounds] | None) -> tuple[nodes.Limits, ...]:
    """The bounds of several numbers, by name: {"bmi": (15, 60)}."""
    found = []
    for name, pair in sorted((bounds or {}).items()):
        low, high = _pair(pair)
        try:
            found.append(nodes.Limits(variable=name, low=low, high=high))
        except ValueError:
            raise _bad_bounds() from None
    return tuple(found)


def _pair(bounds: Any) -> tuple[float, float]:
    if not isinstance(bounds, tuple | list) or len(bounds) != 2:
        raise _bad_bounds()
    return bounds[0], bounds[1]


def _bad_bounds() -> Refused:
    return Refused(
        "bad_bounds",
        "Bounds are two numbers, the lower one first.",
        'As in bounds=(0, 100), or of a model bounds={"bmi": (15, 60)}.',
    )
