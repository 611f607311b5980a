"""`wb.packages()`: what a kernel of this project can import, from the list that the host sealed."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import polars as pl

__all__ = ["ASK", "Packages", "packages"]

ASK = "Ask the operator for it: they add packages for everybody, after a look at each."
_COLUMNS = ("name", "version", "purpose", "licence")


class Packages:
    """The packages, those that were asked for by name first; as a table, text or frame."""

    def __init__(self, listed: Sequence[Mapping[str, Any]]) -> None:
        self._all = [{key: str(one[key]) for key in _COLUMNS} for one in listed]
        self._first = [told for told, one in zip(self._all, listed, strict=True) if one["listed"]]

    def to_polars(self) -> pl.DataFrame:
        """All of them, also those that others need: name, version, purpose, licence (String)."""
        return pl.DataFrame(self._all, schema=dict.fromkeys(_COLUMNS, pl.String))

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[str]:
        return iter(one["name"] for one in self._all)

    def __contains__(self, name: object) -> bool:
        return str(name).lower().replace("_", "-") in set(self)

    def __repr__(self) -> str:
        wide = max((len(one["name"]) + len(one["version"]) + 1 for one in self._first), default=0)
        lines = [
            f"{one['name'] + ' ' + one['version']:<{wide}}  {one['purpose']} ({one['licence']})"
            for one in self._first
        ]
        return "\n".join([*lines, "", self._rest()])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" style="text-align: left">{one}</th>' for one in _COLUMNS)
        rows = "".join(
            f'<tr><th scope="row" style="text-align: left">{escape(one["name"])}</th>'
            + "".join(
                f'<td style="text-align: left">{escape(one[key])}</td>' for key in _COLUMNS[1:]
            )
            + "</tr>"
            for one in self._first
        )
        return (
            "<table><caption>What kernels of this workbench can import</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            f"<p>{escape(self._rest())}</p>"
        )

    def _rest(self) -> str:
        more = len(self._all) - len(self._first)
        return (
            f"{more} more that these need: wb.packages().to_polars() has all. "
            f"Something is missing? {ASK}"
        )


def packages() -> Packages:
    """What can be imported here, and nothing else can: the same for every kernel of this host.

    Example: wb.packages().to_polars().filter(pl.col("name").str.contains("stat"))
    """
    for folder in sys.path:
        manifest = Path(folder, "packages.json")
        if manifest.is_file():
            return Packages(json.loads(manifest.read_text(encoding="utf-8")))
    return Packages([])
