"""Any valid plan of any kind has one answer, however persons are dealt into buckets."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.lib.every_analysis import EXAMPLES
from tests.lib.plans_analyses import alike, analyses, busy_view, outcome
from workbench.engine.local import LocalExecutor
from workbench.plan import Plan, canonical, parse

CALM = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
WHOLE, BUCKETS, MIXED = busy_view(1), busy_view(3), busy_view(3, seed=5)
EXECUTOR = LocalExecutor()


@pytest.mark.parametrize("name", EXAMPLES)
@given(data=st.data())
@CALM
def test_any_analysis_of_any_cohort_has_the_same_answer_whatever_the_buckets(
    data: st.DataObject, name: str
) -> None:
    plan: Plan = data.draw(analyses(name))
    assert parse(canonical(plan)) == plan
    whole = outcome(plan, WHOLE, EXECUTOR)

    for view in (BUCKETS, MIXED):
        alike(whole, outcome(plan, view, EXECUTOR), plan.analysis.k)
