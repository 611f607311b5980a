"""Public code lists that a plan may roll codes up to; nothing here comes from data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from string import ascii_uppercase, digits

from workbench.plan.codelists import atc, icd10, norway
from workbench.plan.schema import Labels

__all__ = ["SCHEMES", "Scheme"]

_CATEGORIES = tuple("".join(one) for one in product(ascii_uppercase, digits, digits))


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


_CHAPTERS = {one: icd10.chapter_of(one) for one in _CATEGORIES}
_BLOCKS = {one: icd10.block_of(one) for one in _CATEGORIES}

SCHEMES: Mapping[str, Scheme] = {
    "icd10_chapter": Scheme(
        "the ICD-10 chapter", 3, {code: to for code, to in _CHAPTERS.items() if to}, "",
        tuple(icd10.CHAPTER_LABELS), icd10.CHAPTER_LABELS,
    ),
    "icd10_block": Scheme(
        "the ICD-10 block", 3, {code: to for code, to in _BLOCKS.items() if to}, "", icd10.BLOCKS
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
