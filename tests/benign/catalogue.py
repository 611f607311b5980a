"""Every output of every study, in the order in which its authors would ask."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from tests.benign.outputs import Output
from tests.benign.studies import STUDIES, Study

__all__ = ["outputs"]


def outputs(project: Any, study: str) -> list[Output]:
    """What one study asks of its project."""
    return [Output(study, name, ask) for name, ask in _all(STUDIES[study](project))]


def _all(one: Study) -> Iterator[tuple[str, Any]]:
    yield from _tables(one)
    yield from _numbers(one)
    yield from _outcomes(one)
    if one.time:
        yield from _followed(one)
    if one.dated is not None:
        name, first, last = one.dated
        yield f"persons by year of {name}", lambda: one.cohort.trend(name, first, last)
        for outcome in one.outcomes[:1]:
            yield (
                f"share with {outcome} by year",
                lambda outcome=outcome: one.cohort.trend(name, first, last, of=outcome),
            )


def _tables(one: Study) -> Iterator[tuple[str, Any]]:
    cohort = one.cohort
    yield "persons", cohort.count
    for by in one.groups:
        yield f"persons by {by}", lambda by=by: cohort.crosstab(by)
    for row, column in combinations(one.groups, 2):
        yield f"{row} by {column}", lambda r=row, c=column: cohort.crosstab(r, c)
    yield (
        f"shares of {one.groups[1]} by {one.groups[0]}",
        lambda: cohort.shares(one.groups[0], one.groups[1]),
    )
    yield (
        f"{one.groups[0]} and {one.groups[1]}: independent?",
        lambda: cohort.chi_squared(one.groups[0], one.groups[1]),
    )


def _numbers(one: Study) -> Iterator[tuple[str, Any]]:
    cohort = one.cohort
    for number in one.numbers:
        yield f"{number} of all", lambda n=number: cohort.summary(n)
        for by in one.groups[:3]:
            yield f"{number} by {by}", lambda n=number, b=by: cohort.summary(n, by=b)
        yield f"box plot of {number}", lambda n=number: cohort.boxplot(n, by=one.groups[0])
        yield f"mean {number} by group", lambda n=number: cohort.describe(n, by=one.groups[1])
    if "age" in one.numbers:
        edges = list(range(20, 91, 10))
        yield "histogram of age", lambda: cohort.histogram("age", edges=edges)
        yield (
            "histogram of age by group",
            lambda: cohort.histogram("age", by=one.groups[0], edges=edges),
        )
    if len(one.numbers) > 1:
        yield "correlations", lambda: cohort.correlate(*one.numbers)
    yield f"test of {one.numbers[0]}", lambda: cohort.anova(one.numbers[0], by=one.groups[1])


def _outcomes(one: Study) -> Iterator[tuple[str, Any]]:
    cohort = one.cohort
    for outcome in one.outcomes:
        for by in one.groups[:3]:
            if by != outcome:
                yield (
                    f"share with {outcome} by {by}",
                    lambda o=outcome, b=by: cohort.proportion(o, by=b),
                )
        model = " + ".join(part for part in one.model.split(" + ") if part != outcome)
        yield f"logistic model of {outcome}", lambda o=outcome, m=model: cohort.logit(f"{o} ~ {m}")


def _followed(one: Study) -> Iterator[tuple[str, Any]]:
    cohort, time, event = one.cohort, one.time, one.event
    times = list(one.times)
    yield "survival", lambda: cohort.kaplan_meier(time, event, times=times)
    for by in one.groups[:2]:
        yield f"survival by {by}", lambda b=by: cohort.kaplan_meier(time, event, by=b, times=times)
    yield "cumulative hazard", lambda: cohort.nelson_aalen(time, event, times=times)
    yield "life table", lambda: cohort.life_table(time, event, times=times)
    for by in one.groups[:3]:
        yield f"rates by {by}", lambda b=by: cohort.incidence_rate(event, time, by=b)
    yield "log-rank test", lambda: cohort.logrank(time, event, by=one.groups[0])
    yield (
        "mean time lost",
        lambda: cohort.restricted_mean(time, event, by=one.groups[0], until=times[2]),
    )
    yield "Cox model", lambda: cohort.cox(time, event, one.model)
    yield "Cox model of age", lambda: cohort.cox(time, event, "age")
