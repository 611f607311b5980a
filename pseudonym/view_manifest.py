"""The signed manifest of a project's view: what it holds, and its keys sealed to the engine."""

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pseudonym.contract.variable import Variable
from pseudonym.errors import Refusal
from pseudonym.keyring import Keyring, Secret
from pseudonym.sealing import seal
from pseudonym.signed import open_document, sign_document

__all__ = [
    "PERSONS",
    "ColumnPart",
    "DatasetPart",
    "FilePart",
    "LinkPart",
    "ViewManifest",
    "column_part",
    "file_prefix",
    "open_keys",
    "read_view_manifest",
    "seal_keys",
    "sign_view_manifest",
]

PERSONS = "_persons"
"""The folder with each bucket's project pseudonyms; its keys never leave the engine."""
TYPES: Mapping[str, Literal["string", "integer", "float", "date", "boolean"]] = {
    "STRING": "string",
    "LONG": "integer",
    "DOUBLE": "float",
    "DATE": "date",
    "BOOLEAN": "boolean",
}
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
Labels = dict[str, str]
Unseal = Callable[[bytes, bytes], bytes]


class Closed(BaseModel):
    """Unknown fields are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnPart(Closed):
    """A permitted column. codes: in the code list's order; dates as YYYY-MM-DD.

    missing: whether the contract lets a value be missing; older views do not say.
    """

    type: Literal["string", "integer", "float", "date", "boolean"]
    label: Labels
    unit: str
    codes: dict[str, Labels] | None
    minimum: int | float | str | None
    maximum: int | float | str | None
    role: str
    missing: bool = True


class LinkPart(Closed):
    """A permitted link. unit: the unit type of the person whom it names."""

    label: Labels
    unit: str


class FilePart(Closed):
    """One encrypted file of the view."""

    name: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*/bucket=[0-9]{2,4}\.parquet$")]
    rows: Count
    size: Count
    sha256: Hex64


class DatasetPart(Closed):
    """A dataset's part of the view: one file a bucket."""

    registry: str
    version: str
    temporality: str
    label: Labels
    rows: Count
    columns: dict[str, ColumnPart]
    links: dict[str, LinkPart] = {}
    files: Annotated[tuple[FilePart, ...], Field(min_length=1)]


class ViewManifest(Closed):
    """keys: file name → data key, JSON sealed to the engine's public key, base64."""

    v: Literal[1] = 1
    project: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
    version: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    persons: Annotated[tuple[Count, ...], Field(min_length=1)]
    person_files: tuple[FilePart, ...]
    datasets: Annotated[dict[str, DatasetPart], Field(min_length=1)]
    keys: str
    report: dict[str, Any]


def column_part(variable: Variable) -> ColumnPart:
    """What a view says of a contract's variable."""
    domain = variable.value_domain
    codes = {item.code: dict(item.label) for item in domain.codes}
    return ColumnPart(
        type=TYPES[variable.data_type],
        label=dict(variable.label),
        unit=variable.unit,
        codes=codes or None,
        minimum=_plain(domain.min),
        maximum=_plain(domain.max),
        role=variable.role,
        missing=variable.missing.allowed,
    )


def file_prefix(project: str, version: str, name: str) -> str:
    """The AAD prefix of a file of a view."""
    return f"view/{project}/{version}/{name.removesuffix('.parquet')}"


def seal_keys(keys: Mapping[str, Secret], project: str, version: str, engine: bytes) -> str:
    """The files' data keys, readable by the engine alone."""
    plain = json.dumps({name: key.reveal().hex() for name, key in sorted(keys.items())}).encode()
    return base64.b64encode(seal(engine, plain, _context(project, version))).decode()


def open_keys(manifest: ViewManifest, unseal: Unseal) -> dict[str, Secret]:
    """The inverse, by the engine's `unseal(blob, context)`; Refusal("tampered") for others."""
    try:
        sealed = base64.b64decode(manifest.keys, validate=True)
    except ValueError:
        raise _damaged(manifest.project) from None
    plain = unseal(sealed, _context(manifest.project, manifest.version))
    return {name: Secret(bytes.fromhex(key)) for name, key in json.loads(plain).items()}


def sign_view_manifest(manifest: ViewManifest, keyring: Keyring) -> bytes:
    """The bytes of manifest.json."""
    purpose = _purpose(manifest.project, manifest.version)
    return sign_document(purpose, manifest.model_dump(mode="json"), keyring)


def read_view_manifest(folder: Path, signer: bytes) -> ViewManifest:
    """The verified manifest of `views/<project>/<version>`; Refusal when missing or changed."""
    project, version = folder.parts[-2:]
    try:
        content = (folder / "manifest.json").read_bytes()
    except FileNotFoundError:
        raise Refusal(
            "no_view",
            f"The project {project} has no view {version}.",
            "Build it: `workbench permit grant` does.",
        ) from None
    try:
        found = ViewManifest.model_validate(
            open_document(_purpose(project, version), content, signer)
        )
    except ValidationError:
        raise _damaged(project) from None
    if (found.project, found.version) != (project, version):
        raise _damaged(project)
    return found


def _purpose(project: str, version: str) -> str:
    return f"view {project}/{version}"


def _context(project: str, version: str) -> bytes:
    return f"view/{project}/{version}".encode()


def _plain(bound: object) -> int | float | str | None:
    return bound if isinstance(bound, int | float) or bound is None else str(bound)


def _damaged(project: str) -> Refusal:
    return Refusal(
        "tampered",
        f"The view of {project} is damaged.",
        "Remove its folder and build the view again.",
    )
