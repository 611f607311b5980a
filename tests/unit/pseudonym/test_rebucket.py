"""Rows move to the bucket of their project pseudonym; nothing of their old order is left."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pseudonym import rebucket
from pseudonym.errors import Fault
from pseudonym.keyring import Secret
from pseudonym.prf import project_pseudonyms
from pseudonym.rebucket import Spool, arrange, bucket_count, bucket_of, persons_of

KEY = Secret(b"p" * 32)
PIDS = np.random.default_rng(1).integers(0, 2**62, 300).astype(np.uint64)


@pytest.mark.parametrize(("rows", "buckets"), [
    (0, 1), (1, 1), (250_000, 1), (250_001, 2), (400_000, 2), (500_001, 4), (2_000_000, 8),
    (10_000_000, 8), (10_000_001, 8), (15_000_000, 16), (50_000_000, 32),
    (10**9, 1024), (10**12, 4096),
])  # fmt: skip
def test_the_largest_dataset_decides_how_many_buckets(rows: int, buckets: int) -> None:
    assert bucket_count(rows) == buckets


def test_buckets_are_the_leading_bits() -> None:
    words = np.array([0, 2**61 - 1, 2**61, 2**62, 2**63 - 1], np.uint64)

    assert bucket_of(words, 1, 63).tolist() == [0, 0, 0, 0, 0]
    assert bucket_of(words, 4, 63).tolist() == [0, 0, 1, 2, 3]


@pytest.fixture(params=[1, 2500, 10**6], ids=["at once", "some wait", "all wait"])
def spool(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Spool:
    """However many rows wait in memory before they go to disk."""
    monkeypatch.setattr(rebucket, "AT_ONCE", request.param)
    spool = Spool(tmp_path / "spool", 4, KEY)
    rows = pl.DataFrame({"value": range(3000), "text": [f"secret{i}" for i in range(3000)]})
    for start in range(0, 3000, 1000):  # three store buckets
        spool.add("visit", rows[start : start + 1000], PIDS[np.arange(1000) % 300])
    spool.add("person", pl.DataFrame({"name": range(300)}), PIDS)
    return spool


def test_every_row_comes_out_once_with_its_person(spool: Spool) -> None:
    found = []
    for bucket in range(4):
        visits, people = spool.take("visit", bucket), spool.take("person", bucket)
        persons = persons_of([visits, people])
        assert (persons == np.sort(persons)).all()
        assert set(bucket_of(persons, 4, 63).tolist()) == {bucket}
        arranged = arrange(visits, persons)
        names = arrange(people, persons)
        found.append(
            arranged.join(names, on="_person", suffix="_p").with_columns(
                pseudonym=pl.Series(persons)[arranged["_person"]]
            )
        )
    together = pl.concat(found).sort("value")
    expected = PIDS[np.arange(1000) % 300]

    assert together["value"].to_list() == list(range(3000))
    assert (together["name"] == together["value"] % 1000 % 300).all()
    assert (
        together["pseudonym"].to_numpy()
        == np.tile(project_pseudonyms(KEY.reveal(), "PERSON", expected), 3)
    ).all()


def test_rows_are_sorted_by_person_and_numbered_at_random(spool: Spool) -> None:
    visits = spool.take("visit", 0)
    arranged = arrange(visits, persons_of([visits]))

    assert arranged["_person"].is_sorted()
    numbered = arranged.group_by("_person").agg(pl.col("_sequence").sort(), pl.len())
    assert all(row["_sequence"] == list(range(row["len"])) for row in numbered.to_dicts())
    ranks = arranged.with_columns(rank=pl.col("value").rank().over("_person"))
    assert abs(ranks.select(pl.corr("_sequence", "rank")).item()) < 0.2  # the source's order: 1


def test_parts_on_disk_are_closed_and_used_up(spool: Spool, tmp_path: Path) -> None:
    spool.persons("visit", 0)  # asks for what waits
    parts = list((tmp_path / "spool").iterdir())

    assert parts
    assert not any(b"secret1" in part.read_bytes() for part in parts)
    for bucket in range(4):
        spool.take("visit", bucket)
        spool.take("person", bucket)
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_bucket_without_rows_is_an_empty_frame(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 4096, KEY)
    spool.add("visit", pl.DataFrame({"value": [1.5]}), PIDS[:1])
    empty = next(frame for frame in (spool.take("visit", n) for n in range(3)) if not len(frame))

    arranged = arrange(empty, persons_of([empty]))

    assert arranged.schema == {"_person": pl.UInt32, "_sequence": pl.UInt32, "value": pl.Float64}


def test_two_persons_with_one_pseudonym_stop_the_build() -> None:
    frame = pl.DataFrame(
        {"_pseudonym": [5, 5], "_pid": [1, 2]}, schema={"_pseudonym": pl.UInt64, "_pid": pl.UInt64}
    )

    with pytest.raises(Fault):
        persons_of([frame])
