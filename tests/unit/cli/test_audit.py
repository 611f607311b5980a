"""`workbench audit`: the log in words, and the proof that it is whole."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests.lib import samples
from tests.lib.records_house import FakeHouse
from workbench.cli.audit import app
from workbench.domain.audit import What
from workbench.domain.errors import Refusal


@pytest.fixture
def house(tmp_path: Path) -> FakeHouse:
    house = FakeHouse(tmp_path)
    for number in range(4):
        house.records.audit.append(
            samples.event(subject=f"s{number % 2}", who=f"w{number}", why="[red]said[/]")
        )
    return house


def run(house: FakeHouse, *arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, obj=house, env={"COLUMNS": "200"})


def test_an_untouched_log_is_whole_and_tells_its_head(house: FakeHouse) -> None:
    done = run(house, "verify")
    head = house.records.audit.chain[-1]

    assert done.exit_code == 0
    assert "whole" in done.output
    assert f"4:{head.hash}" in done.output
    assert run(house, "verify", "--head", f"4:{head.hash}").exit_code == 0


def test_a_damaged_log_ends_with_status_one(house: FakeHouse) -> None:
    chain = house.records.audit.chain
    chain[1] = replace(chain[1], event=samples.event(who="forged"))
    done = run(house, "verify")

    assert done.exit_code == 1
    assert "changed" in done.output


def test_a_head_that_the_log_no_longer_holds_ends_with_status_one(house: FakeHouse) -> None:
    done = run(house, "verify", "--head", f"3:{'0' * 64}")

    assert done.exit_code == 1
    assert "your note" in done.output


@pytest.mark.parametrize("head", ["x", "3", "x:" + "0" * 64, "3:xyz"])
def test_a_note_that_is_none_is_refused(house: FakeHouse, head: str) -> None:
    result = run(house, "verify", "--head", head)

    assert isinstance(result.exception, Refusal)
    assert result.exception.code == "bad_head"


def test_an_empty_log_is_said_to_be_empty(tmp_path: Path) -> None:
    assert "empty" in run(FakeHouse(tmp_path), "verify").output


def test_entries_are_listed_by_subject_and_person(house: FakeHouse) -> None:
    assert all(f"w{number}" in run(house, "list").output for number in range(4))
    by_subject = run(house, "list", "--subject", "s1").output
    assert "w1" in by_subject
    assert "w0" not in by_subject
    assert "w2" not in run(house, "list", "--who", "w3").output
    newest = run(house, "list", "--last", "1").output
    assert "w3" in newest
    assert "w2" not in newest
    assert "w1" not in run(house, "list", "--start", "3").output


def test_what_people_wrote_is_text_and_never_markup(house: FakeHouse) -> None:
    assert "[red]said[/]" in run(house, "list").output


def test_an_export_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    house = FakeHouse(tmp_path)
    for number in range(4):
        house.records.audit.append(samples.event(What.KERNEL_END, who=f"w{number}"))
    target = house.root / "history.jsonl"
    done = run(house, "export", str(target))

    assert done.exit_code == 0, done.exception
    first, *rest = map(json.loads, target.read_text().splitlines())
    assert first["checkpoint"]["statement"]["position"] == len(rest) == 4
    assert "w1" not in target.read_text()

    house.ends.down = True
    target.unlink()
    assert run(house, "export", str(target)).exception.code == "not_running"
    assert list(house.root.iterdir()) == []
    house.ends.down = False
    assert run(house, "export", str(house.root / "no" / "x")).exception.code == "not_written"
