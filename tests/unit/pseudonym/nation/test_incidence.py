"""How often things happen in the nation: like in Norway, within stated bands.

The bands are of the generator's own figures, which docs/reference/nation.md compares with Norway's.
"""

from datetime import date
from functools import cache

import polars as pl
import pytest

from tests.lib.nation_view import frames

PERSONS = 60_000


@cache
def people() -> pl.DataFrame:
    """Persons with their years in the registers and their age in 2019."""
    entry = frames(PERSONS)["residence"].group_by("person").agg(entry=pl.col("from_date").min())
    return (
        frames(PERSONS)["population"]
        .join(entry, on="person")
        .with_columns(
            years=(pl.col("status_date") - pl.col("entry")).dt.total_days() / 365.25,
            age=(pl.lit(date(2019, 1, 1)) - pl.col("birth_date")).dt.total_days() / 365.25,
        )
    )


def rate(rows: pl.DataFrame, **where: object) -> float:
    """Rows a 1,000 person-years; `where` restricts the persons."""
    who = people().filter(**where)
    return 1000 * rows.join(who, on="person", how="semi").height / who["years"].sum()


def first_stays(code: str) -> pl.DataFrame:
    """First acute stays with a main diagnosis, of people without any in the first two years."""
    stays = frames(PERSONS)["npr_episode"].filter(pl.col("main_dx") == code)
    first = stays.group_by("person").agg(pl.col("in_date").min())
    return first.filter(pl.col("in_date") >= date(2016, 1, 1))


@pytest.mark.parametrize(
    ("dataset", "low", "high"),
    [
        ("npr_episode", 450, 650),
        ("lmr_dispensing", 1000, 1500),
        ("cancer", 5, 7.5),
        ("dar_death", 7, 10.5),
    ],
)
def test_rows_a_thousand_person_years(dataset: str, low: float, high: float) -> None:
    assert low < rate(frames(PERSONS)[dataset]) < high


def test_a_million_persons_make_about_five_million_episodes_and_eleven_million_dispensings() -> (
    None
):
    made = {name: one.height / PERSONS for name, one in frames(PERSONS).items()}

    assert 4 < made["npr_episode"] < 6
    assert 9 < made["lmr_dispensing"] < 12.5


@pytest.mark.parametrize(
    ("code", "ratio"), [("I21", (1.5, 3.0)), ("S72", (0.25, 0.6)), ("F32", (0.4, 0.75))]
)
def test_men_and_women_differ_as_they_should(code: str, ratio: tuple[float, float]) -> None:
    men, women = (rate(first_stays(code), sex=sex) for sex in ("male", "female"))

    assert ratio[0] < men / women < ratio[1]


@pytest.mark.parametrize("code", ["I21", "I63", "I50", "J44", "S72"])
def test_age_brings_illness(code: str) -> None:
    old = people().filter(pl.col("age").is_between(70, 85))
    middle = people().filter(pl.col("age").is_between(45, 60))
    stays = first_stays(code)
    rates = [
        stays.join(who, on="person", how="semi").height / who["years"].sum()
        for who in (old, middle)
    ]

    assert rates[0] > 2.5 * rates[1]


def test_a_first_infarction_is_followed_by_a_statin_within_four_months() -> None:
    """In most of those who took none before and live for five months."""
    stays = frames(PERSONS)["npr_episode"].filter(pl.col("main_dx") == "I21")
    first = stays.sort("in_date").group_by("person").first()
    first = first.filter((pl.col("urgency") == "acute") & (pl.col("in_date") >= date(2017, 1, 1)))
    first = first.join(people().select("person", "status_date"), on="person")
    first = first.filter((pl.col("status_date") - pl.col("in_date")).dt.total_days() > 150)
    statins = frames(PERSONS)["lmr_dispensing"].filter(pl.col("atc").str.starts_with("C10AA"))
    days = statins.join(first.select("person", "in_date"), on="person").select(
        "person", after=(pl.col("disp_date") - pl.col("in_date")).dt.total_days()
    )
    new = first.join(days.filter(pl.col("after") < 0), on="person", how="anti")
    treated = new.join(days.filter(pl.col("after") <= 120), on="person", how="semi")

    assert new.height > 200
    assert 0.75 < treated.height / new.height < 0.97


def test_cancer_that_has_spread_kills_and_cancer_that_has_not_seldom_does() -> None:
    dead = frames(PERSONS)["dar_death"]
    found = frames(PERSONS)["cancer"].filter(
        pl.col("site").is_in(["C50", "C18", "C20"])
        & (pl.col("diagnosis_date") < date(2018, 12, 31))
    )
    five = found.join(dead, on="person", how="left").with_columns(
        gone=((pl.col("death_date") - pl.col("diagnosis_date")).dt.total_days() < 1826).fill_null(
            value=False
        )
    )
    shares = dict(five.group_by("stage").agg(pl.col("gone").mean()).rows())

    assert shares["localised"] < 0.25
    assert shares["localised"] < shares["regional"] < shares["distant"]
    assert shares["distant"] > 0.6


def test_babies_of_mothers_who_smoke_are_two_hundred_grams_lighter() -> None:
    births = frames(PERSONS)["mfr_birth"]
    weight = dict(births.group_by("mother_smoking").agg(pl.col("birth_weight").mean()).rows())

    assert 150 < weight["no"] - weight["daily"] < 270
    assert weight["daily"] < weight["sometimes"] < weight["no"]
    assert 3350 < births["birth_weight"].mean() < 3600  # type: ignore[operator]  # a number
    assert 0.045 < (births["gestation_weeks"] < 37).mean() < 0.085


def test_smoking_in_pregnancy_has_gone_down() -> None:
    births = frames(PERSONS)["mfr_birth"].drop_nulls("mother_smoking")
    year = pl.col("birth_date").dt.year()
    daily = births.group_by(year).agg((pl.col("mother_smoking") == "daily").mean())
    shares = dict(daily.rows())

    assert shares[1999] > 0.2
    assert shares[2023] < 0.08


def test_infarction_and_pneumonia_are_illnesses_of_the_winter_and_allergy_of_the_spring() -> None:
    month = pl.col("in_date").dt.month()
    stays = frames(PERSONS)["npr_episode"].filter(pl.col("main_dx") == "J18")
    allergy = frames(PERSONS)["lmr_dispensing"].filter(pl.col("atc") == "R06AX27")
    bloom = allergy["disp_date"].dt.month()

    assert (
        stays.filter(month.is_in([12, 1, 2])).height
        > 1.25 * stays.filter(month.is_in([6, 7, 8])).height
    )
    assert bloom.is_in([4, 5, 6]).sum() > 2 * bloom.is_in([10, 11, 12]).sum()


def test_the_north_has_more_infarctions_than_the_capitals_suburbs() -> None:
    stays = first_stays("I21")
    north, suburbs = (
        people().filter(pl.col("county").is_in(codes)) for codes in (["18", "55", "56"], ["32"])
    )
    grown = [who.filter(pl.col("age").is_between(50, 80)) for who in (north, suburbs)]
    rates = [stays.join(who, on="person", how="semi").height / who["years"].sum() for who in grown]

    assert rates[0] > 1.1 * rates[1]


def test_new_medicines_take_the_place_of_old_ones() -> None:
    supplied = frames(PERSONS)["lmr_dispensing"]
    year = pl.col("disp_date").dt.year()
    counts = supplied.group_by(year.alias("year"), "atc").len()
    share = {
        (when, atc): counts.filter((pl.col("year") == when) & (pl.col("atc") == atc))["len"].sum()
        for when in (2014, 2023)
        for atc in ("B01AF02", "B01AA03", "A10BK03")
    }

    assert share[2023, "B01AF02"] > 2 * share[2014, "B01AF02"]
    assert share[2023, "B01AA03"] < share[2014, "B01AA03"]
    assert share[2023, "A10BK03"] > 2 * share[2014, "A10BK03"]


def test_covid_comes_in_2020_and_not_before() -> None:
    stays = frames(PERSONS)["npr_episode"].filter(pl.col("main_dx") == "U07")

    assert stays.height > 100
    assert stays["in_date"].min() >= date(2020, 2, 1)  # type: ignore[operator]  # a date


def test_those_with_more_schooling_earn_more_and_smoke_less() -> None:
    grown = people().filter(pl.col("age").is_between(30, 60))
    income = dict(grown.group_by("education").agg(pl.col("income").mean()).rows())
    births = frames(PERSONS)["mfr_delivery"].join(people(), on="person")
    smokes = dict(
        births.group_by("education").agg((pl.col("mother_smoking") == "daily").mean()).rows()
    )

    assert income["primary"] < income["secondary"] < income["long_tertiary"]
    assert smokes["primary"] > 2 * smokes["long_tertiary"]
