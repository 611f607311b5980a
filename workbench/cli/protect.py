"""`workbench protect`: hide what must be hidden in tables from anywhere; no instance is needed."""

import shutil
import tomllib
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.table import Table as Listing

import disclosure
from disclosure.policy import Policy, load_policy
from disclosure.tables import MARGIN
from workbench.domain.errors import Refusal

__all__ = ["app"]

app = typer.Typer()
out = Console()
POLICIES = Path(__file__).resolve().parents[2] / "policies"


@app.command("protect")
def protect(
    tables: Annotated[
        list[Path], typer.Argument(help="CSV files, one table each, one row a cell.")
    ],
    *,
    dimensions: Annotated[
        list[str],
        typer.Option("--dimension", "-d", help="A column of codes. Repeat for more."),
    ],
    count: Annotated[
        str, typer.Option("--count", help="The column of persons (or other contributors).")
    ],
    target: Annotated[
        Path, typer.Option("--out", help="Where to write: a folder that is new or empty.")
    ],
    total: Annotated[
        str | None, typer.Option("--sum", help="The column of a sum published beside the count.")
    ] = None,
    largest: Annotated[
        str | None, typer.Option("--largest", help="With --sum: its largest contribution.")
    ] = None,
    second: Annotated[
        str | None, typer.Option("--second", help="With --sum: its second largest contribution.")
    ] = None,
    hierarchies: Annotated[
        list[str] | None,
        typer.Option(
            "--hierarchy",
            help="DIMENSION=FILE: a CSV of the columns code and parent; both are published.",
        ),
    ] = None,
    margin: Annotated[str, typer.Option("--total", help="The code of a total.")] = MARGIN,
    margins: Annotated[
        bool, typer.Option("--margins/--no-margins", help="Whether totals are published.")
    ] = True,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="A project's layer (TOML) on top of policies/default.toml."),
    ] = None,
    rule: Annotated[
        bool,
        typer.Option(
            "--knows-threshold/--knows-no-threshold",
            help="Whether the intruder knows the threshold. Most published tools take it not to.",
        ),
    ] = True,
    coalition: Annotated[
        int,
        typer.Option(
            min=0, max=9, help="So many persons of one cell may put their heads together."
        ),
    ] = 1,
) -> None:
    """Withhold small and dominated cells, and as few others as keep them from being worked out.

    Give all tables that will be published of the same persons at once: a cell that stands in two
    of them is withheld in both, or in neither. A table has those of the dimensions that it has
    columns of. Rows of totals and parents may be in the files (then all of them) or left out; they
    are summed. Combinations without a row hold nobody, and everybody is taken to know that.

    Each table is written with a column `mark`: "primary" was withheld for its own sake,
    "complementary" to keep another from being computed. Nothing is written if any table cannot be
    protected, and existing files are never overwritten.

    Example: workbench protect deaths.csv --dimension region --dimension age --count n
      --hierarchy region=regions.csv --out safe/
    """
    given = [_table(path, dimensions, count, margins=margins, margin=margin) for path in tables]
    trees = dict(_tree(one) for one in hierarchies or [])
    _known(set(trees) | set(dimensions), {name for one in given for name in one.dimensions})
    asked = [
        disclosure.Table(
            one.name,
            one.data,
            one.dimensions,
            count,
            total,
            largest,
            second,
            {name: tree for name, tree in trees.items() if name in one.dimensions},
            margin,
            margins,
        )
        for one in given
    ]
    found = disclosure.protect(asked, _policy(policy), rule=rule, coalition=coalition)
    _write(found, target)
    listing = Listing("table", "cells", "primary", "complementary")
    for one in found:
        cells = len(one.columns["mark"])
        listing.add_row(one.name, f"{cells}", f"{one.primary}", f"{one.complementary}")
    out.print(listing)
    out.print(f"Written to {target}.", highlight=False)


def _table(
    path: Path, dimensions: list[str], count: str, *, margins: bool, margin: str
) -> disclosure.Table:
    try:
        data = pl.read_csv(path, infer_schema_length=None)
    except (OSError, pl.exceptions.PolarsError):
        raise Refusal("no_table", f"{path} is no CSV table.", "Check the file.") from None
    mine = tuple(name for name in dimensions if name in data.columns)
    data = data.with_columns(pl.col(mine).cast(pl.String).fill_null(""))
    return disclosure.Table(path.stem, data, mine, count, margins=margins, total=margin)


def _tree(option: str) -> tuple[str, dict[str, str]]:
    name, _, place = option.partition("=")
    try:
        rows = pl.read_csv(place, infer_schema=False).select("code", "parent").rows()
    except (OSError, pl.exceptions.PolarsError):
        raise Refusal(
            "no_hierarchy",
            f"The hierarchy of {name} is no CSV file with the columns code and parent.",
            "Write --hierarchy DIMENSION=FILE.",
        ) from None
    tree: dict[str, str] = {}
    for code, parent in rows:
        if not code or not parent or tree.get(code, parent) != parent:
            raise Refusal(
                "hierarchy_overlaps",
                f"In the hierarchy of {name}, code {code} has two parents, or none.",
                "Give each code one parent. Publish a second hierarchy as a table of its own.",
            )
        tree[code] = parent
    return name, tree


def _known(asked: set[str], there: set[str]) -> None:
    missing = sorted(asked - there)
    if missing:
        raise Refusal(
            "no_column", f"No table has a dimension {missing[0]}.", "Check the columns' names."
        )


def _policy(path: Path | None) -> Policy:
    layers: list[Any] = []
    for place in (POLICIES / "default.toml", path):
        if place is None:
            continue
        try:
            layers.append(tomllib.loads(place.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            raise Refusal("no_policy", f"{place} is no policy.", "Check the file.") from None
    return load_policy(layers)


def _write(found: tuple[disclosure.ProtectedTable, ...], folder: Path) -> None:
    """All tables or none: a folder is filled beside the target, then takes its name."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refusal(
            "target_exists", f"{folder} is there and not empty.", "Name another folder with --out."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for one in found:
        pl.DataFrame(dict(one.columns)).write_csv(draft / f"{one.name}.csv")
    draft.replace(folder)
