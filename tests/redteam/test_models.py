"""Attackers who ask for models: each would learn of one person or a few, and is refused.

Each attack is shown to work on the numbers themselves first (the model that the engine would have
released tells the secret), so that no rule is thought to help where nothing was at stake.
"""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import disclosure.results.regression as rules
from disclosure.results import decide_result
from tests.lib.engine_world import World
from tests.lib.gate import policy
from tests.lib.one_table import TABLE, evidence_of, table_view
from workbench.engine.refusals import GateRefusal
from workbench.plan import Schema, frame_type, nodes
from workbench.sdk.formula import formula

VICTIM = 137
N = 1500


def people() -> pl.DataFrame:
    """Income has a secret that depends on nothing; the victim's is known to nobody."""
    chance = np.random.default_rng(8)
    ill = chance.random(N) < 0.3
    ill[VICTIM] = True
    town = chance.choice(["a", "b", "c"], N)
    return pl.DataFrame(
        {
            "age": chance.integers(20, 90, N),
            "sex": chance.choice(["F", "M"], N),
            "town": town,
            "bmi": chance.normal(26, 4, N).round(1),
            "income": chance.normal(500, 80, N).round(),
            "victim": np.arange(N) == VICTIM,
            "few": np.arange(N) % 300 == VICTIM % 300,
            "town_but_one": (town == town[VICTIM]) & (np.arange(N) != VICTIM),
            "town_of_victim": town == town[VICTIM],
            "ill": ill,
        }
    ).with_columns(
        pointed=pl.when(pl.col("victim")).then(1000.0).otherwise(pl.col("bmi")),
        marked=pl.col("victim").cast(pl.Float64),
        five=pl.when(pl.col("few")).then(pl.col("bmi")).otherwise(0.0),
        group=pl.Series([f"{one % 120:03}" for one in range(N)]),
        almost=pl.col("income") * 2 + pl.col("bmi") / 10,
        surely=(pl.col("age") >= 60),
        rare=pl.int_range(N, eager=True) % 250 == 0,
        known=pl.when(pl.col("victim")).then(0.0).otherwise(pl.col("income")),
        known_time=pl.when(pl.col("victim")).then(1.0).otherwise(pl.col("income")),
        heavy=pl.when(pl.col("victim")).then(9e6).otherwise(pl.col("income")),
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("world"))
    made.add(table_view(people(), project="models"))
    return made


def model(text: str, kind: str, **fields: Any) -> nodes.Regression:
    schema = Schema.from_view(table_view(people()).describe())
    found = formula(text, frame_type(TABLE, schema))
    asked = {"outcome": found.outcome, "design": found.design, "model": kind} | fields
    asked |= {"exposure": found.exposure, "offset": found.offset}
    return nodes.Regression(cohort=TABLE, **asked)


def blocked_by(asked: nodes.Regression) -> str:
    """The words of the finding that refuses a model by the default policy."""
    fields = {name: getattr(asked, name) for name in type(asked).model_fields if name != "k"}
    decision = decide_result(evidence_of(nodes.Regression, people(), **fields), policy(), ())
    return " ".join(one.text["en"] for one in decision.findings)


ATTACKS = {
    "a category of one person": ("income ~ age + victim", "linear", "tells groups of fewer"),
    "a number that is one for one person": ("income ~ age + marked", "linear", "tells groups of"),
    "a category that others nearly spell out":
        ("income ~ town_of_victim + town_but_one", "linear", "rest on fewer than 10"),
    "a number that points at one person": ("income ~ age + pointed", "linear", "rest on fewer"),
    "a number of five persons": ("income ~ age + five", "linear", "rest on fewer"),
    "five persons": ("income ~ age + few", "linear", "tells groups of fewer"),
    "a saturated model":
        (("income ~ group + (sex + town)*rcs(bmi, [18,20,22,24,26,28,30,32,34])"
         " + rcs(age, [25,32,39,46,53,60,67,74,81])"), "linear", "too many terms"),
    "an outcome that the model spells out": ("income ~ almost", "linear", "almost exactly"),
    "everybody's outcome but one taken away": ("income ~ known", "linear", "almost exactly"),
    "everybody's outcome but one as an offset": ("income ~ 1 + offset(known)", "linear", "make up"),
    "the same with person-time":
        ("income ~ 1 + offset(log(known_time))", "gamma", "make up most of a coefficient"),
    "separation": ("surely ~ age", "logistic", "with certainty"),
    "separation by hinge": ("surely ~ hinge(age, [59, 60])", "logistic", "with certainty"),
    "six persons with the outcome": ("rare ~ age", "logistic", "Fewer than 10 persons"),
    "a dominated outcome": ("heavy ~ age", "linear", "make up most"),
    "a dominated mean": ("heavy ~ 1", "linear", "make up most"),
    "a dominated group": ("heavy ~ town", "linear", "make up most"),
    "an interaction that isolates":
        ("income ~ victim:age + age", "linear", "tells groups of fewer"),
    "errors by a handful of clusters": ("income ~ age", "linear", "Fewer than 10 clusters"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_by_model_is_refused_in_words(name: str, world: World) -> None:
    text, kind, words = ATTACKS[name]
    fields = {"cluster": "town"} if "clusters" in name else {}
    asked = model(text, kind, **fields)

    with pytest.raises(GateRefusal):
        world.ask(asked, project="models")

    assert words in blocked_by(asked)


def test_an_isolating_category_would_have_told_the_secret() -> None:
    """ACRO lets this model pass: its coefficient is the victim's own residual."""
    fields = model("income ~ victim", "linear")
    found = evidence_of(
        nodes.Regression, people(), outcome="income", design=fields.design, model="linear"
    ).fit

    told = found.estimate[0] + found.estimate[1]

    assert told == pytest.approx(people()["income"][VICTIM])


def test_two_models_that_differ_by_one_person_would_have_told_and_are_refused(
    tmp_path: Path,
) -> None:
    """From n, means and coefficients of two known vectors (Huth) the difference is one row."""
    world = World(tmp_path)
    world.add(table_view(people(), project="models"))
    without = nodes.Filter(frame=TABLE, where=nodes.Not(operand=nodes.Column(name="victim")))
    asked = model("income ~ age + sex", "linear")

    assert world.ask(asked, project="models")["body"]["blocks"]
    with pytest.raises(GateRefusal) as refused:
        world.ask(asked.model_copy(update={"cohort": without}), project="models")

    assert {one["rule"] for one in refused.value.findings} <= {"ledger", "population"}


def test_a_table_and_a_model_that_differ_by_one_person_are_refused(tmp_path: Path) -> None:
    """The groups of a model are compared with earlier tables, person by person."""
    world = World(tmp_path)
    world.add(table_view(people(), project="models"))
    moved = nodes.Derive(
        frame=TABLE,
        columns=(
            nodes.Derived(
                name="place",
                value=nodes.When(
                    cases=(nodes.Case(when=nodes.Column(name="town_but_one"), then=_text("x")),),
                    otherwise=_text("y"),
                ),
            ),
        ),
    )

    world.ask(nodes.Crosstab(cohort=TABLE, by=("town_of_victim",)), project="models")
    with pytest.raises(GateRefusal) as refused:
        world.ask(
            nodes.Regression(
                cohort=moved,
                outcome="income",
                design=nodes.Design(
                    terms=(nodes.Term(factors=(nodes.Category(variable="place"),)),)
                ),
            ),
            project="models",
        )

    assert {one["rule"] for one in refused.value.findings} == {"ledger"}


def _text(value: str) -> nodes.Value:
    return nodes.Value(value=value)


GUARDS = {
    "too many terms": ("PERSONS_A_COLUMN", 0, "a saturated model"),
    "almost exactly": ("FULL", 2.0, "an outcome that the model spells out"),
    "clusters": ("FREEDOM", 0, "errors by a handful of clusters"),
}


@pytest.mark.parametrize("words", GUARDS)
def test_without_its_rule_the_attack_passes(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, value, attack = GUARDS[words]
    text, kind, _ = ATTACKS[attack]
    asked = model(text, kind, **({"cluster": "town"} if "clusters" in attack else {}))

    assert words in blocked_by(asked)
    monkeypatch.setattr(rules, name, value)
    assert words not in blocked_by(asked)


@pytest.mark.parametrize(
    ("text", "kind", "fields"),
    [
        ("income ~ age + sex + town + bmi", "linear", {}),
        ("income ~ age*sex + rcs(bmi, [20, 26, 32])", "linear", {"errors": "HC3"}),
        ("income ~ 1", "linear", {}),
        ("income ~ town + sex + town:sex", "linear", {}),
        ("ill ~ age + sex + town", "logistic", {}),
        ("ill ~ poly(age, 2) + bmi", "probit", {}),
        ("ill ~ age + sex", "poisson", {"errors": "HC0"}),
        ("age ~ sex + town", "poisson", {}),
        ("income ~ age + sex", "gamma", {}),
    ],
)
def test_ordinary_models_pass(text: str, kind: str, fields: dict[str, Any]) -> None:
    assert blocked_by(model(text, kind, **fields)) == ""


@pytest.mark.parametrize(
    ("kind", "outcome"), [("linear", "income"), ("poisson", "visits"), ("gamma", "income")]
)
def test_a_model_asked_again_with_one_outcome_changed_does_not_tell_it(
    kind: str, outcome: str
) -> None:
    """Exact coefficients would: their difference is linear in the one outcome that was replaced.

    Each is shown in steps of at least a fifth of what one person adds to it at most.
    """
    data = people().with_columns(visits=pl.col("age") // 9)
    changed = data.with_columns(
        pl.when("victim").then(data[outcome].max() * 2).otherwise(pl.col(outcome)).alias(outcome)
    ).cast({outcome: data.schema[outcome]})
    frame = frame_type(TABLE, Schema.from_view(table_view(data).describe()))
    asked = {"outcome": outcome, "design": formula("y ~ age + sex", frame).design, "model": kind}
    exact, shown = [], []
    for one in (data, changed):
        found = evidence_of(nodes.Regression, one, **asked)
        block = decide_result(found, policy(), ()).blocks[0]
        exact.append(found.fit.estimate)
        shown.append([row[2] for row in block.rows if row[2] is not None])
        finest = 10.0 ** np.ceil(np.log10(2 * 0.1 * found.fit.largest))
        steps = np.array(shown[-1]) / finest
        np.testing.assert_allclose(steps, np.rint(steps), atol=1e-6)

    assert (np.abs(np.subtract(*exact)) > 0).all()
