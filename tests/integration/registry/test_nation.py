"""`workbench registry demo-national`: a nation of two thousand, all the way into a view."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from pseudonym.card import load_card
from pseudonym.keys import DESK_SECRET, open_zone_keyring
from pseudonym.nation import DATASETS, Nation
from pseudonym.nation.contracts import contract
from pseudonym.nation.extracts import write_extracts
from pseudonym.pack import make_pack
from pseudonym.view import View, open_view
from tests.lib.nation_view import frames
from tests.lib.registry_world import World, world
from workbench.adapters.registry_desk import SocketRegistryDesk
from workbench.adapters.sql.records import open_records
from workbench.cli.registry import app
from workbench.cli.taking import take_in
from workbench.domain.errors import Refusal

PERSONS, SEED = 2000, 1


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 5, 17, 12, tzinfo=UTC)


@contextmanager
def _house(running: World) -> Iterator[SimpleNamespace]:
    records = open_records(f"sqlite:///{running.root / 'records.sqlite'}", Noon())
    desk = SocketRegistryDesk(running.sockets / "linker.sock", running.root / "store" / DESK_SECRET)
    yield SimpleNamespace(
        instance=SimpleNamespace(root=running.root, kind="test"),
        desk=desk,
        catalogue=desk,
        records=records,
        clock=Noon(),
        actor="os:test",
        card=load_card(running.root / "card.json").model_dump(),
    )
    records.close()


@pytest.fixture(scope="module")
def house() -> Iterator[SimpleNamespace]:
    with world() as running, _house(running) as made:
        yield made


def run(house: SimpleNamespace | None, *arguments: object) -> Result:
    done = CliRunner().invoke(app, ["demo-national", *map(str, arguments)], obj=house)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.fixture(scope="module")
def loaded(house: SimpleNamespace) -> Result:
    return run(house, "--persons", PERSONS, "--seed", SEED, "--member", "kari")


@pytest.fixture(scope="module")
def view(house: SimpleNamespace, loaded: Result) -> View:
    held = house.records.permits.find("nation")
    engine = open_zone_keyring(house.instance.root / "engine", {})
    place = house.instance.root / "views" / "nation" / held.view_version
    return open_view(place, engine.unseal)


def rows(view: View, dataset: str) -> pl.DataFrame:
    return pl.concat([view.scan(dataset, bucket).collect() for bucket in range(len(view.persons))])


def test_every_registry_is_published_without_a_finding_and_the_project_is_open(
    house: SimpleNamespace, loaded: Result
) -> None:
    loads = {load.dataset: load for load in house.records.loads.all()}

    assert loaded.exit_code == 0
    assert set(loads) == set(DATASETS)
    assert {load.state for load in loads.values()} == {"published"}
    assert {load.report["verdict"] for load in loads.values()} == {"pass"}
    assert "The project nation is active" in loaded.output
    assert not list(house.instance.root.parent.glob("**/*.wbpack"))


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_view_holds_what_was_drawn(view: View, dataset: str) -> None:
    drawn = frames(PERSONS, SEED)[dataset]
    held = rows(view, dataset)
    columns = [name for name in held.columns if not name.startswith("_")]

    assert sum(view.persons) == PERSONS
    assert held.select(columns).sort(columns).equals(drawn.select(columns).sort(columns))


def test_people_are_linked_across_registries_as_they_were_drawn(view: View) -> None:
    """Sex and cancer lie in two registries; together they say the same before and after."""
    by = ["sex", "birth_date", "site", "diagnosis_date"]
    linked = pl.concat(
        [
            view.scan("cancer", bucket)
            .join(view.scan("population", bucket), on="_person")
            .select(by)
            .collect()
            for bucket in range(len(view.persons))
        ]
    )
    drawn = frames(PERSONS, SEED)
    expected = drawn["cancer"].join(drawn["population"], on="person").select(by)

    assert linked.sort(by).equals(expected.sort(by))


@pytest.mark.parametrize(("dataset", "link"), [("mfr_birth", "mother"), ("mfr_delivery", "child")])
def test_a_link_of_the_birth_registry_leads_to_the_person_who_was_drawn(
    view: View, dataset: str, link: str
) -> None:
    before = [sum(view.persons[:bucket]) for bucket in range(len(view.persons))]
    people, births = (
        pl.concat(
            view.scan(name, bucket).with_columns(pl.col("_person") + start).collect()
            for bucket, start in enumerate(before)
        )
        for name in ("population", dataset)
    )
    tied = births.join(people, left_on=f"_link_{link}", right_on="_person", suffix="_theirs")
    drawn = frames(PERSONS, SEED)[dataset].join(
        frames(PERSONS, SEED)["population"], left_on=link, right_on="person", suffix="_theirs"
    )
    by = ["birth_date", "birth_weight", "sex", "birth_date_theirs", "municipality", "income"]

    assert tied.height > 300
    assert tied.select(by).sort(by).equals(drawn.select(by).sort(by))


def test_the_same_command_again_loads_nothing_again(house: SimpleNamespace, loaded: Result) -> None:
    before = len(house.records.loads.all())
    view_before = house.records.permits.find("nation").view_version

    done = run(house, "--persons", PERSONS, "--seed", SEED, "--member", "kari")

    assert done.exit_code == 0
    assert len(house.records.loads.all()) == before
    assert house.records.permits.find("nation").view_version == view_before


def test_another_nation_is_not_mixed_with_it(house: SimpleNamespace, loaded: Result) -> None:
    with pytest.raises(Exception) as refused:  # noqa: PT011 - the code tells it
        run(house, "--persons", PERSONS + 500, "--seed", SEED)

    assert refused.value.code == "other_nation"  # type: ignore[attr-defined]  # either side's Refusal


def test_a_load_that_was_stopped_after_staging_is_only_published(house: SimpleNamespace) -> None:
    """With no way to load, what is staged is still published."""
    stopped = SimpleNamespace(**vars(house))
    staged = SimpleNamespace(dataset="cancer", version="1.0.0", state="staged", report={})
    asked = []
    publish = SimpleNamespace(publish=lambda *named: asked.append(named))
    stopped.desk = publish
    loads = SimpleNamespace(all=lambda: [staged], find=lambda _: staged, set_state=lambda *_: None)
    staged.id = "0" * 16
    stopped.records = SimpleNamespace(loads=loads)

    take_in(stopped, contract("cancer"), Path("nowhere.parquet"), "os:test")

    assert asked == [("cancer", "1.0.0")]


def test_a_load_that_nobody_wrote_down_is_made_again_under_the_next_version(
    tmp_path: Path,
) -> None:
    """The command was killed while the linker loaded: the store has a version, the records not."""
    with world() as running, _house(running) as house:
        file = write_extracts(Nation(SEED, 500), running.root.parent / "nation", ["cancer"])
        make_pack(file["cancer"], contract("cancer"), house.card, tmp_path / "orphan.wbpack")
        assert house.desk.load(tmp_path / "orphan.wbpack")["state"] == "staged"

        done = run(house, "--persons", 500, "--seed", SEED, "--registries", "krg")

        loads = [(load.version, load.state) for load in house.records.loads.all()]
    assert done.exit_code == 0
    assert loads == [("1.0.1", "published")]


def test_only_what_was_named_is_written_and_nothing_is_loaded(tmp_path: Path) -> None:
    done = run(None, "--persons", 500, "--registries", "npr, dar", "--to", tmp_path / "half")

    assert done.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "half").glob("*.parquet")) == [
        "dar_death.parquet",
        "npr_episode.parquet",
    ]
    assert (tmp_path / "half/npr_episode/codes/icd10.csv").exists()


def test_a_misspelt_registry_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        run(None, "--registries", "nprr", "--to", tmp_path / "n")

    assert refused.value.code == "unknown_registry"
    assert "Did you mean npr?" in refused.value.remedy
    assert not (tmp_path / "n").exists()


def test_a_production_instance_takes_no_nation(house: SimpleNamespace) -> None:
    there = SimpleNamespace(**vars(house))
    there.instance = SimpleNamespace(root=house.instance.root, kind="production")

    with pytest.raises(Refusal) as refused:
        run(there, "--persons", 500)

    assert refused.value.code == "production_instance"


def test_an_instance_that_is_not_up_is_refused_before_anything_is_drawn(
    house: SimpleNamespace, tmp_path: Path
) -> None:
    down = SimpleNamespace(**vars(house))
    down.instance = SimpleNamespace(root=tmp_path / "instance", kind="demo")
    down.catalogue = SocketRegistryDesk(
        tmp_path / "no.sock", Path(house.instance.root / "store" / DESK_SECRET)
    )

    with pytest.raises(Refusal) as refused:
        run(down, "--persons", 500)

    assert refused.value.code == "not_running"
    assert not (tmp_path / "nation").exists()
