"""The contracts of the nation's datasets: as values, and as the folders that an owner keeps."""

import csv
import io
import tempfile
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from pseudonym.contract.loading import load_contract
from pseudonym.contract.model import Contract
from pseudonym.durable import write_file
from pseudonym.nation.codes import Entry, code_list

__all__ = ["contract", "registries", "table", "write_contract"]

_TEXTS: Final = Path(__file__).with_name("contracts")


@cache
def contract(dataset: str) -> Contract:
    """The contract of a dataset of the nation, code lists included."""
    with tempfile.TemporaryDirectory() as folder:
        write_contract(dataset, Path(folder))
        return load_contract(Path(folder))


def write_contract(dataset: str, folder: Path) -> None:
    """Write contract.toml and codes/*.csv; what stands there of the same names is replaced."""
    text = (_TEXTS / f"{dataset}.toml").read_text(encoding="utf-8")
    (folder / "codes").mkdir(parents=True, exist_ok=True)
    for variable in tomllib.loads(text)["variable"]:
        name = variable.get("valueDomain", {}).get("codeList")
        if name is not None:
            entries = table(list(code_list(name).values()))
            write_file(folder / "codes" / f"{name}.csv", entries, mode=0o644)
    write_file(folder / "contract.toml", text.encode(), mode=0o644)


def table(entries: list[Entry]) -> bytes:
    """Rows as CSV; a column that only some rows have is empty in the others."""
    columns = list(dict.fromkeys(key for entry in entries for key in entry))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(entries)
    return text.getvalue().encode()


@cache
def registries() -> dict[str, tuple[str, ...]]:
    """The registries by id and the datasets that each publishes."""
    from pseudonym.nation.nation import DATASETS

    found: dict[str, tuple[str, ...]] = {}
    for name in DATASETS:
        owner = contract(name).registry.id
        found[owner] = (*found.get(owner, ()), name)
    return found
