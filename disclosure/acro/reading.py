"""results.json as somebody else wrote it: a closed schema of what is used, the rest unread."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

__all__ = ["Package", "Record", "read_package"]

LIMIT = 200
_VERSION = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}(\.[0-9]{1,3})?")
_KEPT_BACK = "DONT_RELEASE"


class _Closed(BaseModel):
    # Other versions have other fields: what is not named here is not used.
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class _Sdc(_Closed):
    cells: Annotated[dict[str, list[tuple[int, int]]], Field(max_length=20)] = Field(
        default_factory=dict
    )


class _File(_Closed):
    name: Annotated[str, Field(min_length=1, max_length=255)]
    sdc: _Sdc | dict[str, Any] = Field(default_factory=dict)

    @property
    def cells(self) -> Mapping[str, list[tuple[int, int]]]:
        """Row and column of the cells that a check did not pass, by its name."""
        return self.sdc.cells if isinstance(self.sdc, _Sdc) else {}


class Record(_Closed):
    """One output. status: ACRO's own word; exception: what the researcher asks for, as text."""

    status: Literal["pass", "fail", "review"]
    type: Annotated[str, Field(max_length=100)] = ""
    files: Annotated[list[_File], Field(max_length=LIMIT)]
    exception: Annotated[str, Field(max_length=20_000)] | None = None

    @property
    def failed_cells(self) -> int:
        """How many cells did not pass a check."""
        every = [cells for file in self.files for cells in file.cells.values()]
        return len({place for cells in every for place in cells})


class Package(_Closed):
    """version: of acro, "" where it is of no usual form; results: by uid."""

    version: Annotated[str, Field(max_length=20)]
    results: Annotated[dict[str, Record], Field(max_length=LIMIT)]

    @property
    def files(self) -> Mapping[str, Record]:
        """The output that each named file belongs to."""
        return {file.name: one for one in self.results.values() for file in one.files}

    @property
    def kept_back(self) -> set[str]:
        """Files that ACRO itself says are not for release."""
        return {
            file.name
            for uid, one in self.results.items()
            for file in one.files
            if uid.endswith(_KEPT_BACK)
        }

    @property
    def usual_version(self) -> str:
        """The version where it is one, else "": it may not carry anything else."""
        return self.version if _VERSION.fullmatch(self.version) else ""


def read_package(content: bytes) -> Package | None:
    """The package that a results.json describes; None where it is none of ACRO's."""
    try:
        return Package.model_validate_json(content)
    except (ValidationError, RecursionError):
        return None
