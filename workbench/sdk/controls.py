"""Matched controls in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

from workbench.plan import nodes
from workbench.sdk.refused import Refused

if TYPE_CHECKING:
    from workbench.sdk.frames import PersonFrame

__all__ = ["MatchWords"]


class MatchWords:
    """One row a person: find others like them."""

    _node: nodes.Frame

    def matched(
        self,
        controls: PersonFrame,
        *,
        exact: Sequence[str] = (),
        calipers: Mapping[str, float] | None = None,
        ratio: int = 1,
        replacement: bool = False,
        carry: Sequence[str] = (),
        seed: int = 0,
    ) -> Self:
        """These persons as cases, each with up to `ratio` controls like them, as one person frame.

        exact: variables that are the same. calipers: how far numbers, or dates in days, may lie
        apart: {"age": 2}. carry: variables that a control gets from its case, such as the index
        date. The frame has the variables of both and `case` (yes/no) and `sets` (in how many
        matched sets). Cases without a control are left out. The same seed chooses the same persons.

        cases.matched(everybody, exact=["sex"], calipers={"birth_year": 1}, ratio=4,
                      carry=["index"])
        """
        near = (calipers or {}).items()
        try:
            node = nodes.Matched(
                cases=self._node,
                controls=controls._node,
                exact=tuple(exact),
                calipers=tuple(nodes.Caliper(name=name, within=one) for name, one in near),
                ratio=ratio,
                replacement=replacement,
                carry=tuple(carry),
                seed=seed,
            )
        except (ValueError, AttributeError):
            raise Refused(
                "malformed_plan",
                "That is not how controls are matched.",
                "Name at least one variable, each once, in exact=[…] or calipers={…}; controls are "
                "a person frame; ratio is 1 to 20; carry=[…] only without replacement.",
            ) from None
        return self._grown(node)

    if TYPE_CHECKING:  # what a frame brings

        def _grown(self, node: nodes.Frame) -> Self: ...
