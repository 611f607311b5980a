"""The quick ways to a view of the nation show what the long way shows."""

from pathlib import Path

import polars as pl
import pytest

from pseudonym.nation import DATASETS
from tests.lib.nation_view import folder_view, frames, links, nation_view, variables

PERSONS = 2000


def everything(view, dataset: str) -> pl.DataFrame:  # type: ignore[no-untyped-def]  # three kinds of view
    """All rows, `_person` counted through all buckets as links count."""
    parts, before = [], 0
    for bucket, size in enumerate(view.persons):
        rows = view.scan(dataset, bucket).collect()
        parts.append(rows.with_columns((pl.col("_person") + before).cast(pl.UInt32)))
        before += size
    return pl.concat(parts)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("views")


@pytest.fixture(scope="module", params=["memory", "plain", "sealed", "many buckets"])
def view(request: pytest.FixtureRequest, folder: Path):  # type: ignore[no-untyped-def]  # as above
    match request.param:
        case "memory":
            return nation_view(PERSONS)
        case "many buckets":
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("tests.lib.nation_view.bucket_count", lambda _: 32)
                return folder_view(folder / "many", PERSONS)
        case kind:
            return folder_view(folder, PERSONS, encrypted=kind == "sealed")


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_row_is_there_once(view, dataset: str) -> None:  # type: ignore[no-untyped-def]
    columns = variables(dataset)
    held = everything(view, dataset).select(columns).sort(columns)

    assert sum(view.persons) == PERSONS
    assert held.equals(frames(PERSONS)[dataset].select(columns).sort(columns))


@pytest.mark.parametrize("dataset", ["mfr_birth", "mfr_delivery"])
def test_links_lead_to_who_was_drawn(view, dataset: str) -> None:  # type: ignore[no-untyped-def]
    (link,) = links(dataset)
    people = everything(view, "population")
    tied = everything(view, dataset).join(
        people, left_on=f"_link_{link}", right_on="_person", suffix="_theirs"
    )
    drawn = frames(PERSONS)[dataset].join(
        frames(PERSONS)["population"], left_on=link, right_on="person", suffix="_theirs"
    )
    by = ["birth_date", "birth_weight", "sex", "birth_date_theirs", "municipality", "income"]

    assert tied.height > 300
    assert tied.select(by).sort(by).equals(drawn.select(by).sort(by))


def test_a_description_names_variables_codes_and_links(view) -> None:  # type: ignore[no-untyped-def]
    told = view.describe()["datasets"]

    assert set(told) == set(DATASETS)
    assert told["mfr_birth"]["links"] == {
        "mother": {"label": {"nb": "Mor", "en": "Mother"}, "unit": "PERSON"}
    }
    assert told["population"]["columns"]["sex"]["codes"]["male"]["en"] == "Male"
    assert told["population"]["kind"] == "person"


def test_a_view_that_was_made_is_found_again(folder: Path) -> None:
    first = folder_view(folder, PERSONS)
    stamp = (first.path / "manifest.json").stat().st_mtime_ns
    again = folder_view(folder, PERSONS)

    assert (again.path / "manifest.json").stat().st_mtime_ns == stamp
    assert again.pseudonyms(0).equals(first.pseudonyms(0))


def test_a_sealed_view_is_encrypted_and_a_plain_one_is_not(folder: Path) -> None:
    sealed, plain = (folder_view(folder, PERSONS, encrypted=kind) for kind in (True, False))
    name = "cancer/bucket=00.parquet"

    assert (sealed.path / name).read_bytes()[:4] == b"PARE"
    assert (plain.path / name).read_bytes()[:4] == b"PAR1"
