"""Taking in the spool: once, whole, and nothing of strangers."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.lib import samples
from tests.lib.fake_records import FakeBlobs, FakeClock, FakeRecords
from tests.lib.spool import Spool
from workbench.domain.audit import What
from workbench.domain.errors import Fault, Refusal
from workbench.domain.output import OutputState, content_of, request_id
from workbench.services.collect import Collected, collect

TABLE = b"group,n\nwomen,3\nmen,1200\n"


class World:
    def __init__(self, folder: Path) -> None:
        self.records = FakeRecords()
        self.records.permits.grant(samples.permit(), samples.event(What.PERMIT_GRANT))
        self.blobs = FakeBlobs()
        self.spool = Spool(folder, self.blobs)

    def collect(self) -> Collected:
        return collect(self.spool.folder, self.records, self.blobs, FakeClock())

    def events(self) -> list[str]:
        return [str(entry.event.what) for entry in self.records.audit.entries()][1:]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "spool")


def test_an_empty_or_missing_spool_is_nothing(world: World, tmp_path: Path) -> None:
    assert world.collect() == Collected()
    assert collect(tmp_path / "no", world.records, world.blobs, FakeClock()) == Collected()


def test_a_run_with_files_becomes_a_request_with_findings(world: World) -> None:
    run = world.spool.run(1, {"table.csv": TABLE, "text.md": b"Nothing.\n"})

    assert world.collect() == Collected(runs=1, requests=1)
    request = world.records.outputs.find(request_id(run))
    assert request is not None
    assert (request.author, request.project, request.state) == (
        "researcher", "study", OutputState.SUBMITTED,
    )  # fmt: skip
    assert request.content == content_of(request.files)
    assert [finding["rule"] for finding in request.files[0].findings] == ["freeform.small_counts"]
    assert request.files[1].findings == ()
    assert world.events() == ["output:request:submit"]


def test_a_run_without_files_makes_no_request(world: World) -> None:
    world.spool.run(1, {}, outcome="error", line=7)

    assert world.collect() == Collected(runs=1)
    assert world.records.outputs.waiting() == ()
    assert world.events() == ["output:file:collect"]


def test_no_request_tells_of_an_end_before_it_may_be_told(world: World) -> None:
    clock = FakeClock()
    world.spool.run(1, {"table.csv": TABLE}, ended=clock.at.timestamp() + 600)
    world.spool.run(2, {"table.csv": TABLE}, ended=clock.at.timestamp() + 40_000)  # another clock

    def taken() -> int:
        return collect(world.spool.folder, world.records, world.blobs, clock).requests

    assert taken() == 1
    assert taken() == 0
    clock.at += timedelta(seconds=600)
    assert taken() == 1


def test_collecting_twice_changes_nothing(world: World) -> None:
    world.spool.run(1, {"table.csv": TABLE})
    world.spool.event("1-ab.json")
    world.collect()
    before = list(world.records.audit.entries())

    assert world.collect() == Collected()
    assert list(world.records.audit.entries()) == before
    assert world.spool.left() == []


def test_whoever_was_interrupted_may_begin_again(world: World) -> None:
    for number, files in ((1, {"table.csv": TABLE}), (2, {})):
        world.spool.run(number, files)
    world.spool.event("1-ab.json")
    world.collect()
    before = list(world.records.audit.entries())
    # As if the first round had ended before it could put anything away.
    for place in list((world.spool.folder / "collected").iterdir()):
        place.rename(world.spool.folder / "incoming" / place.name)
    world.spool.event("1-ab.json")

    world.collect()
    assert list(world.records.audit.entries()) == before
    assert world.spool.left() == []


def test_kernel_events_go_into_the_log(world: World) -> None:
    world.spool.event("2-b.json", what="kernel:run:end", details={"cells": 3})
    world.spool.event("1-a.json")

    assert world.collect() == Collected(events=2)
    first, second = list(world.records.audit.entries())[1:]
    assert first.event.what is What.KERNEL_START
    assert second.event.details == {"cells": 3}


def test_drafts_are_left_alone(world: World) -> None:
    (world.spool.folder / "incoming" / ".draft").mkdir()
    (world.spool.folder / "events" / "1-a.json.new").write_text("{")

    assert world.collect() == Collected()
    assert world.spool.left() == [".draft", "1-a.json.new"]


@pytest.mark.parametrize(
    "more",
    [
        {"v": 2},
        {"project": "other"},
        {"user": "stranger"},
        {"run": "f" * 16},
        {"extra": 1},
        {"files": [{"name": "a.csv", "sha256": "0" * 64, "size": 1}]},
        {"files": [{"name": "a.csv", "sha256": "../../x", "size": 1}]},
        {"files": "all"},
    ],
    ids=["version", "project", "stranger", "other-id", "extra", "missing-file", "path", "type"],
)
def test_a_run_that_is_not_right_is_set_aside_and_audited_once(
    world: World, more: dict[str, object]
) -> None:
    world.spool.run(1, {"table.csv": TABLE}, **more)

    assert world.collect() == Collected(refused=1)
    assert world.collect() == Collected()
    assert world.records.outputs.waiting() == ()
    assert world.events() == ["output:run:refuse"]
    assert (world.spool.folder / "refused").is_dir()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"{}" + b" " * (2 << 20) + b"{"])
def test_a_record_that_cannot_be_read_is_set_aside(world: World, content: bytes) -> None:
    world.spool.raw("0" * 16, content)
    (world.spool.folder / "events" / "1-a.json").write_bytes(content)

    found = world.collect()
    assert found.requests == 0
    assert found.refused == 2


def test_a_file_that_changed_since_the_run_is_refused(world: World) -> None:
    run = world.spool.run(1, {"table.csv": TABLE})
    told = json.loads((world.spool.folder / "incoming" / run / "run.json").read_text())
    world.blobs.content[told["files"][0]["sha256"]] = b"other"

    assert world.collect() == Collected(refused=1)


def test_a_database_that_is_busy_loses_nothing(world: World) -> None:
    world.spool.run(1, {"table.csv": TABLE})
    submit = world.records.outputs.submit

    def busy(*_: object) -> None:
        raise Refusal("database_busy", "Busy.", "Try again.")

    world.records.outputs.submit = busy
    with pytest.raises(Refusal):
        world.collect()
    world.records.outputs.submit = submit

    assert world.collect() == Collected(runs=1, requests=1)


def test_a_fault_of_ours_sets_nothing_aside(world: World) -> None:
    world.spool.event("1-a.json")

    def broken(*_: object, **__: object) -> None:
        raise Fault("the storage of record failed", "0000")

    world.records.audit.append = broken
    with pytest.raises(Fault):
        world.collect()
    assert world.spool.left() == ["1-a.json"]


def test_a_name_that_could_carry_more_than_a_name_is_replaced(world: World) -> None:
    run = world.spool.run(1, {"../æ\u202e.csv": TABLE, "fine name.csv": b"x\n1.5\n"})
    world.collect()

    request = world.records.outputs.find(request_id(run))
    assert request is not None
    assert [file.name for file in request.files] == ["file-1.csv", "fine name.csv"]


def test_the_policy_s_threshold_reaches_the_checks(world: World) -> None:
    run = world.spool.run(1, {"table.csv": b"group,n\nwomen,12\n"})
    collect(world.spool.folder, world.records, world.blobs, FakeClock(), threshold=20)

    request = world.records.outputs.find(request_id(run))
    assert request is not None
    assert request.files[0].findings


def test_a_file_that_is_made_anew_is_kept_and_bound_as_it_would_be_released(world: World) -> None:
    drawing = b"<svg viewBox='0 0 9 9'><script>x()</script><rect width='3'/></svg>"
    run = world.spool.run(1, {"a.svg": drawing, "table.csv": TABLE})
    world.collect()

    request = world.records.outputs.find(request_id(run))
    assert request is not None
    made = request.files[0]
    assert world.blobs.get(made.sha256) != drawing
    assert b"script" not in world.blobs.get(made.sha256)
    assert made.size == len(world.blobs.get(made.sha256))
    assert request.content == content_of(request.files)
    assert "freeform.markup" in {one["rule"] for one in made.findings}
