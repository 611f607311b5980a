"""Public code lists that a plan may roll codes up to; nothing here comes from data."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from string import ascii_uppercase, digits

from workbench.plan.codelists import atc, icd10, norway
from workbench.plan.schema import Labels

__all__ = ["SCHEMES", "Scheme"]

_CATEGORIES = tuple("".join(one) for one in product(ascii_uppercase, digits, digits))
"""A00 to Z99, ascending."""


@dataclass(frozen=True)
class Scheme:
    """How a code is rolled up: by its first `length` characters.

    table: what each such beginning becomes, None when it is the beginning itself, which must then
    be of the `form` (a regular expression over the whole beginning). levels: the public categories
    in order, None when they are too many to be listed; labels of them by language. what: in words.
    """

    what: str
    length: int
    table: Mapping[str, str] | None = None
    form: str = ""
    levels: tuple[str, ...] | None = None
    labels: Mapping[str, Labels] = field(default_factory=dict)


def _listed(what: str, codes: Mapping[str, Labels] | tuple[str, ...]) -> Scheme:
    """A scheme whose categories are the beginnings themselves, all of one length."""
    levels = tuple(codes)
    labels = codes if isinstance(codes, Mapping) else {}
    return Scheme(what, len(levels[0]), {one: one for one in levels}, "", levels, labels)


def _spread(ranges: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """What each category belongs to, from ranges: name, first and last category."""
    return {
        category: name
        for name, low, high in ranges
        for category in _CATEGORIES[bisect_left(_CATEGORIES, low) : bisect_right(_CATEGORIES, high)]
    }


SCHEMES: Mapping[str, Scheme] = {
    "icd10_chapter": Scheme(
        "the ICD-10 chapter", 3, _spread(icd10.CHAPTERS), "",
        tuple(icd10.CHAPTER_LABELS), icd10.CHAPTER_LABELS,
    ),
    "icd10_block": Scheme(
        "the ICD-10 block", 3, _spread((one, one[:3], one[4:]) for one in icd10.BLOCKS), "",
        icd10.BLOCKS,
    ),
    "icd10_category": Scheme("the ICD-10 category", 3, None, "[A-Z][0-9][0-9]"),
    "atc_1": _listed("the ATC main group", atc.MAIN_GROUPS),
    "atc_2": _listed("the ATC subgroup (level 2)", atc.SUBGROUPS),
    "atc_3": Scheme("the ATC subgroup (level 3)", 4, None, "[A-Z][0-9][0-9][A-Z]"),
    "atc_4": Scheme("the ATC subgroup (level 4)", 5, None, "[A-Z][0-9][0-9][A-Z][A-Z]"),
    "atc_5": Scheme(
        "the ATC substance", 7, None, "[A-Z][0-9][0-9][A-Z][A-Z][0-9][0-9]"
    ),
    "county": _listed("the county", norway.COUNTIES),
    "health_region": Scheme(
        "the health region", 2, norway.REGION_OF_COUNTY, "", tuple(norway.HEALTH_REGIONS),
        norway.HEALTH_REGIONS,
    ),
}  # fmt: skip
"""The roll-ups by name."""
