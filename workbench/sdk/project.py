"""The project that a notebook works in: its datasets, its permit, its budget, its releases."""

import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import polars as pl

from workbench.plan import Plan, Schema, canonical, check, limited, nodes, pruned
from workbench.plan.names import listed, nearest
from workbench.sdk.account import Account
from workbench.sdk.client import Client
from workbench.sdk.datasets import TWIN
from workbench.sdk.explained import EXPLAINING, Explained
from workbench.sdk.frames import EventFrame, Frame, PersonFrame
from workbench.sdk.later import LINE, Background, Later
from workbench.sdk.mending import Fix
from workbench.sdk.refused import Refused, told
from workbench.sdk.release import Release
from workbench.sdk.rerun import Rerun, plan_of, saved_answer
from workbench.sdk.twin import preview

__all__ = ["Account", "Project", "history", "open_project"]

_RELEASE = re.compile(r"[0-9a-f]{16}")
_LAST: "Project | None" = None


class Project:
    """p["dataset"] is a frame; everything else is a question to the engine."""

    def __init__(self, client: Client, twin: Path = TWIN) -> None:
        welcome = client.welcome
        self._client = client
        self._twin = twin
        self._background: Background | None = None
        self._refused: Refused | None = None
        self.name: str = welcome.project
        self.permit: Mapping[str, Any] = welcome.permit
        with told():
            self._schema = Schema.from_view(welcome.view)

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets that the permit opens."""
        return tuple(self._schema.datasets)

    def __getitem__(self, dataset: str) -> Any:
        """The frame of a dataset: a PersonFrame if it has one row a person, else an EventFrame."""
        found = self._schema.datasets.get(dataset)
        if found is None:
            near = nearest(dataset, self._schema.datasets)
            raise Refused(
                "unknown_name" if near else "outside_permit",
                f"The permit opens no dataset {dataset}.",
                f"Did you mean {near}?" if near else f"It opens {listed(self.datasets)}.",
            )
        kind = PersonFrame if found.kind == "person" else EventFrame
        return kind(nodes.Dataset(name=dataset), self._schema, self._run)

    def persons(self) -> PersonFrame:
        """Every person of the project's view, in whichever dataset; derive variables from events:

        p.persons().with_columns(visits=p["visit"].count().bins([1, 3, 10])).crosstab("visits")
        """
        return PersonFrame(nodes.Persons(), self._schema, self._run)

    def labels(self) -> dict[str, str]:
        """What each dataset is, by name."""
        return {one.name: one.label.get("en", "") for one in self._schema.datasets.values()}

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.datasets)

    def preview(self, frame: Frame, rows: int = 10) -> pl.DataFrame:
        """Rows of the frame over the synthetic twin: shape and types, never the data."""
        return preview(frame._node, self._schema, rows, self._twin)

    def budget(self) -> Account:
        """What privacy cost was granted, spent and is left, and what can still be asked."""
        return Account(self._client.ask("budget"))

    def release(self, number: str) -> Release:
        """An earlier release of the project again, by its id (see history)."""
        return Release(self._client.ask("release", number), self._mended)

    def rerun(self, source: str | Path | Release) -> Rerun:
        """Ask for a release once more: .now on the data of today, .same or .differences.

        source: a release, its id, or what .save_certificate(…) or .download(…) wrote. On the same
        data and rules the same release is the answer, and nothing is charged.
        """
        if isinstance(source, Release):
            before = source
        elif _RELEASE.fullmatch(str(source)):
            before = self.release(str(source))
        else:
            before = Release(saved_answer(source))
        return Rerun(before, self._run(plan_of(before).analysis))

    def fix(self, language: str = "en") -> Fix:
        """What would be released in place of what was refused last; see Release.fix."""
        if self._refused is None:
            raise Refused(
                "nothing_to_fix",
                "Nothing was refused yet.",
                "Of a release with withheld numbers ask release.fix().",
            )
        return self._refused.fix(language)

    def later(self, method: Callable[..., Any], *args: Any, **options: Any) -> Later:
        """Start an analysis and go on: job = p.later(cohort.crosstab, "county", "age").

        `await job` or `job.result()` gives the release, `job.cancel()` stops it, and the job shows
        how far it is. Jobs run one after the other.
        """
        if self._background is None:
            self._background = Background(self._client.path)
        return self._background.start(method, *args, **options)

    def explain(self, method: Callable[..., Any], *args: Any, **options: Any) -> Explained:
        """What an analysis would ask, without asking it: p.explain(cohort.crosstab, "county").

        The words that an officer reads, the variables it touches, and its privacy cost.
        """
        token = EXPLAINING.set(True)
        try:
            made = method(*args, **options)
        finally:
            EXPLAINING.reset(token)
        if not isinstance(made, Explained):
            raise Refused(
                "no_analysis",
                "That asks for no analysis.",
                "Name a method of a person frame and its arguments, as in "
                'p.explain(cohort.crosstab, "county").',
            )
        return made

    def history(self) -> pl.DataFrame:
        """The project's releases so far, oldest first; p.release(id) gives one again."""
        releases = self._client.ask("history")["releases"]
        columns = ("release", "created", "user", "rho", "explained")
        schema = dict.fromkeys(columns, pl.String)
        return pl.DataFrame(
            [[str(one[name]) for name in columns] for one in releases], schema=schema, orient="row"
        )

    def _run(self, analysis: nodes.Analysis) -> Release:
        plan = pruned(Plan(analysis=analysis))
        with told():
            check(limited(plan), self._schema)
        if EXPLAINING.get():
            # the caller of _run is `explain`, through a method that only passes it on
            return Explained(plan)  # type: ignore[return-value]  # see above
        return self._asked(canonical(plan).decode())

    def _asked(self, plan: str) -> Release:
        line = LINE.get() or self._client
        try:
            return Release(line.run(plan), self._mended)
        except Refused as refused:
            self._refused = refused.mended_by(lambda language: self._mended(plan, language))
            raise

    def _mended(self, plan: str, language: str) -> Fix:
        line = LINE.get() or self._client
        return Fix(line.fix(plan), self._asked, language)

    def __repr__(self) -> str:
        lines = [f"Project {self.name}: {self.permit.get('title', '')}"]
        lines += [
            f"  {one.name} ({one.kind}): {', '.join(one.columns)}"
            for one in self._schema.datasets.values()
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row">{escape(one.name)}</th><td>{escape(one.label.get("en", ""))}</td>'
            f"<td>{'one row a person' if one.kind == 'person' else 'many rows a person'}</td>"
            f"<td>{escape(', '.join(one.columns))}</td></tr>"
            for one in self._schema.datasets.values()
        )
        head = "".join(
            f'<th scope="col">{one}</th>' for one in ("dataset", "label", "rows", "variables")
        )
        title = f"{self.name}: {self.permit.get('title', '')}"
        until = str(self.permit.get("valid_until", ""))
        return (
            f"<table><caption>Project {escape(title)}, permit until {escape(until)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )


def open_project(path: str | Path | None = None, twin: str | Path = TWIN) -> Project:
    """The project of this server.

    path: the engine's socket (default: WORKBENCH_ENGINE, else the kernel's own).
    """
    global _LAST  # noqa: PLW0603 - wb.history() is about the project that was opened last
    _LAST = Project(Client(path), Path(twin))
    return _LAST


def history() -> pl.DataFrame:
    """The releases of the project that was opened last; opens it when none was."""
    return (_LAST or open_project()).history()
