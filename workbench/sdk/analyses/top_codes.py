"""Most frequent categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["TopCodes"]


class TopCodes(Asking):
    """Analyses of long code lists."""

    def top_codes(self, variable: str, *, most: int = 10, characters: int | None = None) -> Release:
        """The categories with the most persons, and how many are in all the others.

        characters: roll codes up to their first characters, as ICD-10's I219 to I21.

            cohort.top_codes("cause_of_death", characters=3)
        """
        return self._run(nodes.TopCodes, variable=variable, most=most, characters=characters)
