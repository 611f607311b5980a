"""Read a contract from its folder: contract.toml and one CSV file a code list in codes/."""

import csv
import io
import tomllib
from pathlib import Path
from typing import Any

from pseudonym.contract.model import Contract
from pseudonym.errors import Refusal

__all__ = ["load_contract"]

LARGEST = 32 * 1024 * 1024
LABELS = ("nb", "nn", "en")
COLUMNS = {"code", "valid_from", "valid_until", *LABELS}


def load_contract(place: Path) -> Contract:
    """The contract of a folder (or of the contract.toml in it), code lists included.

    A code list is CSV in UTF-8 with the header `code,nb,en` and, where codes come and go,
    `valid_from,valid_until` (YYYY-MM-DD or empty). Raises Refusal("no_contract"), ("bad_contract")
    or ("bad_code_list").
    """
    file = place / "contract.toml" if place.is_dir() else place
    text = _read(file, "no_contract")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise Refusal(
            "bad_contract", f"{file.name} is not TOML: {wrong}.", "Correct it at that place."
        ) from None
    lists: dict[str, list[dict[str, Any]]] = {}
    variables = raw.get("variable")
    for variable in variables if isinstance(variables, list) else ():
        domain = variable.get("valueDomain") if isinstance(variable, dict) else None
        if not isinstance(domain, dict) or "codeList" not in domain:
            continue
        if "codes" in domain:
            raise Refusal(
                "bad_contract",
                "A value domain names a code list and lists codes as well.",
                "Keep the codes in codes/<name>.csv only.",
            )
        named = domain["codeList"]
        domain["codes"] = []
        for name in named if isinstance(named, list) else [named]:
            if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
                raise Refusal(
                    "bad_contract",
                    "A codeList is not the plain name of a file in codes/.",
                    "Use lower-case letters, digits and _ only.",
                )
            if name not in lists:
                lists[name] = _code_list(file.parent / "codes" / f"{name}.csv")
            domain["codes"] += lists[name]
    return Contract.from_json(raw)


def _code_list(file: Path) -> list[dict[str, Any]]:
    """The codes of one list as the model wants them."""
    reader = csv.DictReader(io.StringIO(_read(file, "no_code_list"), newline=""), strict=True)
    codes: list[dict[str, Any]] = []
    try:
        header = reader.fieldnames or ()
        if "code" not in header or not set(header) <= COLUMNS or not set(header) & set(LABELS):
            raise _bad_list(file, 1, "its header is not code,nb,en[,valid_from,valid_until]")
        for row in reader:
            if None in row or None in row.values():
                raise _bad_list(file, reader.line_num, "it has too many or too few fields")
            found: dict[str, Any] = {
                "code": row["code"],
                "label": {language: row[language] for language in LABELS if row.get(language)},
            }
            for key, alias in (("valid_from", "validFrom"), ("valid_until", "validUntil")):
                if row.get(key):
                    found[alias] = row[key]
            codes.append(found)
    except csv.Error:
        raise _bad_list(file, reader.line_num, "it is not well-formed CSV") from None
    periods: dict[str, list[tuple[str, str]]] = {}
    for number, found in enumerate(codes, start=2):
        begin, end = found.get("validFrom", ""), found.get("validUntil", "9999")
        for other_begin, other_end in periods.setdefault(found["code"], []):
            if begin <= other_end and other_begin <= end:
                raise _bad_list(file, number, "it repeats a code that is valid on the same days")
        periods[found["code"]].append((begin, end))
    return codes


def _read(file: Path, code: str) -> str:
    """A small UTF-8 text file, with or without byte order mark."""
    try:
        if file.stat().st_size > LARGEST:
            raise Refusal(code, f"{file.name} is larger than 32 MiB.", "Split the code list.")
        return file.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        raise Refusal(
            code,
            f"There is no {file.name} in {file.parent}.",
            "Name the contract's folder: contract.toml and codes/*.csv.",
        ) from None
    except UnicodeDecodeError:
        raise Refusal(code, f"{file.name} is not UTF-8.", "Save it as UTF-8.") from None
    except OSError:
        raise Refusal(
            code, f"{file.name} cannot be read.", "Check the path and your access to it."
        ) from None


def _bad_list(file: Path, line: int, what: str) -> Refusal:
    return Refusal(
        "bad_code_list",
        f"Code list {file.name}, line {line}: {what}.",
        "Correct the line; the list is UTF-8, separated by commas.",
    )
