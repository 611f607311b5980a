"""What is known of a person is looked up by number, and means what a join would."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.lib.plain_view import PlainView, frame
from tests.lib.plans import plans, registry_for
from workbench.domain.errors import Fault
from workbench.engine.analyses import computation_of
from workbench.engine.rounds import frames_of
from workbench.engine.settle import scan_of, settles
from workbench.plan import Plan, Schema, check, nodes
from workbench.sdk.compile import PERSON
from workbench.sdk.compile.gathered import aggregate_key, stages

PERSONS = 30
CALM = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
VISITS, PERSON_FRAME = nodes.Dataset(name="visit"), nodes.Dataset(name="person")
SOME = nodes.Filter(
    frame=VISITS,
    where=nodes.Compare(op="==", left=nodes.Column(name="kind"), right=nodes.Value(value="in")),
)


@given(plan=plans())
@CALM
def test_a_plan_has_the_same_persons_and_cells_whether_values_are_gathered_or_joined(
    plan: Plan,
) -> None:
    view = PlainView({n: frame(n, r) for n, r in registry_for(plan, PERSONS).items()}, PERSONS)
    schema = Schema.from_view(view.describe())
    computation = computation_of(check(plan, schema))
    if settles(plan):
        return
    scan = scan_of(view, schema, 0)

    (gathered,) = frames_of(computation, [scan], view.persons)
    joined = computation.frame(scan).collect()

    assert gathered.sort(PERSON).equals(joined.sort(PERSON))


def cohort(*derived: nodes.Expression) -> nodes.Derive:
    columns = tuple(nodes.Derived(name=f"v{at}", value=one) for at, one in enumerate(derived))
    return nodes.Derive(frame=PERSON_FRAME, columns=columns)


def test_what_an_aggregate_is_made_of_is_read_before_it() -> None:
    inner = nodes.CountRows(frame=SOME)
    often = nodes.Compare(op=">", left=nodes.Column(name="day"), right=inner)
    outer = nodes.Exists(frame=nodes.Filter(frame=VISITS, where=often))

    assert stages(cohort(outer)) == ((inner,), (outer,))
    assert stages(cohort(nodes.Column(name="age"))) == ()


def test_an_aggregate_that_stands_twice_is_read_once() -> None:
    one, same = nodes.CountRows(frame=SOME), nodes.CountRows(frame=SOME)
    assert one is not same

    ((only,),) = stages(cohort(one, same))

    assert only == one


def test_aggregates_that_python_finds_equal_are_read_apart() -> None:
    whole, truth = (
        nodes.Reduce(op="sum", frame=VISITS, value=nodes.Value(value=value)) for value in (1, True)
    )
    assert whole == truth, "to Python"

    assert aggregate_key(whole) != aggregate_key(truth)


def _answered(persons: Sequence[int]) -> None:
    """A plan over a person's age where the registry names these persons."""
    view = PlainView({}, PERSONS)
    schema = Schema.from_view(view.describe())
    age = nodes.Take(which="first", frame=PERSON_FRAME, value=nodes.Column(name="age"))
    base = nodes.Derive(frame=nodes.Persons(), columns=(nodes.Derived(name="held", value=age),))
    plan = Plan(analysis=nodes.Describe(cohort=base, variable="held"))

    def scan(name: str) -> pl.LazyFrame:
        if name != "person":
            return scan_of(view, schema, 0)(name)
        rows = frame("person", [{"person": one, "age": 40} for one in persons])
        return rows.rename({"person": PERSON}).lazy()

    frames_of(computation_of(check(plan, schema)), [scan], view.persons)


@pytest.mark.parametrize("persons", [(0, 1, PERSONS), (0, 1, 1)])
def test_persons_outside_the_bucket_or_twice_are_a_fault_and_no_answer(
    persons: Sequence[int],
) -> None:
    _answered((0, 1, PERSONS - 1))

    with pytest.raises(Fault):
        _answered(persons)
