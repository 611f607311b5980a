"""The signed manifest that makes a folder of files a dataset version."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pseudonym.contract.canonical import digest
from pseudonym.contract.model import Contract
from pseudonym.contract.profile import Profile
from pseudonym.errors import Refusal
from pseudonym.keyring import Keyring, Secret
from pseudonym.signed import open_document, sign_document

__all__ = [
    "BucketFile",
    "HeldIdentifier",
    "Manifest",
    "aad_prefix",
    "bucket_name",
    "damaged",
    "open_profile",
    "read_manifest",
    "seal_profile",
    "sign_manifest",
    "unwrap_file_key",
    "wrap_file_key",
]

Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Wrapped = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/=]{80,100}$")]


class Closed(BaseModel):
    """Unknown fields are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BucketFile(Closed):
    """One encrypted file. key: its data key wrapped under the registry's."""

    name: Annotated[str, Field(pattern=r"^(bucket=[0-9]{2,4}|quarantine)\.parquet$")]
    rows: Annotated[int, Field(ge=0)]
    size: Annotated[int, Field(ge=0)]
    sha256: Hex64
    key: Wrapped


class HeldIdentifier(Closed):
    """An identifier of the rows: its unit type and how many rows have which class of id."""

    name: str
    unit: str
    classes: dict[str, int]
    persons: Annotated[int, Field(ge=0)]


class Manifest(Closed):
    """load: 16 hex digits. profile: what the next version is compared with, wrapped (base64).

    Nothing else in it but counts, names and keys that only the store opens.
    """

    v: Literal[1] = 1
    load: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    contract: dict[str, Any]
    contract_hash: Hex64
    created: str
    rows: Annotated[int, Field(ge=0)]
    quarantined: Annotated[int, Field(ge=0)]
    identifiers: tuple[HeldIdentifier, ...]
    buckets: Annotated[tuple[BucketFile, ...], Field(min_length=1, max_length=4096)]
    quarantine: BucketFile | None = None
    profile: Annotated[str, Field(max_length=32 << 20)]

    def read_contract(self) -> Contract:
        """The contract as it was when the version was made.

        Its hash is of what was written then: a later platform's contract may have more fields.
        """
        contract = Contract.from_json(self.contract)
        if digest(self.contract) != self.contract_hash:
            raise damaged(contract.dataset.id, contract.dataset.version)
        return contract


def bucket_name(number: int) -> str:
    """`bucket=07.parquet`."""
    return f"bucket={number:02d}.parquet"


def aad_prefix(registry: str, dataset: str, version: str, file: str) -> str:
    """What a file is, bound into each of its encrypted pages."""
    return f"{registry}/{dataset}/{version}/{file.removesuffix('.parquet')}"


def wrap_file_key(key: Secret, registry_key: Secret, prefix: str) -> str:
    """A file's data key under the registry's, bound to what the file is (base64)."""
    return base64.b64encode(registry_key.wrap(key.reveal(), prefix.encode())).decode()


def unwrap_file_key(wrapped: str, registry_key: Secret, prefix: str) -> Secret:
    """The data key of a file; Refusal("wrong_key") when it is not this file's."""
    return Secret(registry_key.unwrap(base64.b64decode(wrapped), prefix.encode()))


def seal_profile(profile: Mapping[str, Any], registry_key: Secret, prefix: str) -> str:
    """A version's counts under the registry's key: small counts of codes are sensitive."""
    plain = json.dumps(profile, separators=(",", ":")).encode()
    return base64.b64encode(registry_key.wrap(plain, prefix.encode())).decode()


def open_profile(wrapped: str, registry_key: Secret, prefix: str) -> Profile:
    """The counts of a version, to compare the next one with."""
    plain = registry_key.unwrap(base64.b64decode(wrapped), prefix.encode())
    return Profile.from_json(json.loads(plain))


def sign_manifest(manifest: Manifest, keyring: Keyring) -> bytes:
    """The bytes of manifest.json."""
    dataset = manifest.contract["dataset"]
    purpose = _purpose(manifest.contract["registry"]["id"], dataset["id"], dataset["version"])
    return sign_document(purpose, manifest.model_dump(mode="json"), keyring)


def read_manifest(folder: Path, signer: bytes) -> tuple[Manifest, bytes]:
    """The manifest of `registry/dataset/version` and its bytes, verified.

    Raises Refusal("no_version") when there is none, ("tampered") when it is not this version's.
    """
    registry, dataset, version = folder.parts[-3:]
    try:
        content = (folder / "manifest.json").read_bytes()
    except FileNotFoundError:
        raise Refusal(
            "no_version",
            f"There is no version {version} of {dataset}.",
            "`workbench registry list` shows what was loaded.",
        ) from None
    body = open_document(_purpose(registry, dataset, version), content, signer)
    try:
        return Manifest.model_validate(body), content
    except ValidationError:
        raise damaged(dataset, version) from None


def damaged(dataset: str, version: str) -> Refusal:
    """The refusal for a version whose parts do not belong together."""
    return Refusal(
        "tampered",
        f"Version {version} of {dataset} is damaged: its files and its manifest do not agree.",
        "Restore the version's folder from backup, or load a new version.",
    )


def _purpose(registry: str, dataset: str, version: str) -> str:
    return f"dataset version {registry}/{dataset}/{version}"
