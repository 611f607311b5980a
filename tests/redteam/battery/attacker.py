"""Who attacks: a project of its own on a real engine, asked over a kernel's socket with the SDK.

An attack writes each condition once; it is asked of the engine by the SDK and worked out by the
judge with polars on rows that the judge was told.
"""

import itertools
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

import workbench.sdk as wb
from tests.lib.engine_world import EVENT, World, attached
from tests.redteam.battery.people import battery_view
from workbench.domain.permit import DatasetGrant
from workbench.sdk.project import open_project

__all__ = ["Attacker", "Cohort", "Heard", "Stage"]

Changes = Mapping[int, Mapping[str, Any]]
Condition = Callable[[Any, Any], Any]
_NUMBER = itertools.count(1)


class _Columns:
    """Variables on the judge's side: f.age is a polars column."""

    def __getattr__(self, name: str) -> pl.Expr:
        return pl.col(name)

    __getitem__ = __getattr__


class Known:
    """What an attack may write besides operators, on the judge's side."""

    @staticmethod
    def when(condition: pl.Expr, value: Any, otherwise: Any) -> pl.Expr:
        lifted = [one if isinstance(one, pl.Expr) else pl.lit(one) for one in (value, otherwise)]
        return pl.when(condition).then(lifted[0]).otherwise(lifted[1])

    @staticmethod
    def bins(value: pl.Expr, edges: list[float]) -> pl.Expr:
        low = [f"{a}–<{b}" for a, b in itertools.pairwise(edges)]
        names = [f"<{edges[0]}", *low, f"≥{edges[-1]}"]
        found = pl.lit(names[0])
        for edge, name in zip(edges, names[1:], strict=True):
            found = pl.when(value >= edge).then(pl.lit(name)).otherwise(found)
        return pl.when(value.is_not_null()).then(found)

    @staticmethod
    def number(value: pl.Expr) -> pl.Expr:
        return value.cast(pl.Float64)

    @staticmethod
    def year(value: pl.Expr) -> pl.Expr:
        return value.dt.year().cast(pl.Int64)


class Asked:
    """The same on the engine's side, in words of the SDK."""

    @staticmethod
    def when(condition: Any, value: Any, otherwise: Any) -> Any:
        return wb.when(condition).then(value).otherwise(otherwise)

    @staticmethod
    def bins(value: Any, edges: list[float]) -> Any:
        return value.bins(edges)

    @staticmethod
    def number(value: Any) -> Any:
        return value.cast("float")

    @staticmethod
    def year(value: Any) -> Any:
        return value.dt.year()


@dataclass(frozen=True)
class Cohort:
    """Persons with variables, as the engine is asked for them and as the judge knows them."""

    frame: Any
    steps: tuple[Callable[[pl.DataFrame], pl.DataFrame], ...] = ()

    def where(self, condition: Condition) -> "Cohort":
        """Those for whom a condition holds."""

        def step(rows: pl.DataFrame) -> pl.DataFrame:
            return rows.filter(condition(_Columns(), Known))

        return Cohort(self.frame.filter(condition(self.frame, Asked)), (*self.steps, step))

    def derive(self, **columns: Condition) -> "Cohort":
        """With further variables."""

        def step(rows: pl.DataFrame) -> pl.DataFrame:
            return rows.with_columns(
                **{name: make(_Columns(), Known) for name, make in columns.items()}
            )

        made = {name: make(self.frame, Asked) for name, make in columns.items()}
        return Cohort(self.frame.with_columns(**made), (*self.steps, step))

    def known(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Which of some rows are in the cohort, with the derived variables."""
        for step in self.steps:
            rows = step(rows)
        return rows


@dataclass(frozen=True)
class Heard:
    """An answer: the released body, or None and the refusal's words."""

    body: Mapping[str, Any] | None
    refusal: tuple[Any, ...] = ()

    def cells(self, statistic: str = "n") -> dict[tuple[str, ...], Any]:
        """Shown values of a table by codes."""
        cells = () if self.body is None else self.body.get("cells", ())
        shown = {tuple(one["codes"]): one["values"].get(statistic) for one in cells}
        return {codes: value for codes, value in shown.items() if value is not None}

    def rows(self, block: str) -> list[dict[str, Any]]:
        """The rows of a block by column names."""
        for one in () if self.body is None else self.body.get("blocks", ()):
            if one["name"] == block:
                names = [column["name"] for column in one["columns"]]
                return [dict(zip(names, row, strict=True)) for row in one["rows"]]
        return []


@dataclass
class Attacker:
    """A project without releases, and everything that was heard in it."""

    stage: "Stage"
    project: Any
    name: str
    heard: list[Heard] = field(default_factory=list)

    def persons(self) -> Cohort:
        """Everybody."""
        return Cohort(self.project["person"])

    def visits(self) -> Any:
        """The visits, an event frame of the SDK."""
        return self.project["visit"]

    def ask(self, cohort: Any, analysis: str, *words: Any, **more: Any) -> Heard:
        """What is answered to an analysis of the SDK's, or why it is not."""
        frame = cohort.frame if isinstance(cohort, Cohort) else cohort
        try:
            heard = Heard(getattr(frame, analysis)(*words, **more).to_json())
        except wb.Refused as refused:
            heard = Heard(None, (refused.code, refused.reason, refused.remedy, refused.findings))
        self.heard.append(heard)
        return heard

    def elsewhere(self, changes: Changes) -> "Attacker":
        """The same attacker where some persons have other values."""
        return self.stage.enter(changes=changes)

    def refreshed(self, *, changes: Changes | None = None, without: Collection[int] = ()) -> None:
        """The registry sends new data; the project goes on with its releases."""
        self.stage.refresh(self.name, changes=changes, without=without)
        self.project._client.close()

    def restored(self) -> None:
        """The first data again."""
        self.stage.world.records.permits.set_view(self.name, "v1", EVENT)
        self.project._client.close()


class Stage:
    """A running engine and the attackers who came to it."""

    def __init__(self, folder: Path, *, rho: str = "1/2") -> None:
        self.world = World(folder)
        self._folder = folder
        self._rho = rho
        self.gated = rho == "1/2"
        self._entered: ExitStack | None = None
        self._control: Path | None = None

    @contextmanager
    def running(self) -> Iterator["Stage"]:
        with self.world.served() as control:
            self._control = control
            yield self

    @contextmanager
    def attack(self) -> Iterator[Attacker]:
        """An attacker, until the end of the block."""
        with ExitStack() as self._entered:
            yield self.enter()

    def enter(self, changes: Changes | None = None) -> Attacker:
        """One more project, with a kernel of its own."""
        assert self._entered is not None
        assert self._control is not None
        number = next(_NUMBER)
        name = f"attack-{number}"
        self._opened(battery_view(name, changes=changes))
        path = self._entered.enter_context(
            attached(self._control, self._folder, os.getuid(), name, kernel=f"{number:016x}")
        )
        project = open_project(path)
        self._entered.callback(project._client.close)
        return Attacker(self, project, name)

    def refresh(
        self, name: str, *, changes: Changes | None = None, without: Collection[int] = ()
    ) -> None:
        version = "v2"
        view = battery_view(name, version, changes=changes, without=without)
        (self.world.folder / "views" / name / version).mkdir(parents=True)
        self.world.views[name, version] = view
        self.world.records.permits.set_view(name, version, EVENT)

    def _opened(self, view: Any) -> None:
        grants = tuple(
            DatasetGrant(dataset=name, variables=(*one["columns"], *one.get("links", {})))
            for name, one in view.describe()["datasets"].items()
        )
        self.world.add(view, datasets=grants, budget_rho=self._rho)
