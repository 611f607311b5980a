"""Rates: events by person-time, split by ages as they are passed and by calendar periods."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from disclosure.results import judge
from disclosure.results.rate_statistics import exact, mantel_haenszel, ratio, standardised
from tests.lib.engines import run
from tests.lib.followed import block, rules, same
from tests.lib.gate import policy
from tests.lib.plain_view import PlainView
from workbench.plan import Plan, Refusal, Schema, check, explain, nodes
from workbench.plan.check.standards import STANDARDS, weights

PERSON = nodes.Dataset(name="person")
TYPES = {
    "died": "boolean", "days": "integer", "age": "integer", "born": "date", "since": "date",
    "until": "date", "sex": "string",
}  # fmt: skip
POLARS = {"boolean": pl.Boolean, "integer": pl.Int64, "date": pl.Date, "string": pl.String}
DATED: dict[str, Any] = {"event": "died", "start": "since", "end": "until"}


def described(count: int) -> dict[str, Any]:
    columns = {
        name: {"type": kind, "label": {"en": name}, "unit": "", "minimum": None, "maximum": None,
               "codes": {"F": {"en": "F"}, "M": {"en": "M"}} if name == "sex" else None}
        for name, kind in TYPES.items()
    }  # fmt: skip
    person = {"registry": "r", "version": "1", "temporality": "FIXED", "kind": "person"}
    datasets = {"person": person | {"label": {"en": "Persons"}, "columns": columns}}
    return {"project": "alpha", "version": "v1", "persons": count, "datasets": datasets}


def evidence(rows: list[dict[str, Any]], **fields: Any) -> Any:
    """What the gate is told; the same whole and in buckets."""
    schema = {"person": pl.UInt32} | {name: POLARS[kind] for name, kind in TYPES.items()}
    blank = dict.fromkeys(TYPES)
    told = []
    for buckets in (1, 3):
        people = [blank | row | {"person": at} for at, row in enumerate(rows)]
        view = PlainView(
            {"person": pl.DataFrame(people, schema=schema)}, len(rows), buckets,
            description=described(len(rows)),
        )  # fmt: skip
        known = Schema.from_view(view.describe())
        asked = nodes.Rates(cohort=PERSON, **fields)
        told.append(run(check(Plan(analysis=asked), known), view, known).evidence)
    same(*told)
    return told[0]


def years(text: str) -> list[dict[str, Any]]:
    """A drawn group: person-years of each, + where it was alive at the end."""
    rows = []
    for line in text.strip().splitlines():
        group, _, told = line.partition(":")
        rows += [
            {"sex": group.strip(), "days": round(365.25 * float(one.removesuffix("+"))),
             "died": not one.endswith("+")}
            for one in told.split()
        ]  # fmt: skip
    return rows


def test_a_rate_is_events_by_person_years_with_exact_limits() -> None:
    rows = years("F: " + "4 " * 10 + "8+ " * 20)
    told = block(judge(evidence(rows, event="died", days="days", per=100), rules(3)), "rates")
    assert told.row(0) == (10, 200.0, 5.0, *(float(f"{one / 2:.5e}") for one in exact(10)))


def test_exact_limits_are_those_of_the_tables() -> None:
    """Garwood 1936; Ulm 1990."""
    assert [round(one, 3) for one in exact(10)] == [4.795, 18.390]
    assert [round(one, 3) for one in exact(0)] == [0.0, 3.689]


def test_time_is_split_where_an_age_or_a_year_begins() -> None:
    """Born 1 July 1950, followed from 1 January 1999 to 1 January 2001, when she dies:

                 1999            2000
    age 40–49    365 days        182 (until 1 July)
    age 50+        0             184, and the death
    """
    her = {"died": True, "born": date(1950, 7, 1), "since": date(1999, 1, 1),
           "until": date(2001, 1, 1)}  # fmt: skip
    found = evidence([her], **DATED, birth="born", ages=(40, 50), periods=(1999, 2000, 2001))
    assert found.days[0].tolist() == [[365, 182], [0, 184]]
    assert found.n.tolist() == [0, 0, 0, 0, 1]
    assert found.bands == ("40–49", "50+")
    assert found.periods == ("1999", "2000")


def test_who_is_born_on_29_february_is_a_year_older_on_1_march() -> None:
    him = {"died": False, "born": date(1960, 2, 29), "since": date(2010, 2, 20),
           "until": date(2010, 3, 11)}  # fmt: skip
    found = evidence([him], **DATED, birth="born", ages=(49, 50))
    assert found.days.ravel().tolist() == [9, 10]


def test_an_event_outside_the_ages_and_periods_is_of_no_stratum() -> None:
    him = {"died": True, "born": date(1950, 1, 1), "since": date(1989, 1, 1),
           "until": date(1992, 1, 1)}  # fmt: skip
    found = evidence([him], **DATED, birth="born", ages=(40,), periods=(1980, 1991))
    assert found.days.ravel().tolist() == [365]
    assert found.n.tolist() == [1, 0]


def test_person_time_is_that_of_counting_day_by_day() -> None:
    chance = np.random.default_rng(8)
    rows = []
    for _ in range(60):
        since = date(1998, 1, 1) + timedelta(days=int(chance.integers(1500)))
        rows.append(
            {"sex": "FM"[int(chance.integers(2))], "died": bool(chance.integers(2)),
             "born": date(1950, 1, 1) + timedelta(days=int(chance.integers(6000))),
             "since": since, "until": since + timedelta(days=int(chance.integers(-5, 1500)))}
        )  # fmt: skip
    ages, periods = (30, 40, 45), (1998, 2000, 2001, 2004)
    found = evidence(rows, **DATED, by=("sex",), birth="born", ages=ages, periods=periods)
    days = np.zeros((2, 3, 3))
    events = np.zeros((2, 3, 3))
    for row in rows:
        for step in range((row["until"] - row["since"]).days):
            day = row["since"] + timedelta(days=step)
            born = row["born"]
            age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
            band = sum(age >= edge for edge in ages) - 1
            period = sum(day.year >= edge for edge in periods) - 1
            if band < 0 or not 0 <= period < 3:
                continue
            place = ("FM".index(row["sex"]), band, period)
            days[place] += 1
            last = day == row["until"] - timedelta(days=1)
            events[place] += row["died"] and last
    assert np.array_equal(found.days, days)
    assert np.array_equal(found.n.reshape(2, 10)[:, 1:].reshape(2, 3, 3), events)


# British doctors, coronary deaths of smokers and others by age (Doll & Hill 1966, Rothman 1986).
DOCTORS = np.array([[2, 12, 28, 28, 31], [32, 104, 206, 186, 102]])
AT_RISK = np.array(
    [[18790, 10673, 5710, 2585, 1462], [52407, 43248, 28612, 12663, 5317]], dtype=np.float64
)


def test_rate_ratios_of_a_published_study() -> None:
    """Stata's `ir` gives 1.424682 (1.154703, 1.757784) over ages, 1.719823 without them."""
    assert mantel_haenszel(DOCTORS, AT_RISK) == pytest.approx((1.424682, 1.154703, 1.757784), 1e-6)
    crude = ratio(DOCTORS.sum(axis=1).tolist(), AT_RISK.sum(axis=1).tolist())
    assert crude[0] == pytest.approx(1.719823, 1e-6)


def test_a_standardised_rate_has_the_limits_of_fay_and_feuer() -> None:
    share = weights("segi_world", (35, 45, 55, 65, 75))
    events, time = DOCTORS[1].astype(float), AT_RISK[1]
    (value, lower, upper), variance = standardised(events, time, share)
    assert value == pytest.approx(float((np.array(share) * events / time).sum()), rel=1e-12)
    widest = max(np.array(share) / time)
    assert lower == pytest.approx(
        variance / (2 * value) * stats.chi2.ppf(0.025, 2 * value**2 / variance), rel=1e-9
    )
    more, spread = value + widest, variance + widest**2
    assert upper == pytest.approx(
        spread / (2 * more) * stats.chi2.ppf(0.975, 2 * more**2 / spread), rel=1e-9
    )


def test_standard_populations_are_whole() -> None:
    sums = {name: round(sum(one), 2) for name, one in STANDARDS.items()}
    assert sums == {
        "european_2013": 100_000, "european_1976": 100_000, "who_world": 100.03,
        "segi_world": 100_000, "nordic_2000": 100_000,
    }  # fmt: skip
    assert weights("european_2013", (0, 65)) == pytest.approx((0.805, 0.195))


def grouped(counts: dict[str, tuple[int, int]], age: int, sex: str = "F") -> list[dict[str, Any]]:
    """died, alive: so many persons of a year each."""
    died, alive = counts[sex]
    return [{"sex": sex, "age": age, "days": 365, "died": at < died} for at in range(died + alive)]


def people(table: dict[int, dict[str, tuple[int, int]]]) -> list[dict[str, Any]]:
    return [row for age, counts in table.items() for sex in counts
            for row in grouped(counts, age, sex)]  # fmt: skip


TABLE = {
    30: {"F": (20, 300), "M": (30, 300)},
    50: {"F": (40, 200), "M": (50, 200)},
    70: {"F": (60, 100), "M": (70, 100)},
}


def test_a_stratum_needs_ten_with_the_event_and_ten_without() -> None:
    table = TABLE | {50: {"F": (4, 200), "M": (50, 5)}}
    fields: dict[str, Any] = {"event": "died", "days": "days", "age": "age", "ages": (0, 40, 60)}
    judged = judge(evidence(people(table), **fields, by=("sex",)), policy())
    told = block(judged, "rates")
    assert told.filter(pl.col("events").is_null())["age"].to_list() == ["40–59", "40–59"]
    assert [one.rule for one in judged.findings] == ["rates"]
    assert [one.name for one in judged.blocks] == ["rates"]


def test_everybody_dead_in_a_short_stratum_is_not_told() -> None:
    table = {30: {"F": (20, 300)}, 70: {"F": (25, 0)}}
    fields: dict[str, Any] = {"event": "died", "days": "days", "age": "age", "ages": (0, 60)}
    told = block(judge(evidence(people(table), **fields), policy()), "rates")
    assert told["events"].to_list() == [20, None]


def test_time_that_is_mostly_one_persons_own_is_not_told() -> None:
    rows = [{"sex": "F", "days": 40, "died": at < 20} for at in range(60)]
    rows += [{"sex": "F", "days": 9000, "died": False}]
    assert judge(evidence(rows, event="died", days="days"), policy()).blocks == ()


def test_person_years_are_rounded_so_that_the_longest_stays_open() -> None:
    """The longest was followed for 9 years; a tenth is 0.9: ± 5 leaves that open, ± 0.5 not."""
    rows = [{"sex": "F", "days": 3287 if at % 2 else 3000, "died": at < 99} for at in range(999)]
    told = block(judge(evidence(rows, event="died", days="days"), policy()), "rates")
    assert told["person_years"].to_list() == [8600.0]


def test_ages_are_joined_until_all_may_be_told_before_they_are_weighted() -> None:
    table = TABLE | {50: {"F": (4, 200), "M": (50, 200)}}
    fields: dict[str, Any] = {
        "event": "died", "days": "days", "age": "age", "ages": (0, 40, 60),
        "standard": "european_2013", "by": ("sex",),
    }  # fmt: skip
    judged = judge(evidence(people(table), **fields), policy())
    assert block(judged, "rates")["age"].unique(maintain_order=True).to_list() == ["0–39", "40+"]
    young, old = 20 / 319.8, 64 / 363.7
    share = weights("european_2013", (0, 40))
    told = block(judged, "standardised")["standardised_rate"][0]
    assert told == pytest.approx(1000 * (share[0] * young + share[1] * old), rel=1e-3)


def test_observed_and_expected_need_only_all_ages_together() -> None:
    table = {30: {"F": (4, 300)}, 70: {"F": (16, 100)}}
    fields: dict[str, Any] = {"event": "died", "days": "days", "age": "age", "ages": (0, 60)}
    judged = judge(evidence(people(table), **fields, reference=(0.01, 0.1)), policy())
    expected = (304 * 0.01 + 116 * 0.1) * 365 / 365.25
    assert block(judged, "rates")["events"].to_list() == [20]
    told = block(judged, "expected").row(0)
    assert told[:2] == (20, round(expected, 1))
    assert told[2] == pytest.approx(20 / round(expected, 1), rel=1e-5)


@pytest.mark.parametrize(
    ("fields", "code", "told"),
    [
        ({"event": "sex", "days": "days"}, "type_mismatch", 'frame.sex == "…"'),
        ({"event": "died", "days": "since"}, "type_mismatch", "days_since"),
        ({"event": "died", "start": "days", "end": "until"}, "type_mismatch", 'days="days"'),
        ({"event": "died", "days": "days", "by": ("died",)}, "same_dimension_twice", 'by="sex"'),
        (
            {
                "event": "died",
                "days": "days",
                "age": "age",
                "ages": (0, 42),
                "standard": "who_world",
            },
            "bad_ages",
            "0, 5, 10",
        ),
    ],
)
def test_misuse_is_refused_with_what_to_write(fields: Any, code: str, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=nodes.Rates(cohort=PERSON, **fields)), Schema.from_view(described(3)))
    assert refused.value.code == code
    assert told in refused.value.remedy


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"days": "days", "start": "since"},
        {"days": "days", "ages": (40,)},
        {"days": "days", "age": "age", "ages": (60, 40)},
        {"days": "days", "periods": (2000, 2005)},
        {"days": "days", "standard": "who_world"},
        {"days": "days", "age": "age", "ages": (0, 40), "reference": (0.1,)},
    ],
)
def test_what_does_not_fit_together_is_malformed(fields: Any) -> None:
    with pytest.raises(ValueError, match="Rates"):
        nodes.Rates(cohort=PERSON, event="died", **fields)


def test_the_plan_in_words() -> None:
    asked = nodes.Rates(
        cohort=PERSON, **DATED, by=("sex",), birth="born", ages=(40, 60), standard="nordic_2000"
    )
    assert explain(Plan(analysis=asked)) == (
        "Rate of died per 1000 person-years over the time from since to until by sex and age (from "
        "born) in bands from 40, 60, standardised to nordic_2000, among person."
    )
