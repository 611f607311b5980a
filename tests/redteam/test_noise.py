"""Attackers on answers with noise: what one person moves is bounded, and what is seen tells little.

The bound: an answer of cost ρ lets nobody tell two neighbouring data sets apart with a better
chance than 1/2 + √(ρ/2) / 2 (Pinsker's inequality; zCDP bounds the Kullback–Leibler divergence).
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from disclosure.privacy import private
from disclosure.privacy.evidence import (
    DistributionEvidence,
    KeysEvidence,
    ModelEvidence,
    MomentsEvidence,
)
from disclosure.privacy.mechanisms import gaussian, noisy_counts, noisy_keys
from disclosure.tables import TableEvidence
from tests.lib.drawn import PERSON_FRAME, col, compare, val
from tests.lib.engine_world import World
from tests.lib.engines import run
from tests.lib.every_answer import opened
from tests.lib.gate import policy
from tests.lib.one_table import table_view
from workbench.domain.errors import Refusal
from workbench.plan import Plan, Schema, check, nodes
from workbench.plan.errors import Refusal as PlanRefusal

RHO = Fraction(1, 2)
ONCE_IN_A_BILLION = math.log(1e9)
TABLE = nodes.Dataset(name="person")
HALF = nodes.Limits(variable="x", low=-3, high=5)
MODEL = nodes.Design(
    terms=(
        nodes.Term(factors=(nodes.Number(variable="x"),)),
        nodes.Term(factors=(nodes.Category(variable="g"),)),
        nodes.Term(factors=(nodes.Number(variable="x"), nodes.Category(variable="g"))),
    )
)
ASKED: dict[str, tuple[type[nodes.AnalysisNode], dict[str, Any]]] = {
    "count": (nodes.DpCount, {"by": ("g",)}),
    "crosstab": (nodes.DpCrosstab, {"by": ("g", "b")}),
    "histogram": (nodes.DpHistogram, {"variable": "x", "by": ("g",), "edges": (-1, 0, 2)}),
    "totals": (nodes.DpTotals, {"variable": "x", "by": ("g",), "low": -3, "high": 5}),
    "describe": (nodes.DpDescribe, {"variable": "x", "by": ("g",), "low": -3, "high": 5}),
    "described integers": (nodes.DpDescribe, {"variable": "i", "low": -7, "high": 12}),
    "quantiles": (nodes.DpQuantiles, {"variable": "x", "by": ("g",), "low": -3, "high": 5}),
    "regression": (
        nodes.DpRegression,
        {"outcome": "y", "design": MODEL,
         "bounds": (HALF, nodes.Limits(variable="y", low=0, high=1))},
    ),
}  # fmt: skip
ODD = [0.0, -3.0, 5.0, 1e308, -1e308, math.inf, -math.inf, math.nan, None, 1e-300, 4.99999999]


def moved(evidence: Any) -> list[tuple[NDArray[np.int64], float]]:
    """What noise is added to, part by part, with what one person may move it by."""
    if isinstance(evidence, TableEvidence):
        return [(evidence.n.ravel(), 1.0)]
    if isinstance(evidence, MomentsEvidence):
        found = [(evidence.n, 1.0), (evidence.first, float(evidence.unit))]
        if evidence.second is not None:
            found.append((evidence.second, evidence.unit / 2))
        return found
    if isinstance(evidence, DistributionEvidence):
        return [(evidence.counts.ravel(), 1.0)]
    if isinstance(evidence, ModelEvidence):
        wide = evidence.unit**2 * math.sqrt((evidence.weight**2 + evidence.weight) / 2)
        return [(evidence.products[np.triu_indices(len(evidence.products))], wide)]
    raise TypeError


def people(rows: int, seed: int) -> pl.DataFrame:
    chance = np.random.default_rng(seed)

    def odd(values: NDArray[np.float64]) -> list[float | None]:
        strange = chance.integers(0, 3 * len(ODD), rows)
        return [ODD[at] if at < len(ODD) else v
                for at, v in zip(strange, values.tolist(), strict=True)]  # fmt: skip

    return pl.DataFrame(
        {
            "x": odd(chance.normal(0, 3, rows)),
            "y": odd(chance.normal(0, 1, rows)),
            "i": chance.integers(-(10**9), 10**9, rows),
            "g": chance.choice(["a", "b", "c"], rows),
            "b": chance.random(rows) < 0.5,
        },
        schema_overrides={"x": pl.Float64, "y": pl.Float64},
    )


@pytest.mark.parametrize("name", ASKED)
def test_one_person_moves_no_number_further_than_the_noise_is_made_for(name: str) -> None:
    """The engine over data with and without each of forty persons, strange values among them."""
    kind, fields = ASKED[name]
    frame = people(40, seed=len(name))
    view = table_view(frame)
    schema = Schema.from_view(view.describe())
    checked = check(Plan(analysis=kind(cohort=TABLE, rho="1/2", **fields)), schema)  # type: ignore[arg-type]  # any kind
    whole = moved(run(checked, view, schema).evidence)
    furthest = 0.0
    for at in range(frame.height):
        without = table_view(pl.concat([frame[:at], frame[at + 1 :]]))
        fewer = moved(run(checked, without, schema).evidence)
        for (more, wide), (less, _) in zip(whole, fewer, strict=True):
            apart = float(np.linalg.norm((more - less).astype(np.float64)))
            assert apart <= wide * (1 + 1e-12)
            furthest = max(furthest, apart / wide)
    assert furthest > 0.4, "the bound is not idle"


def told_apart(with_person: NDArray[np.float64], without: NDArray[np.float64]) -> float:
    """How often the best threshold on one number guesses right which data it was drawn from."""
    middle = (with_person.mean() + without.mean()) / 2
    return float((with_person > middle).mean() / 2 + (without <= middle).mean() / 2)


DRAWS = 20_000
BOUND = 0.5 + math.sqrt(float(RHO) / 2) / 2
SLACK = math.sqrt(ONCE_IN_A_BILLION / (2 * DRAWS))


def test_an_attacker_who_knows_all_others_does_not_beat_the_bound_on_counts() -> None:
    base = np.full(DRAWS, 41, np.int64)
    drawn = [noisy_counts(counts, RHO).values.astype(float) for counts in (base + 1, base)]
    right = told_apart(*drawn)
    assert right < BOUND + SLACK
    assert right > 0.6, "the attacker does attack"


def test_the_same_attacker_beats_the_bound_where_the_noise_is_too_small() -> None:
    base = np.full(DRAWS, 41, np.int64)
    weak = [gaussian(counts, 0.2, RHO).values.astype(float) for counts in (base + 1, base)]
    assert told_apart(*weak) > BOUND + SLACK


def test_an_attacker_who_joins_all_numbers_of_a_description_does_not_beat_the_bound() -> None:
    """The person with the greatest value there can be, whose sum and square are both moved most."""
    unit = 1 << 20
    draws = 5000
    persons = np.full(draws, 50, np.int64)
    nobody = MomentsEvidence(
        by=("g",), groups=tuple((str(at),) for at in range(draws)), variable="x", label={},
        measure="", centre=0.0, half=1.0, unit=unit, n=persons, first=persons * 7,
        second=persons * 9,
    )  # fmt: skip
    somebody = MomentsEvidence(
        **{**vars(nobody), "n": nobody.n + 1, "first": nobody.first + unit,
           "second": persons * 9 + unit // 2}
    )  # fmt: skip
    each = [1.0, float(unit), unit / 2]
    found = []
    for one in (somebody, nobody):
        parts = private(one, RHO, policy()).parts
        found.append(
            sum(
                part.noisy.values * way / part.noisy.scale**2
                for part, way in zip(parts, each, strict=True)
            )
        )
    right = told_apart(found[0], found[1])
    assert 0.6 < right < BOUND + math.sqrt(ONCE_IN_A_BILLION / (2 * draws))


def test_an_attacker_on_a_distribution_sees_one_person_on_all_levels_and_gains_nothing() -> None:
    groups = 500
    counts = np.full((groups, 70), 3, np.int64)
    made = DistributionEvidence(
        by=("g",), groups=tuple((str(at),) for at in range(groups)), variable="x",
        label={"en": "x"}, measure="", points=tuple(map(float, range(70))), at=(0.5,),
        counts=counts,
    )  # fmt: skip
    more = counts.copy()
    more[:, 42] += 1
    found = []
    for one in (DistributionEvidence(**{**vars(made), "counts": more}), made):
        values = private(one, RHO, policy()).parts[0].noisy.values
        found.append((values[:, 42 // 9] + values[:, 8 + 42]).astype(float))
    right = told_apart(found[0], found[1])
    assert 0.6 < right < BOUND + math.sqrt(ONCE_IN_A_BILLION / (2 * groups))


@pytest.mark.parametrize("rho", [Fraction(1, 2), Fraction(1, 100)])
def test_a_value_of_one_persons_own_is_told_no_more_often_than_delta(rho: Fraction) -> None:
    """With a large δ the share that is told can be counted; the limit is not idle."""
    delta, names = Fraction(1, 20), 4000
    found = noisy_keys({f"name {at}": 1 for at in range(names)}, rho, delta)
    assert found.certified_delta <= delta
    slack = math.sqrt(ONCE_IN_A_BILLION / (2 * names))
    assert len(found.keys) / names <= float(delta) + slack
    assert len(found.keys) / names > 0.001


def test_of_a_thousand_names_and_one_that_many_share_the_shared_one_is_told() -> None:
    """δ = ρ / 10⁶: that as many as three of a thousand are told happens less than once in 1e15."""
    rho = Fraction(1, 100)
    counts = {f"name {at}": 1 for at in range(1000)} | {"shared": 400}
    evidence = KeysEvidence(
        by=(), groups=((),), variable="x", label={"en": "x"}, counts=counts,
        delta=rho / 10**6, most=100,
    )  # fmt: skip
    answer = private(evidence, rho, policy())
    told = {row[0]: row[1] for row in answer.decision.blocks[0].rows}
    assert "shared" in told
    assert len(told) <= 3
    assert abs(told["shared"] - 400) < 8 * answer.parts[0].noisy.scale
    (part,) = answer.decision.proof["parts"]
    assert part["certified_delta"] <= float(Fraction(part["delta"]))
    assert part["threshold"] > 5 * part["scale"]


def test_one_person_moves_one_value_by_one_whatever_the_text() -> None:
    texts = ["a", "a", "å ß", "", None, "x" * 500, "x" * 400, "\x00", "Σ", "a"]
    frame = pl.DataFrame({"s": texts, "g": ["u"] * len(texts)})
    view = table_view(frame)
    description = view.describe()
    description["datasets"]["person"]["columns"]["s"]["codes"] = None
    schema = Schema.from_view(description)
    checked = check(Plan(analysis=nodes.DpKeys(cohort=TABLE, variable="s", rho="1/2")), schema)
    whole = run(checked, view, schema).evidence.counts
    assert whole["a"] == 3
    assert sum(whole.values()) == 8, "who has no text takes no part"
    assert max(map(len, whole)) == 64
    for at in range(frame.height):
        fewer = run(checked, table_view(pl.concat([frame[:at], frame[at + 1 :]])), schema)
        less = fewer.evidence.counts
        apart = [whole.get(key, 0) - less.get(key, 0) for key in {*whole, *less}]
        assert sorted(apart)[-1] <= 1
        assert sum(map(abs, apart)) <= 1


FIELDS: dict[str, tuple[type[nodes.AnalysisNode], dict[str, Any]]] = {
    "count": (nodes.DpCount, {"by": ("sex",)}),
    "totals": (nodes.DpTotals, {"variable": "age", "low": 0, "high": 100}),
    "quantiles": (nodes.DpQuantiles, {"variable": "age", "low": 0, "high": 100}),
}


@pytest.mark.parametrize("name", FIELDS)
def test_matched_persons_get_no_noise_as_one_decides_about_others(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Noise for one row would hide too little: without one case many pairs are others."""
    world = World(tmp_path_factory.mktemp("dp"))
    project = opened(world)
    cases = nodes.Filter(frame=PERSON_FRAME, where=compare(col("sex"), "==", val("F")))
    controls = nodes.Filter(frame=PERSON_FRAME, where=compare(col("sex"), "==", val("M")))
    pairs = nodes.Matched(cases=cases, controls=controls, exact=("region",))
    kind, fields = FIELDS[name]
    with pytest.raises(Refusal) as refused:
        world.ask(kind(cohort=pairs, rho="1/100", **fields), project)  # type: ignore[arg-type]  # any kind
    assert refused.value.code == "noise_unbounded"
    assert not world.records.releases.account(project).spent


def test_what_a_link_leads_to_gets_no_noise_either() -> None:
    """A mother of five has a say in five rows, whether the cohort or a variable is linked."""
    description = table_view(people(40, seed=1)).describe()
    description["datasets"]["birth"] = {
        **description["datasets"]["person"], "kind": "event", "links": {"mother": {"label": {}}}
    }  # fmt: skip
    schema = Schema.from_view(description)
    mothers = nodes.Linked(frame=nodes.Dataset(name="birth"), link="mother")
    known = nodes.Derive(
        frame=TABLE, columns=(nodes.Derived(name="m", value=nodes.Exists(frame=mothers)),)
    )
    assert check(Plan(analysis=nodes.Count(cohort=known, by=("m",))), schema)
    with pytest.raises(PlanRefusal) as refused:
        check(Plan(analysis=nodes.DpCount(cohort=known, by=("m",), rho="1/100")), schema)
    assert refused.value.code == "noise_unbounded"
