"""A plain view whose rows also lie in encrypted files, as a real view's do: for other processes."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from pseudonym.keyring import Secret
from pseudonym.store.parquet import FileKeys, encrypt, file_keys, scan
from tests.lib.plain_view import PlainView

__all__ = ["FileView"]


class FileView(PlainView):
    """Reads its files as the engine does; `path` is where a worker finds them."""

    def __init__(self, views: Path, plain: PlainView) -> None:
        super().__init__(
            plain.frames,
            plain.count,
            plain.buckets,
            plain.project,
            plain.version,
            plain.keys,
            plain.description,
        )
        self._members = plain._members
        self.path = views / self.project / self.version
        self._keys: dict[str, Secret] = {}
        self._stored: dict[str, list[str]] = {}
        for dataset in self.frames:
            (self.path / dataset).mkdir(parents=True, exist_ok=True)
            for bucket in range(self.buckets):
                name = self._name(dataset, bucket)
                self._keys[name] = Secret.random()
                rows = super().scan(dataset, bucket).sort("_person").collect()
                self._stored[dataset] = [one for one in rows.columns if one != "_person"]
                (self.path / name).write_bytes(encrypt(rows, self._keys[name], f"view/{name}"))

    def scan(self, dataset: str, bucket: int) -> pl.LazyFrame:
        name = self._name(dataset, bucket)
        keys = self._file_keys(name, self._stored[dataset])
        return scan(self.path / name, keys, f"view/{name}")

    def opening(self, dataset: str, bucket: int, columns: Iterable[str]) -> dict[str, Any]:
        name = self._name(dataset, bucket)
        keys = self._file_keys(name, columns)
        return {
            "file": name,
            "footer_key": keys.footer.reveal().hex(),
            "aad_prefix": f"view/{name}",
            "column_keys": {one: key.reveal().hex() for one, key in keys.columns.items()},
        }

    def _file_keys(self, name: str, columns: Iterable[str]) -> FileKeys:
        return file_keys(self._keys[name], ["_person", *columns])

    def _name(self, dataset: str, bucket: int) -> str:
        return f"{dataset}/bucket={bucket:02}.parquet"
