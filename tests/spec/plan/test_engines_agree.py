"""Any valid plan means the same to polars whole, polars by bucket and plain Python."""

from hypothesis import HealthCheck, Phase, given, settings

from tests.lib.engines import answers, slow_answer
from tests.lib.plans import plans, registry_for
from workbench.plan import Plan, canonical, parse, pruned

PERSONS = 30
CALM = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
FEWER = settings(CALM, max_examples=60)


@given(plan=plans())
@CALM
def test_three_engines_give_the_same_answer_to_any_plan(plan: Plan) -> None:
    found = answers(plan, registry_for(plan, PERSONS), PERSONS)

    assert found["whole"] == found["slow"]
    assert found["buckets"] == found["slow"]


@given(plan=plans())
@FEWER
def test_a_plan_survives_the_wire_unchanged(plan: Plan) -> None:
    assert parse(canonical(plan)) == plan


@given(plan=plans())
@FEWER
def test_leaving_out_unused_variables_changes_no_answer(plan: Plan) -> None:
    registry = registry_for(plan, PERSONS)
    short = pruned(plan)

    assert slow_answer(short, registry, PERSONS) == slow_answer(plan, registry, PERSONS)
    assert pruned(short) == short
