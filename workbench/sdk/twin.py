"""The synthetic twin of the project's view, and the sealed lane's real one."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from workbench.plan import Schema, nodes
from workbench.sdk.compile import EVERYBODY, PERSON, rows, source
from workbench.sdk.refused import Refused

__all__ = ["outbox", "preview", "scan"]

TWIN = Path("/twin")
DATA = Path("/data")
KEYS = Path("/run/view-keys.json")
OUTBOX = Path("/outbox")
_A_BUCKET = 250
"""Persons of the twin in what would be one bucket of a view."""


def preview(frame: nodes.Frame, schema: Schema, count: int, folder: Path = TWIN) -> pl.DataFrame:
    """The first rows of a frame over the twin: invented persons, the same compiler."""

    def scan_twin(name: str) -> pl.LazyFrame:
        if name == EVERYBODY:
            who = [_twin(one, folder).select(PERSON) for one in schema.datasets]
            return pl.concat(who).unique().sort(PERSON)
        return source(_twin(name, folder), schema.datasets[name])

    lazy = rows(frame, scan_twin)
    if isinstance(frame, nodes.Sort):
        lazy = lazy.sort(list(frame.by), descending=frame.descending, nulls_last=True)
    return lazy.head(count).drop(PERSON).collect()


def scan(dataset: str, *, twin: Path = TWIN, data: Path = DATA, keys: Path = KEYS) -> pl.LazyFrame:
    """All rows of a dataset: of the real view in a sealed run, of the twin everywhere else.

    Columns: `_person` (UInt64, the same person in every dataset of the view) and the permit's
    variables. Raises Refused when the permit opens no such dataset.
    """
    if not keys.exists():
        # numbered as in the view, so that no code relies on persons counted from 0
        number = pl.col(PERSON).cast(pl.UInt64)
        bucketed = (number // _A_BUCKET) * (1 << 32) + number % _A_BUCKET
        return (
            _twin(dataset, twin)
            .with_columns(bucketed.alias(PERSON))
            .drop("_sequence", strict=False)
        )
    held: Mapping[str, Any] = json.loads(keys.read_text(encoding="utf-8"))["datasets"]
    if dataset not in held:
        raise _unknown(dataset, list(held))
    return pl.concat([_part(data, part, bucket) for bucket, part in enumerate(held[dataset])])


def outbox() -> Path:
    """The folder for results, `/outbox`: write files into it, nothing else leaves a sealed run.

    In a Workbench kernel the folder is there too, and what is written to it goes nowhere.
    """
    if os.environ.get("WORKBENCH_LANE") == "workbench":
        print(  # noqa: T201 - said in the notebook
            f"On the twin: files in {OUTBOX} go nowhere and end with this kernel. In a sealed run "
            "a disclosure officer reads them before you do."
        )
    return OUTBOX


def _part(folder: Path, part: Mapping[str, Any], bucket: int) -> pl.LazyFrame:
    decryption = pl.ParquetDecryptionProperties(
        footer_key=bytes.fromhex(part["footer_key"]),
        column_keys={name: bytes.fromhex(key) for name, key in part["column_keys"].items()},
        aad_prefix=part["aad_prefix"].encode(),
    )
    frame = pl.scan_parquet(folder / part["file"], decryption=decryption, glob=False)
    # Persons are counted from 0 in each bucket; the bucket in the upper half makes them one's own.
    person = pl.col(PERSON).cast(pl.UInt64) + (bucket << 32)
    return frame.with_columns(person.alias(PERSON)).drop("_sequence", strict=False)


def _twin(dataset: str, folder: Path) -> pl.LazyFrame:
    path = folder / f"{dataset}.parquet"
    if not dataset.isidentifier() or not path.is_file():
        raise _unknown(dataset, sorted(one.stem for one in folder.glob("*.parquet")))
    return pl.scan_parquet(path, glob=False)


def _unknown(dataset: str, known: list[str]) -> Refused:
    return Refused(
        "outside_permit",
        f"The permit opens no dataset {dataset}.",
        f"It opens {', '.join(known) or 'none'}.",
    )
