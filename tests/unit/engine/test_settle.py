"""Plans that need everybody at once are run by the engine itself, also beside a cluster."""

from threading import Event
from typing import Any, cast

from tests.lib.plain_view import PlainView, frame
from tests.lib.plans import registry_for
from workbench.engine.cluster.executor import DaskExecutor
from workbench.engine.compute import compute
from workbench.engine.executor import Job
from workbench.engine.local import LocalExecutor
from workbench.engine.settle import settles
from workbench.plan import Plan, Schema, check, nodes

PERSON = nodes.Dataset(name="person")
CASES = nodes.Filter(frame=PERSON, where=nodes.Column(name="vital"))


def matched(cases: nodes.Frame, seed: int) -> nodes.Matched:
    return nodes.Matched(cases=cases, controls=PERSON, exact=("sex",), seed=seed)


class NobodyThere:
    """A crew that must not be asked."""

    def close(self) -> None:
        pass


def test_rows_of_persons_do_not_travel_to_a_cluster() -> None:
    plan = Plan(analysis=nodes.Count(cohort=matched(CASES, 1), by=("sex",)))
    data = {name: frame(name, rows) for name, rows in registry_for(plan, 60, 0).items()}
    view = PlainView(data, 60, 3)
    schema = Schema.from_view(view.describe())
    job = Job(check(plan, schema), view, schema, Event(), lambda *_: None)
    cluster = DaskExecutor(cast(Any, NobodyThere()), b"", 2, 1 << 30)
    here = LocalExecutor()
    try:
        there = compute(cluster, job).placed
        assert there.vector.tolist() == compute(here, job).placed.vector.tolist()
        assert there.population > 10
    finally:
        cluster.close()
        here.close()


def test_inner_matchings_are_settled_before_those_that_need_them() -> None:
    inner = matched(CASES, 1)
    plan = Plan(analysis=nodes.Count(cohort=matched(inner, 2)))

    assert settles(plan) == [inner, matched(inner, 2)]
