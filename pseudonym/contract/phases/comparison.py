"""Comparison with the previous version: rows, years, nulls, categories, population stability index.

PSI = Σ (p − q) ln(p / q) over categories or bins, with shares bounded below by 1 in 10,000 as
credit scoring does (Siddiqi, Credit Risk Scorecards, 2006).
"""

import math
from collections.abc import Mapping

from pseudonym.contract.model import Contract
from pseudonym.contract.profile import Profile
from pseudonym.contract.report import Flag, Severity, flag
from pseudonym.contract.thresholds import Limit

__all__ = ["check", "stability"]

FLOOR = 1e-4


def check(new: Profile, old: Profile, contract: Contract) -> list[Flag]:
    """Flags for what changed by more than the contract's thresholds."""
    limits = contract.thresholds
    flags = _rows(new, old, contract)
    for variable in contract.variables:
        name = variable.name
        if name not in new.nulls or name not in old.nulls:
            continue
        change = abs(_share(new.nulls[name], new.rows) - _share(old.nulls[name], old.rows))
        severity = _severity(change, limits.null_rate_change)
        if severity:
            flags.append(
                flag(
                    "comparison",
                    "null_rate_change",
                    severity,
                    variable.header,
                    count=1,
                    detail=f"{change:.1%}",
                )
            )
        flags += _categories(name, variable.header, new, old)
        index = _index(name, new, old)
        severity = _severity(index, limits.psi)
        if severity:
            flags.append(
                flag(
                    "comparison",
                    "distribution_shift",
                    severity,
                    variable.header,
                    count=1,
                    detail=f"{index:.2f}",
                )
            )
    return flags


def stability(new: Mapping[str, int], old: Mapping[str, int]) -> float:
    """The population stability index of two sets of counts; 0 where either is empty."""
    total_new, total_old = sum(new.values()), sum(old.values())
    if not total_new or not total_old:
        return 0.0
    index = 0.0
    for name in new.keys() | old.keys():
        p = max(new.get(name, 0) / total_new, FLOOR)
        q = max(old.get(name, 0) / total_old, FLOOR)
        index += (p - q) * math.log(p / q)
    return index


def _rows(new: Profile, old: Profile, contract: Contract) -> list[Flag]:
    limit, flags = contract.thresholds.row_count_change, []
    change = abs(new.rows - old.rows) / max(old.rows, 1)
    severity = _severity(change, limit)
    if severity:
        flags.append(
            flag("comparison", "row_count_change", severity, count=1, detail=f"{change:.1%}")
        )
    # The newest year of the old version was still growing; it is compared from the next one on.
    closed = sorted(old.years)[:-1]
    moved = {
        year: abs(new.years.get(year, 0) - old.years[year]) / max(old.years[year], 1)
        for year in closed
    }
    over = sorted(year for year, share in moved.items() if _severity(share, limit))
    if over:
        worst = _severity(max(moved.values()), limit) or "warn"
        flags.append(
            flag("comparison", "period_change", worst, count=len(over), detail=", ".join(over[:10]))
        )
    return flags


def _categories(name: str, header: str, new: Profile, old: Profile) -> list[Flag]:
    if name not in new.counts or name not in old.counts:
        return []
    now, then = set(new.counts[name]), set(old.counts[name])
    changes = (("categories_appeared", now - then), ("categories_vanished", then - now))
    return [
        flag("comparison", rule, "warn", header, count=len(codes))
        for rule, codes in changes
        if codes
    ]


def _index(name: str, new: Profile, old: Profile) -> float:
    if name in new.counts and name in old.counts:
        return stability(new.counts[name], old.counts[name])
    if name in new.bins and name in old.bins:
        now, then = (
            {str(place): count for place, count in enumerate(side.bins[name])}
            for side in (new, old)
        )
        return stability(now, then)
    return 0.0


def _severity(change: float, limit: Limit) -> Severity | None:
    if change >= limit.stop > 0:
        return "stop"
    return "warn" if change >= limit.warn > 0 else None


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
