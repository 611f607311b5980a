"""wb.scan on the twin, and wb.outbox: the same code as in a sealed run."""

from pathlib import Path

import polars as pl
import pytest

import workbench.sdk as wb
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


def test_the_outbox_says_on_the_twin_that_nothing_leaves(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_LANE", "workbench")
    assert wb.outbox() == Path("/outbox")
    assert "go nowhere" in capsys.readouterr().out

    monkeypatch.setenv("WORKBENCH_LANE", "sealed")
    assert wb.outbox() == Path("/outbox")
    assert capsys.readouterr().out == ""
