"""What every family of analyses shares: from a method's arguments to an analysis to a release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.plan import nodes
from workbench.sdk.refused import Refused

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Asking", "names"]


class Asking:
    """A frame of one row a person that analyses can be asked of."""

    _node: nodes.Frame

    def _ask(self, analysis: nodes.Analysis) -> Release:
        """Send it to the engine and wait for the release."""
        raise NotImplementedError

    def _run(self, kind: Any, **fields: Any) -> Release:
        """The release of an analysis of a kind; Refused when the fields are not of its form."""
        try:
            analysis = kind(cohort=self._node, **fields)
        except ValueError:
            raise Refused(
                "malformed_plan",
                f"That is not how {kind.__name__} is asked for.",
                f"{kind.__doc__} See docs/reference/sdk.md.",
            ) from None
        return self._ask(analysis)


def names(by: str | list[str] | None) -> tuple[str, ...]:
    """One name, several or none."""
    return () if by is None else (by,) if isinstance(by, str) else tuple(by)
