"""Which variable is meant by a frame's date, when there is only one that it can be."""

from workbench.plan.names import listed
from workbench.plan.types import FrameType
from workbench.sdk.refused import Refused

__all__ = ["the_birth", "the_date"]

_BIRTH = ("birth", "born", "fodt", "fodsel")


def the_date(frame: FrameType, named: str | None) -> str:
    """The date variable of a frame: the one that is named, else the only one."""
    if named is not None:
        return named
    dates = [name for name, one in frame.columns.items() if one.kind == "date"]
    if len(dates) == 1:
        return dates[0]
    raise Refused(
        "which_date",
        f"{frame.dataset} has {len(dates)} variables that are dates.",
        f'Say which with on="…": {listed(dates)}.' if dates else "Use a frame with a date.",
    )


def the_birth(frame: FrameType, named: str | None) -> str:
    """The date of birth of a person frame: the one that is named, else the only one so called."""
    if named is not None:
        return named
    born = [
        name
        for name, one in frame.columns.items()
        if one.kind == "date" and any(word in name for word in _BIRTH)
    ]
    if len(born) == 1:
        return born[0]
    raise Refused(
        "which_date",
        f"It is not clear which variable of {frame.dataset} is the date of birth.",
        'Name it: frame.age_at("2020-01-01", born="birth_date"); of a year of birth, subtract it.',
    )
