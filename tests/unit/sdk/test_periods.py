"""Episodes, follow-up and exposure in a notebook's words."""

import pytest

import workbench.sdk as wb
from workbench.plan import nodes
from workbench.sdk.frames import EventFrame, PersonFrame


@pytest.fixture
def followed(person: PersonFrame) -> PersonFrame:
    dated = person.with_columns(index=person.birth.dt.add_years(20))
    return dated.with_columns(exit=dated.index.dt.add_years(5))


def test_episodes_say_how_they_were_made(visit: EventFrame) -> None:
    made = visit.with_columns(out=visit.date.dt.add_days(30)).episodes("date", "out", gap=14)

    assert made.explain() == (
        "episodes (date to out, rows at most 14 days apart merged) of visit with "
        "out = 30 days after date"
    )


def test_person_time_is_split_and_summed(followed: PersonFrame, visit: EventFrame) -> None:
    time = followed.follow_up("index", "exit", keep=["sex"])
    time = time.split(since=followed.birth, age=[21, 23]).split_calendar(period=[2000])
    time = time.exposed(treated=visit.episodes(gap=30))
    cohort = followed.with_columns(days=time.total(time.treated, time.age == "21–<23"))

    assert isinstance(cohort._node, nodes.Derive)
    assert {"start", "end", "days", "sex", "age", "period", "treated"} <= set(dir(time))
    assert cohort._type.columns["days"].kind == "integer"


def test_a_band_that_is_not_there_gets_the_nearest(followed: PersonFrame) -> None:
    time = followed.follow_up("index", "exit").split(since=followed.birth, age=[21, 23])

    with pytest.raises(wb.Refused) as refused:
        time.filter(time.age == "21-<23")
    assert "“21–<23”" in refused.value.remedy


def test_follow_up_ends_at_the_earliest_and_tells_the_event(person: PersonFrame) -> None:
    cohort = person.with_columns(death=person.birth.dt.add_years(60)).with_follow_up(
        "birth", event="death", censored=["2020-12-31"]
    )
    node = cohort._node

    assert isinstance(node, nodes.Derive)
    assert [one.name for one in node.columns] == ["time", "event"]
    assert "exit = the least of death, 2020-12-31" in cohort.explain()


def test_follow_up_needs_an_end(person: PersonFrame) -> None:
    with pytest.raises(wb.Refused):
        person.with_follow_up("birth", event="birth", censored=[])


def test_edges_out_of_order_are_told_on_the_line(followed: PersonFrame) -> None:
    time = followed.follow_up("index", "exit")
    with pytest.raises(wb.Refused) as refused:
        time.split_calendar(period=[2010, 2000])

    assert "ascend" in refused.value.remedy


def test_one_split_has_one_name(followed: PersonFrame) -> None:
    with pytest.raises(wb.Refused):
        followed.follow_up("index", "exit").split_calendar()


def test_exposure_is_told_by_periods(followed: PersonFrame, visit: EventFrame) -> None:
    time = followed.follow_up("index", "exit")

    with pytest.raises(wb.Refused) as refused:
        time.exposed(treated=visit)
    assert ".episodes(" in refused.value.remedy


def test_codes_are_rolled_up(person: PersonFrame) -> None:
    cohort = person.with_columns(
        chapter=person.place.code.icd10_chapter(), group=person.place.code.atc(2)
    )

    assert cohort.explain() == (
        "person with chapter = the ICD-10 chapter of place, "
        "group = the ATC subgroup (level 2) of place"
    )
    assert cohort.codes("chapter")["IX"].startswith("IX ")


def test_an_unknown_level_is_refused(person: PersonFrame) -> None:
    with pytest.raises(wb.Refused):
        person.place.code.atc(6)  # type: ignore[arg-type]


def test_controls_are_matched_to_cases(person: PersonFrame, visit: EventFrame) -> None:
    cases = person.filter(visit.exists()).with_columns(index=visit.min("date"))
    cohort = cases.matched(
        person, exact=["sex"], calipers={"age": 2}, ratio=4, carry=["index"], seed=7
    )

    assert {"case", "sets", "index", "sex"} <= set(dir(cohort))
    assert cohort.explain() == (
        "the cases person where any row of visit with index = the least date of visit and up to 4 "
        "controls each with the same sex and age within 2 (nobody twice, lots drawn from 7), who "
        "have index from their case among person"
    )


def test_matching_on_nothing_is_told_on_the_line(person: PersonFrame) -> None:
    with pytest.raises(wb.Refused) as refused:
        person.matched(person)

    assert "exact" in refused.value.remedy


def test_a_link_leads_to_the_mother_and_back(person: PersonFrame, visit: EventFrame) -> None:
    hers = person.linked("mother")
    children = hers.with_columns(visits=visit.count(), siblings=hers.count() - 1).back()

    assert isinstance(children, PersonFrame)
    assert {"visits", "siblings", "sex"} <= set(dir(children))
    assert "income" not in dir(children)
    assert "as their mother’s" in children.explain()


def test_a_link_that_is_not_declared_gets_the_nearest(person: PersonFrame) -> None:
    with pytest.raises(wb.Refused) as refused:
        person.linked("mothers")

    assert '"mother"' in refused.value.remedy
