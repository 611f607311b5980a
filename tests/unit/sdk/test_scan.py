"""wb.scan on the twin, and wb.outbox: the same code as in a sealed run."""

import json
from pathlib import Path

import polars as pl
import pytest

import workbench.sdk as wb
from tests.lib.sealed_view import write_dataset
from workbench.sdk import datasets
from workbench.sdk.datasets import scan


def test_persons_of_the_twin_are_numbered_as_in_a_view(tmp_path: Path) -> None:
    frame = pl.DataFrame({"_person": list(range(1000)), "_sequence": [0] * 1000, "x": 1.0})
    frame.cast({"_person": pl.UInt32}).write_parquet(tmp_path / "visit.parquet")
    found = scan("visit", twin=tmp_path, keys=tmp_path / "none").collect()

    assert found.columns == ["_person", "x"]
    assert found["_person"].dtype == pl.UInt64
    assert found["_person"].is_sorted()
    assert found["_person"].n_unique() == 1000
    assert found["_person"].max() > 1 << 32


BUCKETS, ROWS = 12, 50


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A view of several buckets, each of which is a piece of its own."""
    frames = (
        pl.DataFrame(
            {
                "_person": pl.Series(range(ROWS), dtype=pl.UInt32),
                "_sequence": pl.Series([0] * ROWS, dtype=pl.UInt32),
                "x": pl.Series([number] * ROWS),
            }
        )
        for number in range(BUCKETS)
    )
    held = write_dataset(tmp_path, "visit", frames, ["x"])
    (tmp_path / "keys.json").write_text(json.dumps({"v": 1, "datasets": {"visit": held}}))
    return tmp_path


def opened(folder: Path) -> pl.LazyFrame:
    return scan("visit", data=folder, keys=folder / "keys.json")


def test_pieces_that_are_read_ahead_come_in_order(
    sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "_AT_ONCE", ROWS)

    found = opened(sealed).collect()

    assert found["x"].to_list() == [number for number in range(BUCKETS) for _ in range(ROWS)]
    assert found["_person"].is_sorted()
    assert opened(sealed).filter(pl.col("x") >= 10).select("x").collect()["x"].to_list() == [
        *[10] * ROWS,
        *[11] * ROWS,
    ]


def test_no_more_pieces_are_read_than_the_first_rows_need(
    sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "_AT_ONCE", ROWS)
    for path in sorted((sealed / "visit").iterdir())[2:]:
        path.write_bytes(b"")

    assert opened(sealed).head(2 * ROWS).collect().height == 2 * ROWS
    with pytest.raises(pl.exceptions.PolarsError):
        opened(sealed).collect()


def test_the_outbox_says_on_the_twin_that_nothing_leaves(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_LANE", "workbench")
    assert wb.outbox() == Path("/outbox")
    assert "go nowhere" in capsys.readouterr().out

    monkeypatch.setenv("WORKBENCH_LANE", "sealed")
    assert wb.outbox() == Path("/outbox")
    assert capsys.readouterr().out == ""
