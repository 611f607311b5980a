"""Most frequent categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking
from workbench.sdk.analyses.noise import Dp

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["TopCodes"]


class TopCodes(Asking):
    """Analyses of long code lists."""

    def top_codes(
        self,
        variable: str,
        *,
        most: int = 10,
        characters: int | None = None,
        dp: Dp | None = None,
    ) -> Release:
        """The categories with the most persons, and how many are in all the others.

        characters: roll codes up to their first characters, as ICD-10's I219 to I21.

        dp: with noise, also of a text of which there is no list of values; those that enough
        persons share are found and told, at ρ and δ = ρ / 10⁶.

            cohort.top_codes("cause_of_death", characters=3)
            cohort.top_codes("occupation", most=50, dp=wb.dp(rho="1/50"))
        """
        if dp is not None:
            cut = {} if characters is None else {"characters": characters}
            return self._run(nodes.DpKeys, variable=variable, most=most, rho=dp.rho, **cut)
        return self._run(nodes.TopCodes, variable=variable, most=most, characters=characters)
