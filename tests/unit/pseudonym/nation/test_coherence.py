"""The registries of the nation tell of the same people, and of nothing that cannot be."""

from datetime import date

import polars as pl
import pytest

from pseudonym.contract.validation import validate_content, validate_identifiers
from pseudonym.identifiers import classify
from pseudonym.nation import DATASETS
from pseudonym.nation.contracts import contract
from tests.lib.nation_view import frames, variables

PERSONS = 20_000
FIRST, LAST = date(2014, 1, 1), date(2023, 12, 31)
DATES = {
    "residence": ("from_date", "to_date"),
    "npr_episode": ("in_date", "out_date"),
    "lmr_dispensing": ("disp_date",),
    "cancer": ("diagnosis_date",),
    "dar_death": ("death_date",),
    "mfr_delivery": ("birth_date",),
}


def nation(dataset: str) -> pl.DataFrame:
    return frames(PERSONS)[dataset]


def with_ends(dataset: str) -> pl.DataFrame:
    """Rows beside the person's birth, first and last day in the registers, sex and status."""
    entry = nation("residence").group_by("person").agg(entry=pl.col("from_date").min())
    people = nation("population").select(
        "person", "sex", "status", born="birth_date", last="status_date"
    )
    return nation(dataset).join(people.join(entry, on="person"), on="person")


@pytest.mark.parametrize("dataset", DATASETS)
def test_an_extract_keeps_its_contract_without_a_finding(dataset: str) -> None:
    promised = contract(dataset)
    content = nation(dataset).select("person", *variables(dataset))

    identifiers, _ = validate_identifiers(nation(dataset)["fnr"], promised.person, "demo")

    assert content.height
    assert validate_content(content, promised).findings == ()
    assert identifiers.findings == ()


@pytest.mark.parametrize(
    ("dataset", "column"), [(name, column) for name, columns in DATES.items() for column in columns]
)
def test_nothing_happens_after_a_death_or_an_emigration_or_before_the_entry(
    dataset: str, column: str
) -> None:
    rows = with_ends(dataset).drop_nulls(column)
    if dataset == "mfr_delivery":  # births since 1999 are told of mothers who are here in 2014
        rows = rows.with_columns(entry=pl.min_horizontal("entry", pl.lit(date(1999, 1, 1))))

    assert rows.filter(pl.col(column) > pl.col("last")).is_empty()
    assert rows.filter(pl.col(column) < pl.col("entry")).is_empty()
    assert rows.filter(pl.col(column) < pl.col("born")).is_empty()


def test_the_dead_have_a_cause_of_death_and_no_one_else_has() -> None:
    dead = nation("population").filter(pl.col("status") == "dead")
    told = dead.join(nation("dar_death"), on="person", how="full")

    assert told["status"].null_count() == told["cause"].null_count() == 0
    assert told["status_date"].equals(told["death_date"].rename("status_date"))


def test_mothers_are_women_between_15_and_50_who_live_at_the_birth() -> None:
    people = nation("population").select("person", "sex", "status_date", her_birth="birth_date")
    births = nation("mfr_birth").drop_nulls("mother")
    births = births.join(people, left_on="mother", right_on="person")
    age = (births["birth_date"] - births["her_birth"]).dt.total_days() / 365.25

    assert births.height > 0.9 * nation("mfr_birth").height
    assert births["sex"].unique().to_list() == ["female"]
    assert age.min() >= 15  # type: ignore[operator]  # a number
    assert age.max() <= 50  # type: ignore[operator]  # a number
    assert (births["status_date"] >= births["birth_date"]).all()
    assert (births["mother_age"] == age.floor()).all()


def test_children_of_a_mother_are_at_least_nine_months_apart_and_counted_in_order() -> None:
    births = nation("mfr_delivery").sort("person", "birth_date")
    pairs = births.with_columns(
        gap=pl.col("birth_date").diff().over("person").dt.total_days(),
        more=pl.col("parity").diff().over("person"),
    ).drop_nulls("gap")

    assert pairs["gap"].min() >= 270  # type: ignore[operator]  # a number
    assert (pairs["more"] == 1).all()


def test_both_keys_of_the_birth_registry_tell_the_same_births() -> None:
    shared = ["birth_date", "birth_weight", "gestation_weeks", "mother_smoking"]
    by_child = nation("mfr_birth").drop_nulls("mother").sort("person")
    by_mother = nation("mfr_delivery").sort("child")

    assert by_child["person"].equals(by_mother["child"].rename("person"))
    assert by_child["mother_fnr"].equals(by_mother["fnr"].rename("mother_fnr"))
    assert by_child.select(shared).equals(by_mother.select(shared))


def test_a_birth_is_on_the_day_that_the_population_register_says() -> None:
    both = nation("mfr_birth").join(nation("population"), on="person", suffix="_register")

    assert both.height == nation("mfr_birth").height
    assert (both["birth_date"] == both["birth_date_register"]).all()
    assert (both["birth_country_group"] == "norway").all()


def test_women_who_give_birth_are_in_hospital_that_day() -> None:
    births = nation("mfr_delivery").filter(pl.col("birth_date") >= FIRST)
    stays = nation("npr_episode").filter(pl.col("main_dx").is_in(["O80", "O82"]))

    there = births.join(
        stays, left_on=["person", "birth_date"], right_on=["person", "in_date"], how="anti"
    )

    assert there.is_empty()
    assert stays.height == births.height


def test_homes_lie_in_their_county_and_follow_each_other_without_a_gap() -> None:
    homes = nation("residence").sort("person", "from_date")
    last = homes.group_by("person", maintain_order=True).last()
    register = nation("population").sort("person")
    gaps = homes.with_columns(next=pl.col("from_date").shift(-1).over("person")).drop_nulls("next")

    assert (homes["municipality"].str.slice(0, 2) == homes["county"]).all()
    assert (gaps["to_date"] == gaps["next"]).all()
    assert last["municipality"].equals(register["municipality"])
    assert (
        last.filter(pl.col("to_date").is_null()).height == (register["status"] == "resident").sum()
    )


def test_small_children_live_with_their_mother() -> None:
    born = nation("mfr_birth").filter(pl.col("birth_date") >= FIRST).drop_nulls("mother")
    first = nation("residence").sort("from_date").group_by("person").first()
    hers = born.join(nation("residence"), left_on="mother", right_on="person").filter(
        (pl.col("from_date") <= pl.col("birth_date"))
        & (pl.col("to_date").is_null() | (pl.col("to_date") > pl.col("birth_date")))
    )
    both = hers.join(first, on="person", suffix="_child")

    assert both.height > 0.99 * born.height
    assert (both["municipality"] == both["municipality_child"]).mean() > 0.97


def test_identity_numbers_are_synthetic_unique_and_a_few_per_cent_are_d_numbers() -> None:
    people = nation("population")
    found = classify(people["fnr"], "demo", "1964")

    assert found["valid"].all()
    assert people["fnr"].n_unique() == PERSONS
    assert 0.01 < (found["class"] == "DNR").mean() < 0.05
    assert set(people["fnr"].str.slice(8, 1).cast(pl.Int8).filter(people["sex"] == "male") % 2) == {
        1
    }


def test_every_registry_names_people_of_the_population_register_by_the_same_number() -> None:
    numbers = nation("population").select("person", "fnr")

    for dataset in DATASETS:
        known = nation(dataset).join(numbers, on=["person", "fnr"], how="semi")
        assert known.height == nation(dataset).height


def test_sex_bounds_what_people_can_fall_ill_with() -> None:
    tumours = with_ends("cancer")
    stays = with_ends("npr_episode")

    assert set(tumours.filter(pl.col("site").is_in(["C53", "C54", "C56"]))["sex"]) == {"female"}
    assert set(tumours.filter(pl.col("site").is_in(["C61", "C62"]))["sex"]) == {"male"}
    assert set(stays.filter(pl.col("main_dx").str.starts_with("O"))["sex"]) == {"female"}
    assert set(stays.filter(pl.col("main_dx") == "N40")["sex"]) == {"male"}


def test_the_survey_asks_mothers_once_and_agrees_with_the_birth_registry_on_smoking() -> None:
    survey = nation("moba_survey")
    births = nation("mfr_delivery").with_columns(survey_year=pl.col("birth_date").dt.year())
    both = survey.join(births, on=["person", "survey_year"]).drop_nulls(
        ["smoking", "mother_smoking"]
    )

    assert survey["person"].is_unique().all()
    assert both.height > 0.7 * survey.height
    assert set(both.filter(pl.col("mother_smoking") == "daily")["smoking"]) == {"current"}
