"""`workbench registry …` on a running instance, with the storage of record and its audit log."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from typer.testing import CliRunner

from pseudonym.keys import DESK_SECRET
from tests.lib.registry_world import World, content, contract, people
from workbench.adapters.registry_desk import SocketRegistryDesk
from workbench.adapters.sql.records import SqlRecords, open_records
from workbench.cli.registry import app
from workbench.domain.errors import Refusal
from workbench.services.load import load_pack
from workbench.services.publish import publish_version, rollback_dataset

IDS = people(100)
OLD = content(IDS, 400)
NEW = pl.concat([OLD, content(IDS, 8, seed=9)])
BAD = OLD.with_columns(ward=pl.lit("unheard-of"))


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 5, 17, 12, tzinfo=UTC)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[SqlRecords]:
    opened = open_records(f"sqlite:///{tmp_path / 'records.sqlite'}", Noon())
    yield opened
    opened.close()


@pytest.fixture
def house(here: World, records: SqlRecords) -> SimpleNamespace:
    desk = SocketRegistryDesk(here.sockets / "linker.sock", here.root / "store" / DESK_SECRET)
    return SimpleNamespace(desk=desk, records=records, clock=Noon(), actor="os:test")


def run(house: SimpleNamespace, *arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(item) for item in arguments], obj=house)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def events(house: SimpleNamespace) -> list[str]:
    return [f"{entry.event.what} {entry.event.subject}" for entry in house.records.audit.entries()]


def states(house: SimpleNamespace) -> dict[str, str]:
    return {f"{load.dataset} {load.version}": load.state for load in house.records.loads.all()}


def test_a_dataset_goes_its_whole_way_by_commands(here: World, house: SimpleNamespace) -> None:
    first = here.pack(contract("way"), OLD, "one.wbpack")
    second = here.pack(contract("way", version="1.0.1"), NEW, "two.wbpack")

    assert run(house, "load", first)[0] == 0
    assert run(house, "publish", "way") == (0, "way 1.0.0 is published\n")
    assert run(house, "load", second, "--lang", "nb")[0] == 0
    assert run(house, "publish", "way", "1.0.1", "--why", "yearly")[0] == 0
    assert states(house) == {"way 1.0.0": "superseded", "way 1.0.1": "published"}
    assert run(house, "rollback", "way") == (0, "way is back at 1.0.0\n")
    assert states(house) == {"way 1.0.0": "published", "way 1.0.1": "rolled_back"}
    assert events(house) == [
        "data:load:stage way/1.0.0",
        "data:load:publish way/1.0.0",
        "data:load:stage way/1.0.1",
        "data:load:publish way/1.0.0",
        "data:load:publish way/1.0.1",
        "data:load:rollback way/1.0.1",
        "data:load:rollback way/1.0.0",
    ]


def test_a_refused_load_leaves_its_report_and_exit_code_two(
    here: World, house: SimpleNamespace
) -> None:
    code, output = run(house, "load", here.pack(contract("refused"), BAD))
    load = house.records.loads.all()[0]

    assert code == 2
    assert "refused 1.0.0 is refused" in output
    assert load.state == "refused"
    assert events(house) == ["data:load:refuse refused/1.0.0"]
    shown = run(house, "report", load.id)[1]
    assert "unheard-of" not in shown + output
    assert json.loads(run(house, "report", load.id, "--json")[1])["verdict"] == "stop"
    assert events(house)[-1] == "data:report:view refused/1.0.0"


def test_loads_are_listed_newest_first(here: World, house: SimpleNamespace) -> None:
    run(house, "load", here.pack(contract("listed"), OLD))

    listed = json.loads(run(house, "list", "--json")[1])
    assert [(row["dataset"], row["state"], row["rows"]) for row in listed] == [
        ("listed", "staged", 400)
    ]
    # Ids are for copying: whole, however narrow the terminal.
    assert house.records.loads.all()[0].id in run(house, "list")[1]


def test_a_pack_that_does_not_open_is_refused_and_audited(
    here: World, house: SimpleNamespace
) -> None:
    pack = here.pack(contract("cut"), OLD)
    pack.write_bytes(pack.read_bytes()[:-10])

    with pytest.raises(Refusal) as caught:
        run(house, "load", pack)
    assert caught.value.code == "truncated"
    entry = next(house.records.audit.entries())
    assert (entry.event.what, dict(entry.event.details)) == (
        "data:load:refuse", {"code": "truncated"},
    )  # fmt: skip


@pytest.mark.parametrize(("arguments", "code"), [
    (("publish", "nothing"), "nothing_staged"),
    (("publish", "nothing", "1.0.0"), "no_load"),
    (("rollback", "nothing"), "unknown_dataset"),
    (("report", "0123456789abcdef"), "no_load"),
])  # fmt: skip
def test_what_is_not_there_is_refused(
    house: SimpleNamespace, arguments: tuple[str, ...], code: str
) -> None:
    with pytest.raises(Refusal) as caught:
        run(house, *arguments)
    assert caught.value.code == code
    assert events(house) == []


def test_publishing_again_mends_records_that_a_crash_left_behind(
    here: World, house: SimpleNamespace
) -> None:
    pack = here.pack(contract("mended"), OLD)
    load_pack(house.records, house.desk, house.clock, pack, who="owner")
    house.desk.publish("mended", "1.0.0")  # and then the process died

    load = publish_version(house.records, house.desk, "mended", "1.0.0", who="owner")
    assert load.state == "published"
    assert publish_version(house.records, house.desk, "mended", "1.0.0", who="owner") == load
    assert len(events(house)) == 2
    with pytest.raises(Refusal) as caught:
        rollback_dataset(house.records, house.desk, "mended", who="owner")
    assert caught.value.code == "nothing_before"


def test_the_desk_refuses_in_the_workbenchs_words_when_nobody_answers(
    here: World, tmp_path: Path
) -> None:
    secret = here.root / "store" / DESK_SECRET
    for socket, file in ((tmp_path / "none.sock", secret), (tmp_path / "x", tmp_path / "none")):
        with pytest.raises(Refusal) as caught:
            SocketRegistryDesk(socket, file).publish("visit", "1.0.0")
        assert caught.value.code in ("not_running", "no_secret")


def test_the_catalogue_tells_the_variables_of_what_is_published(
    here: World, house: SimpleNamespace
) -> None:
    here.publish(contract("catalogue"), OLD)
    told = {item.name: (item.data_type, item.codes) for item in house.desk.variables("catalogue")}

    assert told == {
        "day": ("DATE", 0), "ward": ("STRING", 2), "age": ("LONG", 0), "value": ("DOUBLE", 0),
        "smoker": ("BOOLEAN", 0), "note": ("STRING", 0),
    }  # fmt: skip
    with pytest.raises(Refusal) as caught:
        house.desk.variables("nothing")
    assert caught.value.code == "not_published"
