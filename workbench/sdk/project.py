"""The project that a notebook works in: its datasets, its permit, its budget, its releases."""

from collections.abc import Mapping
from fractions import Fraction
from html import escape
from pathlib import Path
from typing import Any

import polars as pl

from workbench.plan import Plan, Schema, canonical, check, limited, nodes, pruned
from workbench.plan.names import listed, nearest
from workbench.sdk.client import Client
from workbench.sdk.frames import EventFrame, Frame, PersonFrame
from workbench.sdk.refused import Refused, told
from workbench.sdk.release import Release
from workbench.sdk.twin import TWIN, preview

__all__ = ["Account", "Project", "open_project"]


class Account:
    """The project's privacy account, exact: granted, spent and left ρ."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.granted = Fraction(body["granted"])
        self.spent = Fraction(body["spent"])

    @property
    def left(self) -> Fraction:
        """What can still be asked for."""
        return self.granted - self.spent

    def __repr__(self) -> str:
        return f"ρ granted {self.granted}, spent {self.spent}, left {self.left}"


class Project:
    """p["dataset"] is a frame; everything else is a question to the engine."""

    def __init__(self, client: Client, twin: Path = TWIN) -> None:
        welcome = client.welcome
        self._client = client
        self._twin = twin
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

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.datasets)

    def preview(self, frame: Frame, rows: int = 10) -> pl.DataFrame:
        """Rows of the frame over the synthetic twin: shape and types, never the data."""
        return preview(frame._node, self._schema, rows, self._twin)

    def budget(self) -> Account:
        """What privacy cost was granted, spent and is left."""
        return Account(self._client.ask("budget"))

    def history(self) -> pl.DataFrame:
        """The project's releases so far, oldest first."""
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
        return Release(self._client.run(canonical(plan).decode()))

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
    return Project(Client(path), Path(twin))
