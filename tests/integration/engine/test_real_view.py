"""Plans over a view that the linker built: encrypted, by bucket, opened by the engine's own key."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import workbench.sdk as wb
from pseudonym.keys import open_zone_keyring
from tests.lib import registry_world
from tests.lib.engine_world import EVENT, attached, wait_for
from tests.lib.registry_world import CANARY, content, contract, people
from workbench.adapters.clock import SystemClock
from workbench.adapters.sql.records import open_records
from workbench.domain.permit import DatasetGrant, Member, Permit
from workbench.settings import Instance

COLUMNS = ("age", "ward", "value", "smoker", "day")
START = """
import sys
from pathlib import Path
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


def test_a_sealed_run_reads_the_mounted_view_and_its_persons_join(
    study: Study, tmp_path: Path
) -> None:
    from pseudonym.view import open_view

    ring = open_zone_keyring(study.instance.zone("engine"), {})
    keys = tmp_path / "view-keys.json"
    keys.write_text(json.dumps(open_view(study.view, ring.unseal).sealed_keys()))
    from workbench.sdk.twin import scan

    person = scan("person", data=study.view, keys=keys)
    visit = scan("visit", data=study.view, keys=keys)
    joined = person.join(visit.group_by("_person").len(), on="_person").collect()

    assert person.collect().height == 1500
    assert joined["len"].sum() == 6000
    assert "note" not in person.collect_schema()
    with pytest.raises(wb.Refused):
        scan("other", data=study.view, keys=keys)


def test_outside_a_sealed_run_the_twin_is_read(study: Study, tmp_path: Path) -> None:
    from workbench.sdk.twin import scan

    twin = scan("person", twin=study.view / "twin", keys=tmp_path / "none")
    real_names = {"_person", *COLUMNS}

    assert set(twin.collect_schema()) == real_names
