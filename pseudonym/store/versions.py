"""Dataset versions on the store's shelf: staged, published by one rename, rolled back by another.

    registries/<registry>/keys.json
    registries/<registry>/<dataset>/<version>/   immutable: manifest.json and bucket files
    published.json                               the one pointer: signed, numbered

The pointer holds the SHA-256 of each published manifest, so an older or foreign manifest put in
its place is refused. Its number only grows; whoever keeps the last number elsewhere (the vault
does) notices an old pointer.
"""

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pseudonym.durable import sweep, write_file
from pseudonym.errors import Refusal
from pseudonym.keyring import Keyring
from pseudonym.signed import open_document, sign_document
from pseudonym.store.manifest import Manifest, damaged, read_manifest
from pseudonym.store.registry_keys import RegistryKeys, registry_keys
from pseudonym.store.semver import parse

__all__ = ["Pointer", "Shelf"]

_PURPOSE = "published versions"


class Publication(BaseModel):
    """A version that was published, and the hash of its manifest."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: Annotated[str, Field(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$")]
    manifest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Pointer(BaseModel):
    """number: how often it was moved. datasets: published versions in order, the last is current.

    A version that was rolled back is in the history no more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    v: Literal[1] = 1
    number: Annotated[int, Field(ge=0)] = 0
    datasets: dict[str, tuple[Publication, ...]] = Field(default_factory=dict)


class Shelf:
    """The store zone's versions; the only writer is the linker."""

    def __init__(self, zone: Path, keyring: Keyring) -> None:
        self.root = zone / "registries"
        self.keyring = keyring
        self._place = zone / "published.json"
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keys(self, registry: str) -> RegistryKeys:
        """The registry's keys, made at its first load."""
        return registry_keys(self.root / registry, self.keyring)

    def folder(self, dataset: str, version: str) -> Path:
        """Where a version lies; Refusal("unknown_dataset") when no registry has the dataset."""
        return self.root / self.registry_of(dataset) / dataset / version

    def registry_of(self, dataset: str) -> str:
        """The registry that a dataset belongs to."""
        found = [place.parent.name for place in self.root.glob(f"*/{dataset}") if place.is_dir()]
        if len(found) != 1:
            raise Refusal(
                "unknown_dataset",
                f"No registry has loaded a dataset named {dataset}.",
                "`workbench registry list` shows what was loaded.",
            )
        return found[0]

    def claim(self, registry: str, dataset: str) -> None:
        """Refuse a dataset's name that another registry uses."""
        others = [place for place in self.root.glob(f"*/{dataset}") if place.is_dir()]
        if any(place.parent.name != registry for place in others):
            raise Refusal(
                "dataset_taken",
                f"Another registry has a dataset named {dataset}.",
                "Choose another dataset id in the contract; ids are unique in an instance.",
            )

    def versions(self, registry: str, dataset: str) -> list[str]:
        """Every version on the shelf, published or not, in order."""
        folder = self.root / registry / dataset
        names = [item.name for item in folder.glob("[0-9]*.[0-9]*.[0-9]*") if item.is_dir()]
        return sorted(names, key=parse)

    def pointer(self) -> Pointer:
        """The published versions; Refusal("tampered") when the file is not ours."""
        content = self.pointer_bytes()
        if not content:
            return Pointer()
        body = open_document(_PURPOSE, content, self.keyring.verify_key)
        try:
            return Pointer.model_validate(body)
        except ValidationError:
            raise Refusal(
                "tampered", "published.json cannot be read.", "Restore it from backup."
            ) from None

    def pointer_bytes(self) -> bytes:
        """published.json as it lies there; empty before the first publication."""
        return self._place.read_bytes() if self._place.exists() else b""

    def manifest(self, dataset: str, version: str) -> Manifest:
        """A verified manifest; a published version's must be the one that was published."""
        manifest, content = read_manifest(self.folder(dataset, version), self.keyring.verify_key)
        for entry in self.pointer().datasets.get(dataset, ()):
            if entry.version == version and entry.manifest != _sha256(content):
                raise damaged(dataset, version)
        return manifest

    def published(self, dataset: str, version: str = "latest") -> tuple[str, Manifest]:
        """A published version and its manifest; Refusal("not_published") otherwise."""
        history = self.pointer().datasets.get(dataset, ())
        wanted = [entry.version for entry in history if version in ("latest", entry.version)]
        if not wanted:
            which = "" if version == "latest" else f" {version}"
            raise Refusal(
                "not_published",
                f"{dataset} has no published version{which}.",
                "Its owner publishes one with `workbench registry publish`.",
            )
        return wanted[-1], self.manifest(dataset, wanted[-1])

    def publish(self, dataset: str, version: str) -> None:
        """Make a version the current one: verify all its files, then one rename.

        Publishing the current version again changes nothing. A version published earlier and
        followed by others becomes current again at the end of the history.
        """
        folder = self.folder(dataset, version)
        manifest, content = read_manifest(folder, self.keyring.verify_key)
        for file in manifest.buckets:
            if not _intact(folder / file.name, file.sha256):
                raise damaged(dataset, version)
        pointer = self.pointer()
        history = pointer.datasets.get(dataset, ())
        entry = Publication(version=version, manifest=_sha256(content))
        if history and history[-1] == entry:
            return
        kept = tuple(item for item in history if item.version != version)
        self._move(pointer, dataset, (*kept, entry))

    def rollback(self, dataset: str) -> str:
        """Back to the version published before; Refusal("nothing_before") when there is none."""
        self.registry_of(dataset)
        pointer = self.pointer()
        history = pointer.datasets.get(dataset, ())
        if len(history) < 2:
            raise Refusal(
                "nothing_before",
                f"No version of {dataset} was published before the current one.",
                "Load and publish a corrected version instead.",
            )
        self._move(pointer, dataset, history[:-1])
        return history[-2].version

    def sweep(self) -> int:
        """Remove what a killed load left half-made."""
        return sweep(self.root)

    def _move(self, pointer: Pointer, dataset: str, history: tuple[Publication, ...]) -> None:
        datasets = pointer.datasets | {dataset: history}
        moved = Pointer(number=pointer.number + 1, datasets=datasets)
        write_file(
            self._place, sign_document(_PURPOSE, moved.model_dump(mode="json"), self.keyring)
        )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _intact(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False
