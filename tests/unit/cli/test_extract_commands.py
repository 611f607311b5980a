"""The owner's commands: words, exit codes, JSON, and nothing written when refused."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pseudonym.pack import RefusedExtract, open_header
from tests.lib.extracts import Platform, clean, put, text
from workbench.cli import draft, extract

RUNNER = CliRunner()


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    """The folder of a contract drafted by the command itself."""
    (tmp_path / "visits.csv").write_bytes(text(clean(60)))
    app = typer.Typer()
    app.command("new")(draft.new)
    done = RUNNER.invoke(
        app,
        [str(tmp_path / "visits.csv"), "--registry", "clinic", "--dataset", "visit",
         "--id-column", "fnr", "--id-type", "FNR", "--out", str(tmp_path / "contract")],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "person: FNR, column fnr" in done.output
    assert "extract check" in done.output
    return tmp_path / "contract"


def test_a_clean_file_exits_0_and_says_so(tmp_path: Path, contract: Path) -> None:
    done = RUNNER.invoke(
        extract.app,
        ["check", str(tmp_path / "visits.csv"), "--contract", str(contract), "--kind", "test"],
    )
    assert done.exit_code == 0
    assert "60 rows read, 0 left out" in done.output
    assert "keeps its contract" in done.output


def test_a_bad_file_exits_2_and_names_rule_row_and_remedy(tmp_path: Path, contract: Path) -> None:
    (tmp_path / "bad.csv").write_bytes(text(put(clean(60), 5, "Kjønn", "Q")))
    arguments = ["check", str(tmp_path / "bad.csv"), "--contract", str(contract), "--kind", "test"]
    done = RUNNER.invoke(extract.app, [*arguments, "--lang", "nb"])
    assert done.exit_code == 2
    for word in ("values.unknown_code", "rad 5", "Rett dem", "kan ikke lastes"):
        assert word in done.output

    done = RUNNER.invoke(extract.app, [*arguments, "--json"])
    assert done.exit_code == 2
    report = json.loads(done.stdout)
    assert report["verdict"] == "stop"
    assert [item["rows"] for item in report["findings"]] == [[5], []]


def test_the_default_is_production_which_takes_no_synthetic_number(
    tmp_path: Path, contract: Path
) -> None:
    done = RUNNER.invoke(
        extract.app, ["check", str(tmp_path / "visits.csv"), "--contract", str(contract)]
    )
    assert done.exit_code == 2
    assert "keys.id_synthetic" in done.output


def test_pack_writes_what_the_platform_can_open(tmp_path: Path, contract: Path) -> None:
    platform = Platform()
    (tmp_path / "card.json").write_text(json.dumps(platform.card))
    arguments = ["--contract", str(contract), "--card", str(tmp_path / "card.json"),
                 "--out", str(tmp_path / "x.wbpack")]  # fmt: skip
    done = RUNNER.invoke(extract.app, ["pack", str(tmp_path / "visits.csv"), *arguments])
    assert done.exit_code == 0, done.output
    assert open_header(tmp_path / "x.wbpack", platform.card["instance"], "demo").rows == 60


def test_pack_refuses_a_file_that_stops_and_shows_the_report(
    tmp_path: Path, contract: Path
) -> None:
    (tmp_path / "card.json").write_text(json.dumps(Platform(kind="production").card))
    arguments = ["--contract", str(contract), "--card", str(tmp_path / "card.json"),
                 "--out", str(tmp_path / "x.wbpack")]  # fmt: skip
    done = RUNNER.invoke(extract.app, ["pack", str(tmp_path / "visits.csv"), *arguments])
    assert isinstance(done.exception, RefusedExtract)
    assert "keys.id_synthetic" in done.output
    assert not (tmp_path / "x.wbpack").exists()
