"""Encrypted Parquet: the one place where files are written and read under keys.

Parquet modular encryption (apache/parquet-format, Encryption.md) with AES-256-GCM, natively by
polars. Every file has a random key of its own; its footer key and one key a column are derived
from it (HKDF), so a reader can be given some columns and no others. The AAD prefix names what the
file is (`registry/dataset/version/bucket`) and is not stored in it: a file put in another's place
does not open.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from pseudonym.errors import Refusal
from pseudonym.keyring import Secret

__all__ = ["FileKeys", "collect", "encrypt", "file_keys", "scan"]

ROW_GROUP: Final = 1 << 17


@dataclass(frozen=True)
class FileKeys:
    """What opens a file: the footer's key and the keys of some of its columns."""

    footer: Secret
    columns: dict[str, Secret]

    def decryption(self, prefix: str) -> pl.ParquetDecryptionProperties:
        """As polars wants them; `prefix` is the AAD prefix."""
        return pl.ParquetDecryptionProperties(
            footer_key=self.footer.reveal(),
            column_keys={name: key.reveal() for name, key in self.columns.items()},
            aad_prefix=prefix.encode(),
        )


def file_keys(key: Secret, columns: Iterable[str]) -> FileKeys:
    """The keys of a file, and of these columns only, from the file's own random key."""
    return FileKeys(key.child("footer"), {name: key.child(f"column:{name}") for name in columns})


def encrypt(frame: pl.DataFrame, key: Secret, prefix: str) -> bytes:
    """A frame as the bytes of one encrypted Parquet file (zstd, every column its own key)."""
    keys = file_keys(key, frame.columns)
    target = io.BytesIO()
    frame.write_parquet(
        target,
        compression="zstd",
        compression_level=3,
        row_group_size=ROW_GROUP,
        encryption=pl.ParquetEncryptionProperties(
            footer_key=keys.footer.reveal(),
            column_keys={name: column.reveal() for name, column in keys.columns.items()},
            aad_prefix=prefix.encode(),
            store_aad_prefix=False,
        ),
    )
    return target.getvalue()


def scan(path: Path, keys: FileKeys, prefix: str) -> pl.LazyFrame:
    """The columns of a file for which there are keys, lazily; see `collect` for its errors."""
    try:
        frame = pl.scan_parquet(path, decryption=keys.decryption(prefix), glob=False)
        return frame.select(list(keys.columns))
    except (pl.exceptions.PolarsError, OSError):
        raise _unreadable(path) from None


def collect(frame: pl.LazyFrame, path: Path) -> pl.DataFrame:
    """Read what was scanned; Refusal("tampered") for a wrong key, swapped or changed bytes.

    The cause is dropped: an engine's message may quote what it read.
    """
    try:
        return frame.collect()
    except (pl.exceptions.PolarsError, OSError):
        raise _unreadable(path) from None


def _unreadable(path: Path) -> Refusal:
    return Refusal(
        "tampered",
        f"{path.parent.name}/{path.name} does not open: changed, swapped, missing or another key.",
        "Restore the folder from backup, or load the dataset version anew.",
    )
