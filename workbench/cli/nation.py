"""`workbench registry demo-national`: a nation that does not exist, in as many registries."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from pseudonym.contract import Contract
from pseudonym.durable import write_file
from pseudonym.nation import DATASETS, Nation
from pseudonym.nation.contracts import contract, registries
from pseudonym.nation.extracts import write_extracts
from pseudonym.store.semver import Level, bump
from workbench.cli.house import House, house
from workbench.cli.project import sealed_capacity
from workbench.cli.taking import take_in
from workbench.domain.errors import Refusal
from workbench.domain.permit import Role
from workbench.services.draft_permit import DatasetDraft, draft_permit, parse_member
from workbench.services.grant import grant_permit
from workbench.services.permit_file import parse_permit

__all__ = ["demo_national"]

PROJECT = "nation"
TITLE = "A synthetic nation"
DRAW = "draw"
MANY = "--persons 1_000_000 makes about 5 million episodes and 11 million dispensings."

Tell = Callable[[str, float], None]
out = Console(soft_wrap=True)


def demo_national(
    context: typer.Context,
    persons: Annotated[
        int, typer.Option(help=f"How many persons were ever resident. {MANY}")
    ] = 100_000,
    seed: Annotated[
        int, typer.Option(help="The same seed gives the same nation, byte for byte.")
    ] = 1,
    names: Annotated[
        str,
        typer.Option(
            "--registries",
            help="Some registries only, with commas between: freg (population, homes), npr "
            "(hospitals), lmr (dispensings), krg (cancer), dar (deaths), mfr (births), moba.",
        ),
    ] = "",
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", help="Only write extracts and contracts here, as owners have them; no load."
        ),
    ] = None,
    members: Annotated[
        list[str] | None,
        typer.Option(
            "--member",
            help=f"An account that shall work on it: grants the project {PROJECT} and builds its "
            "view. Repeat for more.",
        ),
    ] = None,
) -> None:
    """Make up a nation: seven registries of people who do not exist, from 2014 to 2023.

    Population and homes, hospital episodes, dispensings, cancer, causes of death, births and a
    survey fit together: nothing happens after a death, mothers are alive, incidences are like
    Norway's. They go the way that every registry goes: checked by their contracts, sealed,
    pseudonymised, encrypted, published. docs/reference/nation.md says what is in them.

    The instance must run (`workbench up`) and be of kind demo or test. The same command given
    again goes on where a stopped run was.

    Example: [bold]workbench registry demo-national --persons 100_000 --member researcher[/]

    Example: [bold]workbench registry demo-national --persons 1_000_000 --to /data/nation[/]
    """
    nation, datasets = Nation(seed, persons), _datasets(names)
    asked = [parse_member(member) for member in members or ()]
    if to is not None:
        with _bar((DRAW,)) as tell:
            write_extracts(nation, to, datasets, lambda _, done: tell(DRAW, done))
        out.print(f"{len(datasets)} extracts, each beside its contract, are in {to}.")
        return
    rooms = house(context)
    _ready(rooms)
    folder = rooms.instance.root.parent / PROJECT
    with _bar((DRAW, *datasets)) as tell:
        files = write_extracts(nation, folder, datasets, lambda _, done: tell(DRAW, done))
        for name in datasets:
            _load(rooms, name, files[name], partial(_step, tell, name))
    permit = _permit(rooms, datasets, asked, folder / "permit.toml")
    out.print(f"{len(datasets)} datasets are published; extracts and contracts are in {folder}.")
    out.print("Studies to run on them, each with its permit: docs/tutorial/studies/README.md")
    if not asked:
        out.print(f"Next: read {permit}, then: workbench project grant {permit}")
        return
    with out.status(f"Building the view of {PROJECT} …"):
        text = parse_permit(permit.read_text(encoding="utf-8"))
        held = grant_permit(rooms.records, rooms.desk, text, who=rooms.actor, why=TITLE).held
    out.print(f"The project {PROJECT} is {held.state}, view {held.view_version}.")


def _datasets(names: str) -> tuple[str, ...]:
    """The datasets of the registries that were named, in the order in which they are made."""
    known = registries()
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(known)
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise Refusal(
                "unknown_registry",
                "There is no such registry in the nation.",
                f"{hint}Name some of {', '.join(known)}, with commas between.",
            )
    chosen = {dataset for name in wanted for dataset in known[name]}
    return tuple(name for name in DATASETS if name in chosen)


def _ready(rooms: House) -> None:
    """Refuse what the load would refuse hours later: a production instance, one that is not up."""
    if rooms.instance.kind == "production":
        raise Refusal(
            "production_instance",
            "A production instance takes no synthetic identity numbers, and so no made-up nation.",
            "Use an instance of kind demo or test: workbench init --kind demo",
        )
    try:
        rooms.catalogue.variables(DATASETS[0])
    except Refusal as refusal:
        if refusal.code != "not_published":
            raise


def _load(rooms: House, dataset: str, extract: Path, tell: Tell) -> None:
    """Take a dataset in, unless it is there; two nations are never mixed."""
    found = next(
        (
            load
            for load in rooms.records.loads.all()
            if load.dataset == dataset and load.state in ("staged", "published")
        ),
        None,
    )
    rows = pl.scan_parquet(extract, glob=False).select(pl.len()).collect().item()
    if found is not None and found.report.get("rows") != rows:
        raise Refusal(
            "other_nation",
            f"The instance holds another {dataset}, of another nation or another registry.",
            "Use another instance, or the --seed and --persons of the first time.",
        )
    promised = contract(dataset)
    while found is None or found.state == "staged":
        try:
            take_in(rooms, promised, extract, rooms.actor, tell)
            break
        except Refusal as refusal:
            # This command was stopped while the linker loaded, and nobody wrote down the load.
            if refusal.code != "version_exists":
                raise
            promised = _next(promised)
    tell("published", 1.0)


def _next(promised: Contract) -> Contract:
    """The same contract for the next version."""
    version = bump(promised.dataset.version, Level.PATCH)
    dataset = promised.dataset.model_copy(update={"version": version})
    return promised.model_copy(update={"dataset": dataset})


def _permit(
    rooms: House, datasets: Sequence[str], members: Sequence[tuple[str, Role]], file: Path
) -> Path:
    """Write a permit over all variables for `project grant`; one that is there is kept."""
    drafts = [DatasetDraft(name, tuple(rooms.catalogue.variables(name))) for name in datasets]
    today = rooms.clock.now().date()
    text = draft_permit(
        PROJECT,
        drafts,
        members or [parse_member("researcher")],
        today,
        today + timedelta(days=365),
        sealed_capacity(),
    )
    text = text.replace(f'title = "{PROJECT}"', f'title = "{TITLE}"')
    if members or not file.exists():
        write_file(file, text.encode(), mode=0o644)
    return file


def _step(tell: Tell, name: str, _: str, done: float) -> None:
    tell(name, done)


@contextmanager
def _bar(tasks: Sequence[str]) -> Iterator[Tell]:
    """One progress bar a task, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as shown:
        bars = {task: shown.add_task(task, total=1.0, start=False) for task in tasks}

        def tell(task: str, done: float) -> None:
            shown.start_task(bars[task])
            shown.update(bars[task], completed=done)

        yield tell
