"""The nation's code lists: plain lists, parts of longer ones, and the levels above a code.

Labels are short descriptions of our own in Norwegian and English, not the classifications' texts.
"""

import csv
from functools import cache
from typing import Final

from pseudonym.nation.places import CODES

__all__ = ["LEVELS", "Entry", "code_list", "levels", "read"]

Entry = dict[str, str]
"""A row of a list: code, nb, en and, where it has them, block, chapter or valid_from."""
_ATC_LENGTH: Final = 7
_SINCE: Final = {"U07": "2020-02-01"}
LEVELS: Final = ("icd10_block", "icd10_chapter", "atc_levels")


def read(name: str) -> list[Entry]:
    """The rows of a file of the folder `codes`, as they are."""
    with (CODES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def code_list(name: str) -> dict[str, Entry]:
    """A list of a contract by code: `icd10_cancer` is the C chapter, `atc` the substances."""
    if name == "icd10_cancer":
        rows = [row for row in read("icd10") if row["code"].startswith("C")]
    elif name == "atc":
        rows = [row for row in read("atc") if len(row["code"]) == _ATC_LENGTH]
    else:
        rows = read(name)
    kept = {row["code"]: {key: row[key] for key in ("code", "nb", "en")} for row in rows}
    if name == "icd10":
        for code, since in _SINCE.items():
            kept[code]["valid_from"] = since
    return kept


def levels() -> dict[str, list[Entry]]:
    """What stands above the codes, by file name: blocks and chapters of ICD-10, levels of ATC."""
    blocks = read("icd10_block")
    above = {row["code"]: row for row in blocks}
    icd = [{**row, "chapter": above[row["block"]]["chapter"]} for row in read("icd10")]
    return {
        "icd10_levels": icd,
        "icd10_block": blocks,
        "icd10_chapter": read("icd10_chapter"),
        "atc_levels": read("atc"),
    }
