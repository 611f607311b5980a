"""The project views that the engine has opened, each by the engine's own key."""

import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import polars as pl

from workbench.domain.errors import Refusal

__all__ = ["Opener", "ProjectView", "Views"]

OPEN_VIEWS = 16
_VERSION = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


class ProjectView(Protocol):
    """What the engine needs of a view (pseudonym.view.View)."""

    @property
    def project(self) -> str:
        """The project."""

    @property
    def version(self) -> str:
        """The view's version."""

    @property
    def persons(self) -> tuple[int, ...]:
        """Persons in each bucket."""

    def scan(self, dataset: str, bucket: int) -> pl.LazyFrame:
        """Rows of a dataset in a bucket, with `_person`."""

    def rows(self, dataset: str, bucket: int) -> int:
        """How many rows of a dataset a bucket holds."""

    def opening(self, dataset: str, bucket: int, columns: Iterable[str]) -> dict[str, Any]:
        """What another process needs to read some columns of one file: its name and keys, hex."""

    def pseudonyms(self, bucket: int) -> pl.Series:
        """The project pseudonym (UInt64) of each person of a bucket, in the order of `_person`."""

    def describe(self) -> dict[str, Any]:
        """The schema that kernels are told."""

    def sealed_keys(self, permitted: Mapping[str, Collection[str]]) -> Mapping[str, Any]:
        """What a sealed run needs to read the mounted view; permitted: dataset -> variables."""


Opener = Callable[[Path], ProjectView]


class Views:
    """Views by project and version, opened once and kept while they are used."""

    def __init__(self, root: Path, opener: Opener) -> None:
        self._root = root
        self._opener = opener
        self._open: OrderedDict[tuple[str, str], ProjectView] = OrderedDict()
        self._lock = Lock()

    def path(self, project: str, version: str) -> Path:
        """Where a view lies; Refusal("no_view") when none was built or it is gone."""
        path = self._root / project / version
        if not _VERSION.match(version) or not path.is_dir():
            raise Refusal(
                "no_view",
                "The project has no view of its data yet, or it was removed.",
                "Ask your case handler to build it: workbench permit grant.",
            )
        return path

    def get(self, project: str, version: str) -> ProjectView:
        """A view; Refusal("no_view") as `path`, or the opener's own when it was tampered with."""
        path = self.path(project, version)
        with self._lock:
            held = self._open.get((project, version))
            if held is None:
                held = self._opener(path)
                if held.project != project:
                    raise Refusal(
                        "wrong_view",
                        "The view in this folder is of another project.",
                        "Restore the folder from backup, or build the view anew.",
                    )
                self._open[project, version] = held
            self._open.move_to_end((project, version))
            while len(self._open) > OPEN_VIEWS:
                self._open.popitem(last=False)
            return held
