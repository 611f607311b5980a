"""Plans over a view that the linker built: encrypted, by bucket, opened by the engine's own key."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unittest import mock

import cloudpickle
import polars as pl
import pytest

import workbench.sdk as wb
from pseudonym import rebucket
from pseudonym.keys import open_zone_keyring
from pseudonym.view import open_view
from tests.lib import registry_world
from tests.lib.engine_world import EVENT, attached, wait_for
from tests.lib.registry_world import CANARY, content, contract, people
from workbench.adapters.clock import SystemClock
from workbench.adapters.sql.records import open_records
from workbench.domain.permit import DatasetGrant, Member, Permit
from workbench.sdk.datasets import buckets, scan
from workbench.settings import Instance

COLUMNS = ("age", "ward", "value", "smoker", "day")
PERMITTED = {"person": COLUMNS, "visit": COLUMNS}
START = """
import sys
from pathlib import Path
from unittest import mock
from workbench.wiring import Rooms
Rooms(Path(sys.argv[1])).serve("engine")
"""


@dataclass
class Study:
    instance: Instance
    persons: pl.DataFrame
    visits: pl.DataFrame
    view: Path


@pytest.fixture(scope="module")
def study() -> Iterator[Study]:
    ids = people(1500)
    persons = content(ids, 1500, seed=1).with_columns(patient=ids)
    visits = content(ids, 6000, seed=2)
    with registry_world.world() as here:
        for name, rows, kind in (("person", persons, "FIXED"), ("visit", visits, "EVENT")):
            made = contract(name, f"reg_{name}", temporality=kind)
            here.publish(made, rows.rename({"patient": "patient"}))
        grants = tuple(
            DatasetGrant(dataset=name, variables=COLUMNS) for name in ("person", "visit")
        )
        permit = Permit(
            project="real",
            title="Real",
            purpose="To test",
            valid_from=date(2020, 1, 1),
            valid_until=date(2090, 1, 1),
            members=(Member(user="researcher"),),
            datasets=grants,
            budget_rho="1",
            sealed_runs=True,
        )
        with mock.patch.object(rebucket, "ROWS_PER_BUCKET", 2000):  # so that there are several
            built = here.client.build_view(permit.model_dump(mode="json"))
        instance = Instance.open(here.root)
        records = open_records(instance.database, SystemClock())
        records.permits.grant(permit, EVENT)
        records.permits.set_view("real", built["version"], EVENT)
        records.close()
        yield Study(instance, persons, visits, Path(built["path"]))


@pytest.fixture(scope="module")
def project(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Iterator[wb.Project]:
    """The whole engine process, as the house starts it."""
    folder = tmp_path_factory.mktemp("kernel")
    control = study.instance.socket("engine")
    command = [sys.executable, "-c", START, str(study.instance.root)]
    with subprocess.Popen(command) as process:
        try:
            wait_for(control)
            with attached(control, folder, os.getuid(), "real") as path:
                yield wb.open(path, twin=study.view / "twin")
        finally:
            process.terminate()
            process.wait(20)
    assert not control.exists()


def test_the_table_holds_the_true_counts(study: Study, project: wb.Project) -> None:
    release = project["person"].crosstab("ward", "smoker")

    shown = release.to_polars().filter(mark="")
    true = study.persons.group_by("ward", "smoker").len().rows()
    for ward, smoker, count in true:
        cell = shown.filter(ward=ward, smoker=str(smoker).lower())
        assert cell["n"].to_list() == [count]


def test_events_are_joined_to_their_persons_under_encryption(
    study: Study, project: wb.Project
) -> None:
    person, visit = project["person"], project["visit"]
    often = visit.filter(visit.ward == "med").count().bins([2, 4])
    release = person.with_columns(often=often).crosstab("often", margins=True)

    counts = study.visits.filter(pl.col("ward") == "med").group_by("patient").len()
    joined = study.persons.join(counts, on="patient", how="left").fill_null(0)
    true = {
        "<2": joined.filter(pl.col("len") < 2).height,
        "2–<4": joined.filter(pl.col("len").is_between(2, 3)).height,
        "≥4": joined.filter(pl.col("len") >= 4).height,
    }
    shown = dict(release.to_polars().select("often", "n").rows())
    assert {key: shown[key] for key in true} == true


def test_events_alone_are_counted_over_all_persons_of_the_view(
    study: Study, project: wb.Project
) -> None:
    visits = project["visit"].count().bins([3, 5])
    release = project.persons().with_columns(visits=visits).crosstab("visits")

    everybody = pl.concat([study.persons["patient"], study.visits["patient"]]).unique()
    counts = study.visits.group_by("patient").len()
    per = everybody.to_frame().join(counts, on="patient", how="left").fill_null(0)["len"]
    shown = dict(release.to_polars().select("visits", "n").rows())
    assert shown == {
        "<3": (per < 3).sum(),
        "3–<5": ((per >= 3) & (per < 5)).sum(),
        "≥5": (per >= 5).sum(),
        "Σ": everybody.len(),
    }
    assert project.persons().count().to_polars()["n"].to_list() == [everybody.len()]


def test_the_twin_knows_its_persons_from_all_its_datasets(
    study: Study, project: wb.Project
) -> None:
    visits = project["visit"].count()
    twin = [pl.read_parquet(one)["_person"] for one in (study.view / "twin").glob("*.parquet")]
    everybody = pl.concat(twin).n_unique()

    frame = project.preview(project.persons().with_columns(visits=visits), 10**6)
    assert frame.columns == ["visits"]
    assert frame.height == everybody
    assert frame["visits"].sum() == len(pl.read_parquet(study.view / "twin" / "visit.parquet"))


def test_a_variable_outside_the_permit_has_no_name(project: wb.Project) -> None:
    with pytest.raises(wb.Refused) as refused:
        _ = project["person"].note

    assert refused.value.code == "outside_permit"


def test_the_twin_previews_the_same_cohort(project: wb.Project) -> None:
    person = project["person"]
    cohort = person.with_columns(visits=project["visit"].count(), old=person.age >= 60)
    frame = project.preview(cohort, 4)

    assert frame.columns == [*COLUMNS_IN_ORDER, "visits", "old"]
    assert frame.height == 4
    assert CANARY not in frame.write_csv()


COLUMNS_IN_ORDER = ("day", "ward", "age", "value", "smoker")


@pytest.fixture(scope="module")
def keys(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a sealed run finds as /run/view-keys.json."""
    ring = open_zone_keyring(study.instance.zone("engine"), {})
    path = tmp_path_factory.mktemp("run") / "view-keys.json"
    path.write_text(json.dumps(open_view(study.view, ring.unseal).sealed_keys(PERMITTED)))
    return path


def test_a_sealed_run_reads_the_mounted_view_and_its_persons_join(study: Study, keys: Path) -> None:
    person = scan("person", data=study.view, keys=keys)
    visit = scan("visit", data=study.view, keys=keys)
    joined = person.join(visit.group_by("_person").len(), on="_person").collect()

    assert person.collect().height == 1500
    assert joined["len"].sum() == 6000
    assert "note" not in person.collect_schema()
    with pytest.raises(wb.Refused):
        scan("other", data=study.view, keys=keys)


@pytest.mark.parametrize("dataset", ["person", "visit"])
def test_twin_and_view_have_the_same_columns_of_the_same_types_in_the_same_order(
    study: Study, keys: Path, tmp_path: Path, dataset: str
) -> None:
    twin = scan(dataset, twin=study.view / "twin", keys=tmp_path / "none")
    real = scan(dataset, data=study.view, keys=keys)

    expected = pl.Schema(
        {
            "_person": pl.UInt64,
            "day": pl.Date,
            "ward": pl.String,
            "age": pl.Int64,
            "value": pl.Float64,
            "smoker": pl.Boolean,
        }
    )
    for frame in (twin, real):
        assert list(frame.collect_schema().items()) == list(expected.items())
        assert list(frame.head(3).collect().schema.items()) == list(expected.items())


def test_a_bucket_holds_whole_persons_and_the_same_in_every_dataset(
    study: Study, keys: Path, tmp_path: Path
) -> None:
    for places in (
        {"data": study.view, "keys": keys},
        {"twin": study.view / "twin", "keys": tmp_path / "none"},
    ):
        persons, visits = buckets("person", **places), buckets("visit", **places)
        assert len(persons) == len(visits) == 4
        for name, parts in (("person", persons), ("visit", visits)):
            whole = scan(name, **places).collect()
            assert pl.concat([part.collect() for part in parts]).equals(whole)
            assert whole["_person"].is_sorted()
        seen: set[int] = set()
        for person, visit in zip(persons, visits, strict=True):
            frames = [person.collect(), visit.collect()]
            here = {number for one in frames for number in one["_person"]}
            assert here
            assert not here & seen
            seen |= here


def test_only_the_columns_that_a_query_uses_are_read(
    study: Study, keys: Path, tmp_path: Path
) -> None:
    """A column that is broken on the disk does no harm to who does not use it."""
    folder = tmp_path / "view"
    shutil.copytree(study.view, folder)
    for path in (folder / "visit").iterdir():
        content = bytearray(path.read_bytes())
        content[len(content) * 6 // 10] ^= 1  # among the decimals, which are most of the file
        path.write_bytes(content)
    visit = scan("visit", data=folder, keys=keys)

    assert visit.filter(pl.col("age") >= 0).select(pl.len(), pl.col("ward").max()).collect().height
    with pytest.raises(pl.exceptions.PolarsError):
        visit.select("value").collect()


def test_a_frame_that_goes_to_a_task_carries_no_key(study: Study, keys: Path) -> None:
    visit = scan("visit", data=study.view, keys=keys).filter(pl.col("age") > 50)
    packed = cloudpickle.dumps(visit)  # as Dask and joblib do

    parts = json.loads(keys.read_text())["datasets"]["visit"]
    secrets = [one for part in parts for one in (part["footer_key"], *part["column_keys"].values())]
    assert secrets
    for secret in secrets:
        assert secret.encode() not in packed
        assert bytes.fromhex(secret) not in packed
    assert cloudpickle.loads(packed).collect().equals(visit.collect())


def test_a_query_that_finds_nothing_is_empty_and_one_that_counts_reads_no_column(
    study: Study, keys: Path, tmp_path: Path
) -> None:
    for places in (
        {"data": study.view, "keys": keys},
        {"twin": study.view / "twin", "keys": tmp_path / "none"},
    ):
        visit = scan("visit", **places)
        nobody = visit.filter(pl.col("age") < 0)
        assert nobody.collect().equals(visit.collect().clear())
        assert nobody.select(pl.len(), pl.col("age").sum()).collect().rows() == [(0, 0)]
        assert visit.select(pl.len()).collect().item() == visit.collect().height


def test_a_row_limit_stops_the_reading(study: Study, keys: Path) -> None:
    held = json.loads(keys.read_text())
    first = held["datasets"]["visit"][0]
    first["rows"] = 10**6  # so it is read by itself
    held["datasets"]["visit"] = [first, {**first, "file": "gone"}]
    short = keys.with_name("short.json")
    short.write_text(json.dumps(held))

    assert scan("visit", data=study.view, keys=short).head(7).collect().height == 7
