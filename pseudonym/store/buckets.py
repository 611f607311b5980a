"""The bucket files of a dataset version: written once, read a bucket at a time."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pseudonym.durable import write_file
from pseudonym.keyring import Secret
from pseudonym.store.manifest import (
    BucketFile,
    Manifest,
    aad_prefix,
    damaged,
    unwrap_file_key,
    wrap_file_key,
)
from pseudonym.store.parquet import collect, encrypt, file_keys, scan
from pseudonym.store.registry_keys import RegistryKeys

__all__ = ["Place", "read_buckets", "rid_columns", "rids", "with_rids", "write_bucket"]

Words = NDArray[np.uint64]


@dataclass(frozen=True)
class Place:
    """Which version of which dataset of which registry."""

    registry: str
    dataset: str
    version: str

    def prefix(self, file: str) -> str:
        """The AAD prefix of one of its files."""
        return aad_prefix(self.registry, self.dataset, self.version, file)


def rid_columns(identifier: str) -> tuple[str, str]:
    """The two UInt64 columns that hold an identifier's rids; no variable has such a name."""
    return f"rid.{identifier}.0", f"rid.{identifier}.1"


def with_rids(frame: pl.DataFrame, identifier: str, words: Words) -> pl.DataFrame:
    """Add an identifier's rids, (n, 2) words, to a frame of n rows."""
    first, second = rid_columns(identifier)
    return frame.with_columns(
        pl.Series(first, words[:, 0], pl.UInt64), pl.Series(second, words[:, 1], pl.UInt64)
    )


def rids(frame: pl.DataFrame, identifier: str) -> Words:
    """An identifier's rids, (n, 2) words."""
    return frame.select(rid_columns(identifier)).to_numpy(order="c").astype("<u8", copy=False)


def write_bucket(
    folder: Path, name: str, frame: pl.DataFrame, place: Place, keys: RegistryKeys
) -> BucketFile:
    """Write one file under a new random key; its entry for the manifest."""
    key = Secret.random()
    content = encrypt(frame, key, place.prefix(name))
    write_file(folder / name, content)
    return BucketFile(
        name=name,
        rows=len(frame),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        key=wrap_file_key(key, keys.files, place.prefix(name)),
    )


def read_buckets(
    folder: Path, place: Place, manifest: Manifest, keys: RegistryKeys, columns: Sequence[str]
) -> Iterator[pl.DataFrame]:
    """Some columns of a version, one bucket after the other.

    Raises Refusal("tampered") when a file does not open or does not hold what it should.
    """
    for file in manifest.buckets:
        prefix = place.prefix(file.name)
        key = unwrap_file_key(file.key, keys.files, prefix)
        path = folder / file.name
        frame = collect(scan(path, file_keys(key, columns), prefix), path)
        if len(frame) != file.rows:
            raise damaged(place.dataset, place.version)
        yield frame
