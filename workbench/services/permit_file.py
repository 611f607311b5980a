"""Read a permit from TOML: a closed schema, and refusals that name the field and what it wants."""

import tomllib
from typing import Any

from pydantic import ValidationError

from workbench.domain.errors import Refusal
from workbench.domain.permit import Permit

__all__ = ["parse_permit"]

SIZE_LIMIT = 1 << 20
SHOWN = 5
WANTED = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of a permit",
    "string_pattern_mismatch": "has letters that are not allowed there",
    "string_type": "must be text in quotation marks",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "date_type": "must be a date such as 2026-01-31, without quotation marks",
    "date_from_datetime_inexact": "must be a date without a time",
    "date_from_datetime_parsing": "must be a date such as 2026-01-31, without quotation marks",
    "tuple_type": "must be a list",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "enum": "must be one of the roles lead or researcher",
    "too_short": "must name at least one",
    "too_long": "names too many",
    "model_type": "must be a table of its own ([[…]])",
    "model_attributes_type": "must be a table of its own ([[…]])",
}
REMEDY = "Correct the file; `workbench project new` writes one with every field explained."


def parse_permit(text: str) -> Permit:
    """A permit from the text of its TOML file.

    Raises Refusal("bad_permit"): not TOML (with line and column), or naming each field at fault.
    """
    if len(text) > SIZE_LIMIT:
        raise Refusal("bad_permit", "The permit file is larger than 1 MiB.", REMEDY)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = str(error).rpartition("(at ")[2].rstrip(")") or "somewhere"
        raise Refusal("bad_permit", f"The permit is not TOML: look at {place}.", REMEDY) from None
    try:
        permit = Permit.model_validate(raw)
    except ValidationError as error:
        faults = [_sentence(fault) for fault in error.errors(include_input=False)]
        more = len(faults) - SHOWN
        told = "; ".join(faults[:SHOWN]) + (f"; and {more} more" if more > 0 else "")
        raise Refusal("bad_permit", f"The permit cannot be read: {told}.", REMEDY) from None
    except ZeroDivisionError:
        raise Refusal("bad_permit", "budget_rho divides by zero.", REMEDY) from None
    _check_once([m.user for m in permit.members], "members", "user")
    _check_once([d.dataset for d in permit.datasets], "datasets", "dataset")
    for number, grant in enumerate(permit.datasets, 1):
        _check_once(list(grant.variables), f"datasets, entry {number}", "variable")
    return permit


def _check_once(names: list[str], where: str, what: str) -> None:
    if len(set(names)) < len(names):
        raise Refusal("bad_permit", f"{where} names the same {what} twice.", REMEDY)


def _sentence(fault: Any) -> str:
    """One fault: the field by the name it has in the file, counted from 1, and what it wants."""
    field = ", ".join(
        f"entry {part + 1}" if isinstance(part, int) else f"`{part}`" for part in fault["loc"]
    )
    if fault["type"] == "value_error":
        told = str(fault.get("ctx", {}).get("error", "is not valid"))
        if not told.startswith(("budget_rho", "valid_until")):
            # Python's own sentence for a bad fraction repeats the text.
            told = 'must be an exact fraction such as "1/2"'
        return f"{field} {told}".strip() if field not in told else told
    return f"{field} {WANTED.get(fault['type'], 'is not valid')}"
