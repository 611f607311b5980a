"""The owner's half: the same nation however it is made, whole files or none, refusals that help."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pseudonym.contract import load_contract
from pseudonym.errors import Refusal
from pseudonym.extract.checking import check_extract
from pseudonym.nation import DATASETS, Nation, extracts
from pseudonym.nation.codes import code_list, levels
from pseudonym.nation.contracts import contract, registries
from pseudonym.nation.extracts import write_extracts
from pseudonym.nation.nation import MOST
from pseudonym.nation.numbers import BLOCK

SMALL = Nation(3, 1500)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("nation") / "made"
    write_extracts(SMALL, place, DATASETS)
    return place


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_file_passes_the_owners_own_check(folder: Path, dataset: str) -> None:
    promised = load_contract(folder / dataset)

    report = check_extract(folder / f"{dataset}.parquet", promised, "demo")

    assert promised.hash == contract(dataset).hash
    assert (report.verdict, report.findings) == ("pass", ())


def test_a_block_is_the_same_in_a_larger_nation_and_whatever_else_is_drawn() -> None:
    alone = Nation(5, BLOCK + 100).block(0, ("cancer",))["cancer"]
    among = Nation(5, 3 * BLOCK).block(0)["cancer"]

    assert alone.height > 500
    assert alone.equals(among)
    assert not alone.equals(Nation(6, 3 * BLOCK).block(0, ("cancer",))["cancer"])


def test_numbers_of_different_blocks_never_meet() -> None:
    nation = Nation(1, 302 * BLOCK)
    blocks = (0, 1, 150, 299, 300, 301)
    numbers = pl.concat(
        [nation.block(number, ("population",))["population"]["fnr"] for number in blocks]
    )

    assert numbers.n_unique() == len(blocks) * BLOCK


def test_a_run_that_was_stopped_goes_on_and_ends_with_the_same_bytes(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StoppedError(Exception):
        pass

    def stop(step: str, done: float) -> None:
        if step == "cancer":
            raise StoppedError

    with pytest.raises(StoppedError):
        write_extracts(SMALL, tmp_path / "n", DATASETS, stop)

    assert not (tmp_path / "n/cancer.parquet").exists()
    assert (tmp_path / "n/population.parquet").exists()

    def forbidden(*_: object) -> None:
        raise AssertionError("drawn again")

    monkeypatch.setattr(Nation, "block", forbidden)
    again = write_extracts(SMALL, tmp_path / "n", DATASETS)

    for name, file in again.items():
        assert file.read_bytes() == (folder / f"{name}.parquet").read_bytes()
    assert not (tmp_path / "n" / extracts._PARTS).exists()


def test_a_run_that_was_killed_leaves_whole_files_and_goes_on(tmp_path: Path) -> None:
    nation = Nation(3, BLOCK + 2000)
    source = (
        "import sys; from pathlib import Path; from pseudonym.nation import Nation, DATASETS\n"
        "from pseudonym.nation import extracts\n"
        "extracts.BLOCKS_A_PART = 1\n"
        "def tell(step, done):\n"
        "    print(step, flush=True)\n"
        f"extracts.write_extracts(Nation(3, {nation.persons}), Path(sys.argv[1]), DATASETS, tell)\n"
    )
    whole = write_extracts(nation, tmp_path / "whole", DATASETS)
    for moment in ("draw", "npr_episode"):
        folder = tmp_path / moment
        command = [sys.executable, "-c", source, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.strip() == moment:
                    process.kill()
                    break

        assert process.wait() != 0
        for file in folder.glob("*.parquet"):
            assert pl.read_parquet(file).equals(pl.read_parquet(whole[file.stem]))
        for name, file in write_extracts(nation, folder, DATASETS).items():
            assert pl.read_parquet(file).equals(pl.read_parquet(whole[name]))
        assert not list(folder.glob(".*"))


def test_how_many_blocks_go_into_a_part_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nation = Nation(2, 2 * BLOCK + 500)
    whole = write_extracts(nation, tmp_path / "a", ("dar_death",))["dar_death"]
    monkeypatch.setattr(extracts, "BLOCKS_A_PART", 1)
    single = write_extracts(nation, tmp_path / "b", ("dar_death",))["dar_death"]

    assert pl.read_parquet(whole).equals(pl.read_parquet(single))


def test_a_folder_of_another_nation_is_refused_and_left_alone(folder: Path) -> None:
    before = (folder / "population.parquet").read_bytes()

    with pytest.raises(Refusal) as refused:
        write_extracts(Nation(4, 1500), folder, DATASETS)

    assert refused.value.code == "other_nation"
    assert (folder / "population.parquet").read_bytes() == before
    assert json.loads((folder / "nation.json").read_text())["seed"] == SMALL.seed


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(Refusal) as refused:
        write_extracts(SMALL, tmp_path, DATASETS)

    assert refused.value.code == "folder_in_use"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(Refusal) as refused:
        write_extracts(SMALL, tmp_path / "file", DATASETS)

    assert refused.value.code == "not_written"


@pytest.mark.parametrize(("seed", "persons"), [(1, 0), (1, 99), (1, MOST + 1), (-1, 1000)])
def test_a_nation_that_cannot_be_made_is_refused(seed: int, persons: int) -> None:
    with pytest.raises(Refusal) as refused:
        Nation(seed, persons)

    assert refused.value.code == "bad_nation"


def test_every_dataset_belongs_to_one_registry() -> None:
    held = [name for names in registries().values() for name in names]

    assert sorted(held) == sorted(DATASETS)


def test_every_variable_is_labelled_in_norwegian_and_english() -> None:
    for name in DATASETS:
        promised = contract(name)
        labels = [promised.registry.name, promised.dataset.label]
        labels += [item.label for item in promised.variables]
        labels += [code.label for item in promised.variables for code in item.value_domain.codes]

        assert all({"nb", "en"} <= set(label) for label in labels)


def test_every_code_has_its_place_in_the_levels_above_it() -> None:
    above = levels()
    blocks = {row["code"]: row for row in above["icd10_block"]}
    chapters = {row["code"] for row in above["icd10_chapter"]}
    groups = {row["code"] for row in above["atc_levels"]}

    for row in above["icd10_levels"]:
        low, high = row["block"].split("-")
        assert low <= row["code"] <= high
        assert blocks[row["block"]]["chapter"] == row["chapter"]
        assert row["chapter"] in chapters
    for code in code_list("atc"):
        assert {code[:length] for length in (1, 3, 4, 5)} <= groups


def test_norway_has_357_municipalities_in_15_counties() -> None:
    municipalities, counties = code_list("municipality"), code_list("county")

    assert (len(municipalities), len(counties)) == (357, 15)
    assert {code[:2] for code in municipalities} == set(counties)
