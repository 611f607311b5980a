"""The vault's book of persons: a keyed fingerprint of each identifier, and its base pseudonym.

No identifier is stored. The book is a list of encrypted files, one a load, named by a signed
index; a load's new persons count from the moment that the index is renamed into place.
"""

import base64
import threading
from pathlib import Path
from typing import Annotated, Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pseudonym.durable import write_file
from pseudonym.errors import Refusal
from pseudonym.keyring import Keyring, Secret
from pseudonym.prf import cmac, mint
from pseudonym.signed import open_document, sign_document
from pseudonym.store.parquet import collect, encrypt, file_keys, scan

__all__ = ["Persons"]

Words = NDArray[np.uint64]
_PURPOSE: Final = "book of persons"
_COLUMNS: Final = ("first", "second", "pid")
_SCHEMA: Final = pl.Schema(dict.fromkeys(_COLUMNS, pl.UInt64))


class _Page(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(pattern=r"^page-[0-9]{6}\.parquet$")]
    rows: Annotated[int, Field(ge=0)]
    key: Annotated[str, Field(max_length=200)]


class _Index(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    v: Literal[1] = 1
    pages: tuple[_Page, ...] = ()


class Persons:
    """Identifiers to base pseudonyms, one a person and unit type; the only writer is the vault."""

    def __init__(self, zone: Path, keyring: Keyring) -> None:
        self._folder = zone / "persons"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._keyring = keyring
        self._lookup = keyring.derive("identifier lookup")
        self._lock = threading.Lock()
        self._index = self._read_index()
        self._book = self._read_book()

    def __len__(self) -> int:
        return len(self._book)

    def of(self, namespace: str, ids: pl.Series) -> Words:
        """Base pseudonyms of identifiers (strings without nulls), (n,) → (n,).

        `namespace` says whose numbers they are: the same string in two namespaces is two persons.
        Identifiers not seen before get a new random pseudonym, stored before it is returned.
        """
        ids = ids.cast(pl.String).rename("id")
        distinct = ids.unique()  # a registry of events names a person many times
        messages = (pl.lit(namespace + "\x00") + distinct).alias("id")
        words = cmac(self._lookup, pl.select(messages).to_series())
        asked = pl.DataFrame({"id": distinct, "first": words[:, 0], "second": words[:, 1]})
        with self._lock:
            missing = asked.drop("id").join(self._book, on=["first", "second"], how="anti")
            if len(missing):
                self._append(missing)
            known = asked.join(self._book, on=["first", "second"], how="left")
        found = ids.to_frame().join(
            known.select("id", "pid"), on="id", how="left", maintain_order="left"
        )
        return found["pid"].to_numpy()

    def once(self, count: int) -> Words:
        """Pseudonyms for rows whose identifier cannot be used: each its own, never found again."""
        with self._lock:
            return mint(count, self._book["pid"].to_numpy())

    def _append(self, missing: pl.DataFrame) -> None:
        pids = mint(len(missing), self._book["pid"].to_numpy())
        # Sorted by fingerprint: the page does not tell in which order a registry listed people.
        page = missing.with_columns(pid=pl.Series(pids)).sort("first", "second")
        name = f"page-{len(self._index.pages) + 1:06d}.parquet"
        key = Secret.random()
        write_file(self._folder / name, encrypt(page, key, _prefix(name)))
        wrapped = self._keyring.wrap(key.reveal(), _prefix(name).encode())
        entry = _Page(name=name, rows=len(page), key=base64.b64encode(wrapped).decode())
        index = _Index(pages=(*self._index.pages, entry))
        document = sign_document(_PURPOSE, index.model_dump(mode="json"), self._keyring)
        write_file(self._folder / "index.json", document)
        self._index = index
        self._book = pl.concat([self._book, page])

    def _read_index(self) -> _Index:
        place = self._folder / "index.json"
        if not place.exists():
            pages = {item.name for item in self._folder.glob("page-*")}
            if pages - {"page-000001.parquet"}:  # the first may be a killed first load's
                raise _damaged()
            return _Index()
        body = open_document(_PURPOSE, place.read_bytes(), self._keyring.verify_key)
        try:
            return _Index.model_validate(body)
        except ValidationError:
            raise _damaged() from None

    def _read_book(self) -> pl.DataFrame:
        pages = [pl.DataFrame(schema=_SCHEMA)]
        for page in self._index.pages:
            prefix = _prefix(page.name)
            key = Secret(self._keyring.unwrap(base64.b64decode(page.key), prefix.encode()))
            path = self._folder / page.name
            frame = collect(scan(path, file_keys(key, _COLUMNS), prefix), path)
            if frame.schema != _SCHEMA or len(frame) != page.rows:
                raise _damaged()
            pages.append(frame)
        return pl.concat(pages, rechunk=True)


def _prefix(name: str) -> str:
    return f"vault/persons/{name.removesuffix('.parquet')}"


def _damaged() -> Refusal:
    return Refusal(
        "tampered",
        "The vault's book of persons is damaged.",
        "Restore the vault's folder from backup; new pseudonyms would link to nothing.",
    )
