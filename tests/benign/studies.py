"""The cohorts of tutorial studies and of papers as registries publish them.

Each is a person frame with the variables that its tables are about.
"""

from dataclasses import dataclass
from typing import Any

__all__ = ["STUDIES", "Study"]


@dataclass(frozen=True)
class Study:
    """groups: categories; numbers; outcomes: yes or no; time, event: of follow-up; dated: a date
    variable with the first and last year of its trend. model: the usual right-hand side."""

    cohort: Any
    groups: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    time: str = ""
    event: str = ""
    dated: tuple[str, int, int] | None = None
    model: str = "age + sex"
    times: tuple[int, ...] = (365, 730, 1095, 1460, 1825)


def statins(p: Any) -> Study:
    """New users of statins after an infarction."""
    people, stays, drugs = p["population"], p["npr_episode"], p["lmr_dispensing"]
    infarctions = stays.filter(stays.main_dx == "I21", stays.urgency == "acute")
    statin = drugs.filter(drugs.atc.str.starts_with("C10AA"))
    one = people.with_columns(admitted=infarctions.min("in_date"))
    one = one.filter(one.admitted.is_between("2015-01-01", "2021-12-31"))
    one = one.with_columns(
        age=one.age_at(one.admitted),
        before=statin.before(one.admitted, days=365).exists(),
        statin=statin.after(one.admitted, days=90).exists(),
        start=one.admitted.dt.add_days(90),
        died_on=p["dar_death"]["death_date"],
    )
    one = one.with_follow_up(
        "start", event="died_on", censored=["status_date"], names=("exit", "days", "died")
    )
    one = one.filter(~one.before, one.age.is_between(30, 89), one.days > 0)
    one = one.with_columns(age_group=one.age.bins([50, 60, 70, 80]))
    return Study(
        one,
        ("statin", "sex", "age_group", "education"),
        ("age", "days"),
        ("died",),
        "days",
        "died",
        ("admitted", 2015, 2021),
        "statin + age + sex",
    )


def breast(p: Any) -> Study:
    """Survival in breast cancer."""
    people, cancer, deaths = p["population"], p["cancer"], p["dar_death"]
    found = cancer.filter(cancer.site == "C50").sort("diagnosis_date")
    one = people.filter(people.sex == "female").with_columns(
        diagnosed=found.first("diagnosis_date"),
        stage=found.first("stage"),
        died_on=deaths.death_date,
    )
    one = one.filter(one.diagnosed >= "2014-01-01", one.stage != "unknown")
    one = one.with_columns(age=one.age_at(one.diagnosed))
    one = one.with_follow_up(
        "diagnosed", event="died_on", censored=["status_date"], names=("exit", "days", "died")
    )
    one = one.with_columns(spread=one.stage != "localised", age_group=one.age.bins([50, 60, 70]))
    return Study(
        one,
        ("spread", "age_group", "education"),
        ("age", "days"),
        ("died", "spread"),
        "days",
        "died",
        ("diagnosed", 2014, 2023),
        "age + spread",
        (730, 1460, 2190),
    )


def births(p: Any) -> Study:
    """Birth weight and smoking."""
    born = p["mfr_birth"]
    one = born.filter(
        born.mother_smoking.is_not_null(), born.mother_age.is_not_null(), born.parity.is_not_null()
    ).with_columns(
        daily=born.mother_smoking == "daily",
        low_weight=born.birth_weight < 2500,
        preterm=born.gestation_weeks < 37,
        first_child=born.parity == 0,
        age_group=born.mother_age.bins([25, 30, 35]),
    )
    return Study(
        one,
        ("daily", "age_group", "first_child"),
        ("birth_weight", "gestation_weeks", "mother_age"),
        ("low_weight", "preterm"),
        dated=("birth_date", 1999, 2023),
        model="daily + mother_age + first_child",
    )


def rates(p: Any) -> Study:
    """Infarctions by health region."""
    people, stays = p["population"], p["npr_episode"]
    acute = stays.filter(stays.main_dx == "I21", stays.urgency == "acute")
    one = people.with_columns(
        region=people.municipality.code.health_region(),
        age=people.age_at("2015-01-01"),
        infarction=acute.min("in_date"),
    )
    one = one.filter(one.age.is_between(30, 89), p["residence"].min("from_date") <= "2015-01-01")
    one = one.with_follow_up("2015-01-01", event="infarction", censored=["status_date"])
    one = one.filter(one.time > 0).with_columns(age_group=one.age.bins([50, 60, 70, 80]))
    return Study(
        one,
        ("region", "sex", "age_group", "education"),
        ("age", "time"),
        ("event",),
        "time",
        "event",
        ("infarction", 2015, 2023),
        "age + sex + region",
    )


def anticoagulants(p: Any) -> Study:
    """From warfarin to apixaban."""
    people, drugs = p["population"], p["lmr_dispensing"]
    both = drugs.filter(drugs.atc.is_in(["B01AA03", "B01AF02"])).sort("disp_date")
    one = people.with_columns(began=both.first("disp_date"), first_drug=both.first("atc"))
    one = one.filter(one.began >= "2015-01-01").with_columns(
        apixaban=one.first_drug == "B01AF02", age=one.age_at(one.began)
    )
    one = one.with_columns(
        age_group=one.age.bins([65, 75, 85]),
        year=one.began.dt.year() - 2015,
        doses=both.after(one.began, days=365).sum("ddd").clip(0, 730),
    )
    return Study(
        one,
        ("apixaban", "sex", "age_group", "education"),
        ("age", "doses"),
        ("apixaban",),
        dated=("began", 2015, 2023),
        model="year + age + sex",
    )


def copd(p: Any) -> Study:
    """Mortality after COPD: a matched cohort."""
    people, stays, deaths = p["population"], p["npr_episode"], p["dar_death"]
    known = people.with_columns(
        index=stays.filter(stays.main_dx == "J44").min("in_date"),
        born=people.birth_date.dt.year(),
        died_on=deaths.death_date,
    )
    cases = known.filter(known.index.is_between("2015-01-01", "2020-12-31"))
    cases = cases.filter(cases.age_at(cases.index).is_between(45, 84))
    controls = known.filter(known.index.is_null())
    one = cases.matched(
        controls, exact=["sex"], calipers={"born": 1}, ratio=4, carry=["index"], seed=2024
    )
    one = one.with_columns(age=one.age_at(one.index))
    one = one.with_follow_up(
        "index", event="died_on", censored=["status_date"], names=("exit", "days", "died")
    )
    one = one.filter(one.days > 0)
    one = one.with_columns(age_group=one.age.bins([60, 70, 80]))
    return Study(
        one,
        ("case", "sex", "age_group", "education"),
        ("age", "days"),
        ("died",),
        "days",
        "died",
        model="case + age + sex",
    )


def oslo(p: Any) -> Study:
    """The municipality doctor's dashboard."""
    people, stays, deaths = p["population"], p["npr_episode"], p["dar_death"]
    one = people.filter(people.municipality == "0301").with_columns(
        died_on=deaths.death_date, age=people.age_at("2023-01-01")
    )
    one = one.with_columns(age_group=one.age.bins([20, 40, 60, 80]))
    one = one.filter(one.status_date >= "2023-01-01", one.age >= 0)
    acute = stays.filter(stays.urgency == "acute").window("2023-01-01", "2024-01-01", on="in_date")
    one = one.with_columns(acute=acute.exists())
    return Study(one, ("age_group", "sex", "education"), ("age",), ("acute",))


def cancers(p: Any) -> Study:
    """New cancers by site, as a cancer registry's annual report has them."""
    people, cancer = p["population"], p["cancer"]
    first = cancer.sort("diagnosis_date")
    one = people.with_columns(
        diagnosed=first.first("diagnosis_date"),
        site=first.first("site"),
        stage=first.first("stage"),
    )
    one = one.filter(one.diagnosed >= "2014-01-01")
    one = one.with_columns(age=one.age_at(one.diagnosed))
    one = one.with_columns(age_group=one.age.bins([50, 60, 70, 80]), spread=one.stage == "distant")
    return Study(
        one,
        ("site", "sex", "stage", "age_group"),
        ("age",),
        ("spread",),
        dated=("diagnosed", 2014, 2023),
        model="age + sex",
    )


def fractures(p: Any) -> Study:
    """Hip fractures and the year after."""
    people, stays, deaths = p["population"], p["npr_episode"], p["dar_death"]
    hip = stays.filter(stays.main_dx == "S72").sort("in_date")
    one = people.with_columns(
        broke=hip.first("in_date"), los=hip.first("los"), died_on=deaths.death_date
    )
    one = one.filter(one.broke.is_between("2014-01-01", "2022-12-31"))
    one = one.with_columns(age=one.age_at(one.broke))
    one = one.with_follow_up(
        "broke", event="died_on", censored=["status_date"], names=("exit", "days", "died")
    )
    one = one.with_columns(age_group=one.age.bins([65, 75, 85]), long_stay=one.los >= 7)
    return Study(
        one,
        ("sex", "age_group", "education"),
        ("age", "los"),
        ("died", "long_stay"),
        "days",
        "died",
        ("broke", 2014, 2022),
    )


def strokes(p: Any) -> Study:
    """Stroke and earlier heart disease."""
    people, stays, deaths = p["population"], p["npr_episode"], p["dar_death"]
    stroke = stays.filter(stays.main_dx == "I63")
    heart = stays.filter(stays.main_dx.is_in(["I20", "I21", "I25", "I48", "I50"]))
    one = people.with_columns(stroke_on=stroke.min("in_date"), died_on=deaths.death_date)
    one = one.filter(one.stroke_on.is_not_null())
    one = one.with_columns(
        age=one.age_at(one.stroke_on), heart=heart.before(one.stroke_on, on="in_date").exists()
    )
    one = one.with_follow_up(
        "stroke_on", event="died_on", censored=["status_date"], names=("exit", "days", "died")
    )
    one = one.with_columns(age_group=one.age.bins([60, 70, 80]))
    return Study(
        one,
        ("heart", "sex", "age_group", "education"),
        ("age", "days"),
        ("died",),
        "days",
        "died",
        ("stroke_on", 2014, 2023),
        "heart + age + sex",
    )


STUDIES = {
    "statins after an infarction": statins,
    "survival in breast cancer": breast,
    "birth weight and smoking": births,
    "infarctions by region": rates,
    "from warfarin to apixaban": anticoagulants,
    "mortality after COPD": copd,
    "a municipality's dashboard": oslo,
    "new cancers": cancers,
    "hip fractures": fractures,
    "strokes": strokes,
}
