"""How numbers go together: correlations, components, clusters; against numpy and scipy."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from disclosure.results import judge
from tests.lib.engines import run
from tests.lib.followed import block, rules
from tests.lib.plain_view import PlainView, described, frame
from workbench.plan import Plan, Refusal, Schema, check, explain, nodes

PERSON = nodes.Dataset(name="person")
NAMES = ("age", "weight", "region")
Rows = list[dict[str, Any]]


def people(count: int = 400, seed: int = 3) -> Rows:
    chance = np.random.default_rng(seed)
    age = chance.integers(20, 90, count)
    return [
        {"person": at, "age": int(age[at]), "weight": float(50 + age[at] / 3 + noise),
         "region": int(region)}
        for at, (noise, region) in enumerate(
            zip(chance.normal(0, 8, count), chance.integers(1, 4, count), strict=True)
        )
    ]  # fmt: skip


def judged(analysis: nodes.Analysis, rows: Rows, t: int = 10) -> Any:
    """The gate's word on it, the same (to 1e-9) whole and in buckets of a shuffled view."""
    found = []
    order = np.random.default_rng(1).permutation(len(rows)).tolist()
    for buckets, ids in ((1, list(range(len(rows)))), (4, order)):
        placed = [row | {"person": at} for row, at in zip(rows, ids, strict=True)]
        frames = {"person": frame("person", placed), "visit": frame("visit", [])}
        view = PlainView(frames, len(rows), buckets)
        schema = Schema.from_view(view.describe())
        checked = check(Plan(analysis=analysis), schema)
        found.append(judge(run(checked, view, schema).evidence, rules(t)))
    one, other = found
    for left, right in zip(one.blocks, other.blocks, strict=True):
        for a, b in zip(left.rows, right.rows, strict=True):
            assert [x if isinstance(x, str) else pytest.approx(x, rel=1e-9) for x in a] == list(b)
    return one


def refused(analysis: nodes.Analysis, rows: Rows, t: int = 10) -> str:
    found = judged(analysis, rows, t)
    assert not found.blocks
    assert all(one.text["nb"] and one.remedy["nb"] for one in found.findings)
    return found.findings[0].text["en"]


def matrix(found: Any) -> np.ndarray[Any, Any]:
    return block(found, "matrix").drop("variable").to_numpy()


def array(rows: Rows) -> np.ndarray[Any, Any]:
    return np.array([[float(row[name]) for name in NAMES] for row in rows])


DIGITS = 0.00501
"""Half of the last decimal that a correlation of 400 persons has."""


def correlations(**more: Any) -> nodes.Correlations:
    return nodes.Correlations(cohort=PERSON, variables=NAMES, **more)


def test_pearsons_correlations_and_their_limits() -> None:
    found = judged(correlations(), people())
    x = array(people())
    expected = stats.pearsonr(x[:, 0], x[:, 1])
    pair = block(found, "pairs").row(0, named=True)

    assert matrix(found) == pytest.approx(np.corrcoef(x.T), abs=DIGITS)
    assert pair["value"] == round(expected.statistic, 2)
    interval = expected.confidence_interval()
    assert (pair["low"], pair["high"]) == pytest.approx(tuple(interval), abs=DIGITS)
    t = pair["value"] * ((400 - 2) / (1 - pair["value"] ** 2)) ** 0.5
    told = float(2 * stats.t.sf(abs(t), 400 - 2))
    assert pair["p"] == pytest.approx(max(told, 1e-16), rel=1e-2), "of the rounded correlation"


def test_a_correlation_has_digits_that_leave_one_person_open() -> None:
    """Of 400 persons one is some hundredths of a spread; of 100 times as many, some 10,000ths."""
    found = [
        judged(correlations(), [row | {"person": 400 * at + row["person"]} for at in range(times)
                                for row in people()])
        for times in (1, 50)
    ]  # fmt: skip
    few, many = (block(one, "pairs").row(0, named=True)["value"] for one in found)
    assert (few, many) == (0.62, 0.6229)


def test_spearmans_correlations_of_ranks_with_ties() -> None:
    found = judged(correlations(method="spearman"), people())
    expected = stats.spearmanr(array(people())).statistic

    assert matrix(found) == pytest.approx(expected, abs=DIGITS)


def test_covariances() -> None:
    found = judged(nodes.Covariances(cohort=PERSON, variables=NAMES), people())

    expected = np.cov(array(people()).T)
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.abs(matrix(found) - expected).max() <= (DIGITS * scale).max()


def test_only_complete_cases_take_part() -> None:
    rows = people()
    lacking = [row | {"weight": None} if row["person"] < 50 else row for row in rows]
    found = judged(correlations(), lacking)

    assert block(found, "persons")["persons"].to_list() == [350]


def test_principal_components_explain_all_of_the_variance() -> None:
    found = judged(nodes.Components(cohort=PERSON, variables=NAMES), people())
    values = np.sort(np.linalg.eigvalsh(np.corrcoef(array(people()).T)))[::-1]

    told = block(found, "explained")["eigenvalue"].to_list()
    assert told == pytest.approx(values, abs=3 * DIGITS)
    assert block(found, "explained")["cumulative"].to_list()[-1] == 1
    loadings = block(found, "loadings").drop("variable").to_numpy()
    assert loadings.T @ loadings == pytest.approx(np.eye(3), abs=1e-3)


def blobs(sizes: tuple[int, ...] = (200, 120, 80)) -> Rows:
    chance, rows = np.random.default_rng(5), []
    for at, size in enumerate(sizes):
        ages = chance.normal(25 + 25 * at, 3, size)
        weights = chance.normal(50 + 20 * at, 3, size)
        rows += [
            {"person": len(rows) + i, "age": int(a), "weight": float(w)}
            for i, (a, w) in enumerate(zip(ages, weights, strict=True))
        ]
    return rows


def test_clusters_are_found_where_they_are() -> None:
    asked = nodes.Clusters(cohort=PERSON, variables=("age", "weight"), count=3)
    found = judged(asked, blobs())
    centres = block(found, "centres")

    assert centres["share"].to_list() == [50, 30, 20]
    assert centres["age"].to_list() == pytest.approx([25, 50, 75], abs=1.5)
    assert centres["weight"].to_list() == pytest.approx([50, 70, 90], abs=1.5)
    assert block(found, "fit")["explained"].to_list()[0] > 0.95


def test_a_small_cluster_is_refused() -> None:
    asked = nodes.Clusters(cohort=PERSON, variables=("age", "weight"), count=3)

    assert "cluster holds fewer than 90" in refused(asked, blobs((200, 120, 80)), t=30)


def test_one_person_far_away_is_found_out() -> None:
    """A vector that marks one person: its covariance with any variable would be that person's."""
    rows = people()
    rows[7] |= {"weight": 90_000.0}

    assert "One person makes up most of the spread" in refused(correlations(), rows)


def test_a_flag_that_few_persons_bear_is_refused() -> None:
    rows = [row | {"region": 2 if row["person"] < 6 else 1} for row in people()]

    assert "Fewer than 10 persons hold" in refused(correlations(), rows)


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_two_flags_with_a_small_cell_between_them_are_refused(method: str) -> None:
    """age      0    1
    region 1   197    3
           2   100  100     three persons would follow from the correlation and the margins
    """
    cells = [(0, 1)] * 197 + [(1, 1)] * 3 + [(0, 2)] * 100 + [(1, 2)] * 100
    rows = [{"person": at, "age": a, "region": r} for at, (a, r) in enumerate(cells)]
    asked = nodes.Correlations(cohort=PERSON, variables=("age", "region"), method=method)

    assert "age × region" in refused(asked, rows)


def test_two_names_for_one_number_are_refused() -> None:
    rows = [row | {"weight": 2.0 * row["age"]} for row in people()]

    assert "one and the same" in refused(correlations(), rows)


def test_more_variables_than_a_tenth_of_the_persons_are_refused() -> None:
    assert "at least 30 persons" in refused(correlations(), people(25), t=3)


def test_too_many_values_cannot_be_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.engine.analyses.associations.DISTINCT", 20)
    with pytest.raises(Exception, match="Round it first"):
        judged(correlations(method="spearman"), people())


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        (("age", "sex"), "type_mismatch"),
        (("age", "age"), "same_variable_twice"),
        (("age", "wieght"), "unknown_name"),
    ],
)
def test_what_is_no_number_is_refused_before_it_is_run(
    variables: tuple[str, ...], code: str
) -> None:
    asked = nodes.Correlations(cohort=PERSON, variables=variables)
    with pytest.raises(Refusal) as refusal:
        check(Plan(analysis=asked), Schema.from_view(described(10)))
    assert refusal.value.code == code


def test_the_plan_says_what_is_asked() -> None:
    assert "correlations (Pearson) of age, weight and region" in explain(
        Plan(analysis=correlations())
    )
