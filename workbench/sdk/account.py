"""The privacy accounts in a notebook: granted, spent, left, and what can still be asked."""

from collections.abc import Mapping
from fractions import Fraction
from html import escape
from typing import Any

import polars as pl

__all__ = ["Account"]


class Account:
    """The project's privacy accounts, exact: granted, spent and left ρ.

    registries: by name the same of what the project may spend on each registry's data. forecast:
    how many answers of a price can still be asked about data of all registries, and how near a
    count of that price is. epsilon: what was spent as (ε, δ), tight and by the simple formula.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.granted = Fraction(body["granted"])
        self.spent = Fraction(body["spent"])
        self.registries: Mapping[str, tuple[Fraction, Fraction]] = {
            one["registry"]: (Fraction(one["granted"]), Fraction(one["spent"]))
            for one in body.get("registries", ())
        }
        self._forecast = list(body.get("forecast", ()))
        self._epsilon = list(body.get("epsilon", ()))

    @property
    def left(self) -> Fraction:
        """What can still be asked for: of all accounts the least that is left, never below 0."""
        rest = [granted - spent for granted, spent in self.registries.values()]
        return max(min([self.granted - self.spent, *rest]), Fraction(0))

    @property
    def forecast(self) -> pl.DataFrame:
        """rho (text), answers: so many more at that price, count_within: ± of a count, 95 %."""
        schema = {"rho": pl.String, "answers": pl.Int64, "count_within": pl.Int64}
        return pl.DataFrame(self._forecast, schema=schema)

    @property
    def epsilon(self) -> pl.DataFrame:
        """delta, epsilon (tight), simple: everything that was spent so far, by both formulas."""
        schema = dict.fromkeys(("delta", "epsilon", "simple"), pl.Float64)
        return pl.DataFrame(self._epsilon, schema=schema)

    def answers(self, rho: str | int | Fraction) -> int:
        """How many more answers of the price ρ the accounts hold: account.answers("1/50")."""
        price = Fraction(rho)
        return int(self.left / price) if price > 0 else 0

    def _lines(self) -> list[str]:
        lines = [f"ρ granted {self.granted}, spent {self.spent}, left {self.left}"]
        lines += [
            f"of {name}: granted {granted}, spent {spent}"
            for name, (granted, spent) in self.registries.items()
        ]
        lines += [
            f"spent so far is ε = {one['epsilon']:.3g} at δ = {one['delta']:g}"
            for one in self._epsilon[:1]
            if self.spent
        ]
        lines += [
            f"{one['answers']} more at ρ = {one['rho']} (a count within ± {one['count_within']})"
            for one in self._forecast
        ]
        return lines

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        first, *rest = map(escape, self._lines())
        return f"<p>{first}</p><ul>{''.join(f'<li>{one}</li>' for one in rest)}</ul>"
