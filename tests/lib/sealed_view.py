"""Encrypted views for sealed runs, written without registry and linker: NAFLD, and large ones."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pseudonym.contract import load_contract
from pseudonym.keyring import Secret
from pseudonym.store.parquet import encrypt, file_keys
from pseudonym.synthetic import make_twin
from tests.lib import nafld_view

__all__ = ["write_dataset", "write_nafld"]

Keys = list[dict[str, Any]]


def write_dataset(
    view: Path, name: str, buckets: Iterable[pl.DataFrame], permitted: Collection[str]
) -> Keys:
    """One encrypted file a bucket (`_person`, `_sequence`, variables); the keys of the permitted.

    In the form of `pseudonym.view.View.sealed_keys`.
    """
    (view / name).mkdir(parents=True)
    keys = []
    for number, frame in enumerate(buckets):
        file, prefix = f"{name}/bucket={number:02}.parquet", f"view/alpha/{name}/{number}"
        key = Secret.random()
        (view / file).write_bytes(encrypt(frame, key, prefix))
        opened = file_keys(key, ["_person", "_sequence", *permitted])
        keys.append(
            {
                "file": file,
                "rows": frame.height,
                "footer_key": opened.footer.reveal().hex(),
                "aad_prefix": prefix,
                "column_keys": {one: held.reveal().hex() for one, held in opened.columns.items()},
            }
        )
    for path in (view, *view.rglob("*")):  # kernels have uids of their own
        path.chmod(0o755 if path.is_dir() else 0o644)
    return keys


def write_nafld(
    view: Path, buckets: int = 4, permitted: Mapping[str, Collection[str]] = nafld_view.PERMITTED
) -> dict[str, Any]:
    """The real NAFLD rows as a view in `buckets`, with its twin; the keys of the permitted."""
    plain = nafld_view.nafld_view(buckets)
    contracts = {name: load_contract(nafld_view.CONTRACTS / name) for name in nafld_view.DATASETS}
    held = {name: list(columns) for name, columns in nafld_view.PERMITTED.items()}
    for name, frame in make_twin(contracts, held, "seed").items():
        frame.write_parquet(view / "twin" / f"{name}.parquet")
    datasets = {
        name: write_dataset(
            view, name, (_bucket(plain.scan(name, one), held[name]) for one in range(buckets)),
            permitted[name],
        )
        for name in permitted
    }  # fmt: skip
    return {"v": 1, "project": "alpha", "version": "v1", "datasets": datasets}


def _bucket(rows: pl.LazyFrame, columns: list[str]) -> pl.DataFrame:
    sequence = pl.int_range(pl.len(), dtype=pl.UInt32).over("_person").alias("_sequence")
    sorted_rows = rows.sort("_person", maintain_order=True).with_columns(sequence)
    return sorted_rows.select("_person", "_sequence", *columns).collect()
