"""`workbench protect`: tables in, protected tables out; all or nothing, bad input by its place."""

from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from disclosure.errors import Refusal
from workbench.cli.main import run
from workbench.cli.protect import app

AGE = "region,age,n\nr0,young,40\nr0,old,3\nr1,young,50\nr1,old,60\nr2,young,70\nr2,old,80\n"
SEX = "region,sex,n\nr0,F,20\nr0,M,23\nr1,F,60\nr1,M,50\nr2,F,75\nr2,M,75\n"
REGIONS = "code,parent\nr0,north\nr1,north\nr2,south\n"
COLUMNS = ["--dimension", "region", "--dimension", "age", "--dimension", "sex", "--count", "n"]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "age.csv").write_text(AGE, encoding="utf-8")
    (tmp_path / "sex.csv").write_text(SEX, encoding="utf-8")
    (tmp_path / "regions.csv").write_text(REGIONS, encoding="utf-8")
    return tmp_path


def protect(files: Path, *more: str) -> Result:
    tables = [str(files / "age.csv"), str(files / "sex.csv")]
    return CliRunner().invoke(app, [*tables, *COLUMNS, "--out", str(files / "safe"), *more])


def test_two_tables_are_written_with_what_must_be_withheld_left_out(files: Path) -> None:
    done = protect(files, "--hierarchy", f"region={files / 'regions.csv'}")
    assert done.exit_code == 0, done.output
    age = pl.read_csv(files / "safe/age.csv")
    small = age.filter((pl.col("region") == "r0") & (pl.col("age") == "old")).row(0, named=True)
    assert (small["n"], small["mark"]) == (None, "primary")
    assert (age["mark"] == "complementary").sum() >= 3
    assert age.filter(pl.col("region") == "south")["n"].drop_nulls().len() > 0
    total = age.filter((pl.col("region") == "Σ") & (pl.col("age") == "Σ"))["n"].to_list()
    assert total == [303]
    assert pl.read_csv(files / "safe/sex.csv").height == 6 * 3


def test_nothing_is_written_where_nothing_protects(files: Path) -> None:
    (files / "age.csv").write_text("age,n\nold,3\n", encoding="utf-8")
    done = protect(files)
    assert isinstance(done.exception, Refusal)
    assert not (files / "safe").exists()
    assert not list(files.glob(".safe*"))


def test_what_a_killed_run_left_behind_is_not_published(files: Path) -> None:
    (files / ".safe.draft").mkdir()
    (files / ".safe.draft/other.csv").write_text("secret", encoding="utf-8")
    assert protect(files).exit_code == 0
    assert sorted(one.name for one in (files / "safe").iterdir()) == ["age.csv", "sex.csv"]


def test_what_is_there_is_never_overwritten(files: Path) -> None:
    (files / "safe").mkdir()
    (files / "safe/notes.txt").write_text("mine", encoding="utf-8")
    done = protect(files)
    assert getattr(done.exception, "code", "") == "target_exists"
    assert [one.name for one in (files / "safe").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (("sex.csv", SEX.replace("r0,F,20", "r0,F,21")), "tables_contradict", "r0"),
        (("age.csv", AGE + "r0,Σ,44\n"), "table_contradicts", "region=r0, age=Σ"),
        (("age.csv", AGE.replace(",3\n", ",-3\n")), "table_contradicts", "region=r0, age=old"),
        (("age.csv", AGE.replace(",3\n", ",\n")), "table_contradicts", "region=r0, age=old"),
        (("regions.csv", REGIONS + "r0,south\n"), "hierarchy_overlaps", "region, code r0"),
        (("regions.csv", "a,b\n1,2\n"), "no_hierarchy", "region"),
    ],
)
def test_bad_input_is_refused_by_its_place(
    files: Path, change: tuple[str, str], code: str, place: str
) -> None:
    (files / change[0]).write_text(change[1], encoding="utf-8")
    done = protect(files, "--hierarchy", f"region={files / 'regions.csv'}")
    assert getattr(done.exception, "code", "") == code
    assert place in done.exception.reason  # type: ignore[union-attr]  # a Refusal has one
    assert not (files / "safe").exists()


def test_a_stricter_policy_withholds_more(files: Path) -> None:
    layer = files / "strict.toml"
    layer.write_text(
        'level = "project"\nname = "strict"\nversion = 1\nwritten_by = "a"\napproved_by = "b"\n'
        "[rules]\nthreshold = 22\n",
        encoding="utf-8",
    )
    protect(files, "--policy", str(layer))
    marks = pl.read_csv(files / "safe/sex.csv").filter(pl.col("sex") == "F")["mark"]
    assert "primary" in marks.to_list()


def test_no_instance_is_needed(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_folder: Path) -> object:
        return None

    arguments = ["protect", str(files / "age.csv"), *COLUMNS[:4], "--count", "n"]
    assert run(none, [*arguments, "--out", str(files / "safe")]) == 0  # type: ignore[arg-type]
    assert run(none, [*arguments, "--out", str(files / "safe")]) == 2  # type: ignore[arg-type]
