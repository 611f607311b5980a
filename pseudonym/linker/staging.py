"""Write a dataset version to the shelf: rids instead of persons, encrypted buckets, a manifest."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
import polars as pl

from pseudonym.contract.model import Contract
from pseudonym.contract.phases.rows import ROW
from pseudonym.contract.profile import profile
from pseudonym.contract.report import Flag
from pseudonym.durable import disk_refusals, draft_folder, settle, write_file
from pseudonym.prf import registry_pseudonyms, shuffle
from pseudonym.rebucket import bucket_count, bucket_of
from pseudonym.store.buckets import Place, rids, with_rids, write_bucket
from pseudonym.store.manifest import (
    HeldIdentifier,
    Manifest,
    bucket_name,
    seal_profile,
    sign_manifest,
)
from pseudonym.store.registry_keys import RegistryKeys
from pseudonym.store.versions import Shelf

__all__ = ["stage"]

QUARANTINE: Final = "quarantine.parquet"


def stage(
    shelf: Shelf,
    contract: Contract,
    frame: pl.DataFrame,
    classes: Mapping[str, Mapping[str, int]],
    flags: Sequence[Flag],
) -> Manifest:
    """Put a validated frame on the shelf as a version that nobody uses yet.

    frame: the rows to keep: one UInt64 column of base pseudonyms an identifier, and the variables.
    flags: their quarantined rows are kept in an encrypted list of row number and rule. Raises
    Refusal("exists") for a version that is there, Refusal("disk_full"); nothing is left then.
    """
    place = Place(contract.registry.id, contract.dataset.id, contract.dataset.version)
    keys = shelf.keys(place.registry)
    final = shelf.root / place.registry / place.dataset / place.version
    with disk_refusals("the dataset version"), draft_folder(shelf.root / place.registry) as draft:
        counted = profile(frame, contract).to_json()
        held = _quarantine(flags)
        rows, identifiers = _rows(frame, contract, keys, classes)
        count = bucket_count(len(rows))
        buckets = bucket_of(rids(rows, contract.person.name)[:, 0], count, 64)
        files = [
            write_bucket(
                draft, bucket_name(number), rows.filter(pl.Series(buckets == number)), place, keys
            )
            for number in range(count)
        ]
        manifest = Manifest(
            load=secrets.token_hex(8),
            contract=contract.to_json(),
            contract_hash=contract.hash,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            rows=len(rows),
            quarantined=held[ROW].n_unique(),
            identifiers=tuple(identifiers),
            buckets=tuple(files),
            quarantine=write_bucket(draft, QUARANTINE, held, place, keys) if len(held) else None,
            profile=seal_profile(counted, keys.files, place.prefix("profile")),
        )
        write_file(draft / "manifest.json", sign_manifest(manifest, shelf.keyring))
        settle(draft, final)
    return manifest


def _rows(
    frame: pl.DataFrame,
    contract: Contract,
    keys: RegistryKeys,
    classes: Mapping[str, Mapping[str, int]],
) -> tuple[pl.DataFrame, list[HeldIdentifier]]:
    """The variables and rids, sorted by the person's rid, a person's rows in random order."""
    names = [item.name for item in contract.variables]
    rows = frame.select(names)
    identifiers = []
    for identifier in contract.identifiers:
        pids = frame[identifier.name].to_numpy()
        words = registry_pseudonyms(keys.pseudonyms.reveal(), identifier.unit_type, pids)
        rows = with_rids(rows, identifier.name, words)
        identifiers.append(
            HeldIdentifier(
                name=identifier.name,
                unit=identifier.unit_type,
                classes=dict(classes[identifier.name]),
                persons=len(np.unique(pids)),
            )
        )
    mixed = shuffle(len(rows))
    words = rids(rows, contract.person.name)[mixed]
    return rows[mixed[np.lexsort((words[:, 1], words[:, 0]))]], identifiers


def _quarantine(flags: Sequence[Flag]) -> pl.DataFrame:
    """Row number and rule of every row left out; no value, no identifier."""
    empty = pl.DataFrame(schema={ROW: pl.UInt32, "rule": pl.String})
    parts = [
        pl.DataFrame({ROW: item.rows}).with_columns(rule=pl.lit(item.finding.rule))
        for item in flags
        if item.finding.severity == "quarantine"
    ]
    return pl.concat([empty, *parts])
