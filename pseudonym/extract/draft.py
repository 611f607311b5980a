"""Draft a contract from a file that nobody has described yet."""

import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from pseudonym.contract.loading import load_contract
from pseudonym.contract.model import Contract, ExtractFile
from pseudonym.contract.phases.hiding import COPIED, FEW
from pseudonym.durable import disk_refusals, draft_folder, settle
from pseudonym.errors import Refusal
from pseudonym.extract.draft_text import DraftIdentifier, DraftVariable, contract_text
from pseudonym.extract.inference import MISSING_WORDS, Guess, guess, national_share, national_types
from pseudonym.extract.sniffing import sniff

__all__ = ["Draft", "IdChoice", "Temporality", "draft_contract"]

IdChoice = Literal["FNR", "DNR", "HNR", "FHN", "LOCAL", "NONE"]
Temporality = Literal["FIXED", "STATUS", "ACCUMULATED", "EVENT"]
MOSTLY = 0.95
_LETTERS = {ord("æ"): "ae", ord("ø"): "o", ord("å"): "a", ord("ß"): "ss"}
_ID_NAMES = re.compile(
    r"^(fnr|f?pid|p?nr|lopenr|id|pasient|patient|person|subject|participant|deltaker|fodsels(nr|nummer)"
    r"|personnummer|((pasient|patient|person|subject|participant|deltaker|study|studie)_?(id|nr|no|number|key)))$"
)
_TIME_NAMES = re.compile(r"(start|from|fra|begin|admission|inn|visit|event|date|dato|day|dag|time)")
_PERSONAL = re.compile(
    r"^(age|alder|sex|gender|kjonn|kommune|municipality|county|fylke|zip|postnr|birth.*|fod.*)"
)


@dataclass(frozen=True)
class Draft:
    """contract: as it will be read; folder: where it lies; identifiers: headers by name."""

    contract: Contract
    folder: Path


def draft_contract(
    source: Path,
    folder: Path,
    *,
    registry: str,
    dataset: str,
    id_column: str | None = None,
    id_type: IdChoice | None = None,
    temporality: Temporality | None = None,
) -> Draft:
    """Write contract.toml and codes/*.csv for a CSV or Parquet file into a new folder.

    Guesses what is not said: the identifier's column and class, FIXED when no id repeats, else
    EVENT. Only values of columns with few distinct values are written, as codes. Raises Refusal
    when the file is no table, the column is not there, a name is no slug, or the folder is taken.
    """
    for what, name in (("registry", registry), ("dataset", dataset)):
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
            raise Refusal(
                "bad_name",
                f"The {what}'s id is not a plain name.",
                "Use lower-case letters, digits and _, beginning with a letter.",
            )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refusal(
            "exists",
            f"{folder} exists already; a contract is never overwritten.",
            "Remove it, or name another folder with --out.",
        )
    sniffed = sniff(source)
    columns = dict(sniffed.columns)
    identifiers = _identifiers(columns, id_column, id_type)
    for identifier in identifiers:
        columns.pop(identifier.column or "", None)
    held = [sniffed.columns[item.column] for item in identifiers if item.column]
    ignored = _copies(columns, held)
    for name in ignored:
        columns.pop(name)
    if not columns:
        raise Refusal(
            "no_variables",
            "The file has no column besides the identifier.",
            "Include the variables in the extract.",
        )
    file, guesses = _guesses(columns, sniffed.file, _missing_ids(held))
    file = file.model_copy(update={"ignore": tuple(ignored)})
    person = sniffed.columns.get(identifiers[0].column or "")
    if temporality is None:
        repeats = person is not None and person.drop_nulls().is_duplicated().any()
        temporality = "EVENT" if repeats else "FIXED"
    variables = _variables(guesses, file, {item.name for item in identifiers}, temporality)
    text = contract_text(source.name, registry, dataset, temporality, file, identifiers, variables)
    with disk_refusals("the contract"), draft_folder(folder.parent) as draft:
        (draft / "contract.toml").write_text(text, encoding="utf-8")
        (draft / "codes").mkdir()
        for variable in variables:
            if variable.guess.codes:
                (draft / "codes" / f"{variable.name}.csv").write_text(
                    _code_list(variable.guess.codes), encoding="utf-8", newline=""
                )
        contract = load_contract(draft)
        draft.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        settle(draft, folder)
    return Draft(contract, folder)


def _identifiers(
    columns: dict[str, pl.Series], named: str | None, id_type: IdChoice | None
) -> list[DraftIdentifier]:
    """Whose row it is, first; then every other column of national numbers."""
    if named is not None and named not in columns:
        raise Refusal(
            "no_such_column",
            "The file has no column of the name given with --id-column.",
            "Use a header of the file's first row, letter by letter.",
        )
    national = [name for name, series in columns.items() if national_share(series) >= MOSTLY]
    if id_type == "NONE":
        if named is not None:
            raise Refusal(
                "bad_choice",
                "Id type NONE means that there is no identifier column.",
                "Leave out --id-column, or choose another --id-type.",
            )
        first = DraftIdentifier("person", None, ("NONE",), guessed=False)
    else:
        column = named or (national[0] if national else _by_name(columns))
        if column is None and id_type is not None:
            raise Refusal(
                "no_identifier",
                "No column looks like an identifier.",
                "Name it with --id-column, or use --id-type NONE.",
            )
        first = _identifier("person", column, columns, id_type, guessed=named is None)
    others = [name for name in national if name != first.column]
    taken = {"person"}
    return [
        first,
        *(_identifier(_slug(name, taken), name, columns, None, guessed=True) for name in others),
    ]


def _identifier(
    name: str,
    column: str | None,
    columns: dict[str, pl.Series],
    id_type: IdChoice | None,
    *,
    guessed: bool,
) -> DraftIdentifier:
    if column is None:
        return DraftIdentifier(name, None, ("NONE",), guessed=True)
    series = columns[column]
    if series.dtype.is_float() or series.dtype == pl.Boolean:
        raise Refusal(
            "bad_identifier",
            "The identifier's column holds fractions or truth values.",
            "Write the identifiers as text.",
        )
    types: tuple[str, ...] = ("LOCAL",)
    if id_type is not None and id_type != "LOCAL":
        types = (id_type,)
    elif id_type is None and national_share(series) >= MOSTLY:
        types = national_types(series)
    missing = bool(series.null_count() or (series.cast(pl.String).str.strip_chars() == "").any())
    return DraftIdentifier(name, column, types, guessed=guessed, missing=missing)


def _by_name(columns: dict[str, pl.Series]) -> str | None:
    """A column named like an identifier, and not of fractions."""
    for name, series in columns.items():
        whole = series.dtype == pl.String or series.dtype.is_integer()
        if whole and _ID_NAMES.match(_plain(name)):
            return name
    return None


def _copies(columns: dict[str, pl.Series], ids: list[pl.Series]) -> list[str]:
    """Columns that repeat an identifier or count the rows of the file: never read."""
    texts = [series.cast(pl.String).str.strip_chars() for series in ids]
    found = []
    for name, series in columns.items():
        here = series.cast(pl.String).str.strip_chars()
        copied = len(series) >= FEW and any(
            (here == text).sum() >= COPIED * len(series) for text in texts
        )
        if not name or copied or _counts_rows(series):
            found.append(name)
    return found


def _counts_rows(series: pl.Series) -> bool:
    """Whether it says 1, 2, 3, … (or 0, 1, 2, …): it would undo the shuffling of the rows."""
    if len(series) < FEW or not (series.dtype == pl.String or series.dtype.is_integer()):
        return False
    numbers = series.cast(pl.Int64, strict=False)
    if numbers.null_count() or numbers[0] not in (0, 1):
        return False
    return bool((numbers.diff().drop_nulls() == 1).all())


def _missing_ids(columns: list[pl.Series]) -> set[str]:
    """Missing words among ids: taken for ids they would make one person of many."""
    texts = [series.str.strip_chars() for series in columns if series.dtype == pl.String]
    return {word for series in texts for word in MISSING_WORDS if (series == word).any()}


def _guesses(
    columns: dict[str, pl.Series], file: ExtractFile, words: set[str]
) -> tuple[ExtractFile, dict[str, Guess]]:
    """A guess for every column, and the file's missing words and most common date format."""
    guesses = {name: guess(series, decimal=file.decimal) for name, series in columns.items()}
    for item in guesses.values():
        words = words if item.kind == "STRING" else words | set(item.words)
    guesses = {
        name: guess(columns[name], decimal=file.decimal, words=sorted(words))
        if item.kind == "STRING"
        else item
        for name, item in guesses.items()
    }
    forms = Counter(item.form for item in guesses.values() if item.form)
    form = forms.most_common(1)[0][0] if forms else file.date
    return file.model_copy(update={"missing": ("", *sorted(words)), "date": form}), guesses


def _variables(
    guesses: dict[str, Guess], file: ExtractFile, taken: set[str], temporality: Temporality
) -> list[DraftVariable]:
    variables = []
    start = _start(guesses) if temporality != "FIXED" else None
    for header, item in guesses.items():
        name = _slug(header, taken)
        variables.append(
            DraftVariable(
                name,
                header,
                item,
                role="start" if header == start else "attribute" if item.codes else "measure",
                form=item.form if item.form != file.date else "",
                quasi=bool(_PERSONAL.match(_plain(header))),
            )
        )
    return variables


def _start(guesses: dict[str, Guess]) -> str | None:
    """When a row happens: a complete date, else a complete number of days, by its name."""
    whole = {
        name: item
        for name, item in guesses.items()
        if not (item.missing or item.codes or item.ahead)
    }
    for kind in ("DATE", "LONG"):
        named = [name for name, item in whole.items() if item.kind == kind]
        for name in named:
            if _TIME_NAMES.search(_plain(name)) and not _PERSONAL.match(_plain(name)):
                return name
    return None


def _slug(header: str, taken: set[str]) -> str:
    """A name of lower-case letters, digits and _, not yet taken (and now it is)."""
    name = _plain(header)[:50].strip("_")
    if not name or not name[0].isalpha():
        name = f"v_{name}".strip("_")
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free


def _plain(header: str) -> str:
    text = header.lower().translate(_LETTERS)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", text).strip("_")


def _code_list(codes: tuple[str, ...]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["code", "nb", "en"])
    writer.writerows([code, code, code] for code in codes)
    return buffer.getvalue()
