"""A dataset version in counts, for comparing the next one with it: rows, nulls, codes, bins, years.

Bins are twenty equal steps between the contract's own limits, so no boundary is a data value.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from pseudonym.contract.model import Contract
from pseudonym.contract.variable import Variable
from pseudonym.errors import Refusal

__all__ = ["BINS", "Profile", "profile"]

BINS = 20
OTHER = ""


@dataclass(frozen=True)
class Profile:
    """rows: all. nulls: by variable. counts: by variable with codes, by code ("": unlisted).
    bins: by ranged variable, 20 counts. years: rows by year of start ("2010")."""

    rows: int
    nulls: Mapping[str, int]
    counts: Mapping[str, Mapping[str, int]]
    bins: Mapping[str, tuple[int, ...]]
    years: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """JSON-ready mapping; it holds counts that may be small: for owners, not researchers."""
        raw = asdict(self)
        raw["bins"] = {name: list(counts) for name, counts in self.bins.items()}
        return {"v": 1, **raw}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Profile":
        """The inverse of `to_json`; Refusal("bad_profile") for anything else."""
        try:
            if value["v"] != 1:
                raise KeyError
            return cls(
                int(value["rows"]),
                {str(name): int(count) for name, count in value["nulls"].items()},
                {
                    str(name): {str(code): int(count) for code, count in counts.items()}
                    for name, counts in value["counts"].items()
                },
                {
                    str(name): tuple(int(count) for count in counts)
                    for name, counts in value["bins"].items()
                },
                {str(year): int(count) for year, count in value["years"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Refusal(
                "bad_profile",
                "The profile of the previous version cannot be read.",
                "Restore the version's manifest from your backup.",
            ) from None


def profile(frame: pl.DataFrame, contract: Contract) -> Profile:
    """Count a typed frame (variables by name; absent ones are left out)."""
    here = [item for item in contract.variables if item.name in frame.columns]
    nulls = {item.name: frame[item.name].null_count() for item in here}
    counts = {item.name: _codes(frame, item) for item in here if item.value_domain.codes}
    bins = {item.name: _bins(frame, item) for item in here if _ranged(item)}
    start = contract.with_role("start")
    years: dict[str, int] = {}
    if start is not None and start.data_type == "DATE" and start.name in frame.columns:
        found = frame.select(pl.col(start.name).dt.year().alias("year")).drop_nulls()
        grouped = found.group_by("year").len().sort("year")
        years = {str(year): count for year, count in grouped.rows()}
    return Profile(frame.height, nulls, counts, bins, years)


def _ranged(item: Variable) -> bool:
    domain = item.value_domain
    return (
        item.data_type in ("LONG", "DOUBLE")
        and domain.min is not None
        and domain.max is not None
        and domain.min != domain.max
    )


def _codes(frame: pl.DataFrame, item: Variable) -> dict[str, int]:
    """Counts in the order of the code list; everything else is one number."""
    grouped = frame.select(pl.col(item.name).cast(pl.String).alias("code")).drop_nulls()
    found = dict(grouped.group_by("code").len().rows())
    known = list(dict.fromkeys(code.code for code in item.value_domain.codes))
    counts = {code: found[code] for code in known if code in found}
    other = sum(found.values()) - sum(counts.values())
    return counts | ({OTHER: other} if other else {})


def _bins(frame: pl.DataFrame, item: Variable) -> tuple[int, ...]:
    low, high = float(item.value_domain.min or 0), float(item.value_domain.max or 0)  # type: ignore[arg-type]  # numbers: see _ranged
    place = ((pl.col(item.name).cast(pl.Float64) - low) / (high - low) * BINS).floor()
    clipped = place.clip(0, BINS - 1).cast(pl.Int64).alias("bin")
    found = dict(frame.select(clipped).drop_nulls().group_by("bin").len().rows())
    return tuple(found.get(number, 0) for number in range(BINS))
