"""What the engine asks of a worker: JSON in a closed form, its keys sealed to workers."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.domain.errors import Refusal

__all__ = ["Forget", "Keys", "Opening", "Part", "Work", "context_of", "cut", "parse_request"]

Session = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Part(_Closed):
    """A bucket: its persons."""

    persons: Annotated[int, Field(ge=0, lt=1 << 32)]


class Work(_Closed):
    """A round of a bucket group. view: its description, cut to what the plan reads.

    state: JSON of the computation's own, infinities included. keys: base64 of `Keys`, sealed.
    keep: bytes of frames to hold for the next round.
    """

    k: Literal["work"] = "work"
    session: Session
    project: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    plan: str
    view: dict[str, Any]
    state: str
    place: int
    parts: list[Part]
    keys: str
    placing: bool
    keep: int


class Forget(_Closed):
    """The session has ended: nothing of it is held any longer."""

    k: Literal["forget"] = "forget"
    session: Session


class Opening(_Closed):
    """How one file of a view opens: keys of the columns that the plan reads, and of no others."""

    file: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*/bucket=[0-9]{2,4}\.parquet$")]
    footer_key: Key
    column_keys: dict[str, Key]
    aad_prefix: str


class Keys(_Closed):
    """Of each dataset that the plan reads one opening a bucket of the group."""

    datasets: dict[str, list[Opening]]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    request: Annotated[Work | Forget, Field(discriminator="k")]


def parse_request(text: str) -> Work | Forget:
    """A request; Refusal("malformed_message") that repeats nothing of it."""
    try:
        return _Request.model_validate_json(f'{{"request":{text}}}').request
    except ValidationError:
        raise Refusal(
            "malformed_message",
            "A request to a worker was not of the agreed form.",
            "Let engine and workers run the same version of the workbench.",
        ) from None


def context_of(project: str, version: str, session: str) -> bytes:
    """What sealed keys are bound to: this session on this view."""
    return json.dumps(["cluster", project, version, session]).encode()


def cut(view: Mapping[str, Any], variables: frozenset[str], datasets: frozenset[str]) -> Any:
    """A view's description with nothing but the variables ("dataset.name") that a plan reads."""
    return {
        "project": view["project"],
        "version": view["version"],
        "persons": view["persons"],
        "datasets": {
            name: dataset
            | {
                "label": {},
                "columns": {
                    column: one | {"label": {}, "codes": _codes(one)}
                    for column, one in dataset["columns"].items()
                    if f"{name}.{column}" in variables
                },
            }
            for name, dataset in view["datasets"].items()
            if name in datasets
        },
    }


def _codes(column: Mapping[str, Any]) -> dict[str, Any] | None:
    codes = column.get("codes")
    return None if not codes else {code: {} for code in codes}
