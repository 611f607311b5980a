"""A cluster gives the same answers as one process, whatever happens to its processes."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from threading import Event

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.lib.cluster import Cluster
from tests.lib.engine_world import World
from tests.lib.engines import answers, of_evidence
from tests.lib.every_analysis import EXAMPLES
from tests.lib.file_view import FileView
from tests.lib.plain_view import PlainView, frame
from tests.lib.plans import plans, registry_for
from tests.lib.plans_analyses import alike, analyses, busy_view, outcome
from tests.lib.small_world import small_view
from tests.lib.waiting import within
from workbench.domain.audit import What
from workbench.domain.errors import Fault, Refusal
from workbench.engine.cluster.process import FAILURES
from workbench.engine.cluster.request import Part, Work
from workbench.engine.compute import Computed, compute
from workbench.engine.executor import Job
from workbench.engine.limits import Limits
from workbench.engine.local import LocalExecutor
from workbench.plan import Plan, Schema, canonical, check, nodes

PERSONS = 30
PERSON = nodes.Dataset(name="person")
TABLE = nodes.Crosstab(cohort=PERSON, by=("sex", "region"))
NOISY = nodes.DpCount(cohort=PERSON, by=("sex",), rho="1/4")
CALM = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ONE = settings(CALM, max_examples=1)
HERE = LocalExecutor()


def job(view: FileView, plan: Plan, cancelled: Event | None = None) -> Job:
    schema = Schema.from_view(view.describe())
    stop = cancelled or Event()
    return Job(check(plan, schema), view, schema, stop, lambda done, total: None, Limits(60))


@contextmanager
def held_up(processes: tuple[int, ...]) -> Iterator[None]:
    """The processes stand still meanwhile, so that whatever is asked of them is under way."""
    for one in processes:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in processes:
            try:
                os.kill(one, signal.SIGCONT)
            except ProcessLookupError:
                continue


@pytest.fixture
def view(crew: Cluster) -> FileView:
    return FileView(crew.views, small_view())


@pytest.fixture
def world(crew: Cluster, tmp_path: Path, view: FileView) -> World:
    made = World(tmp_path)
    made.add(view)
    made.engine._executor = crew.executor
    return made


def assert_nothing_happened(world: World) -> None:
    books = world.records.releases
    assert books.account("alpha").spent == 0
    assert books.of_project("alpha") == ()
    assert books.memberships("alpha") == ()
    assert world.audited(What.PLAN_RELEASE) == []


@given(plan=plans())
@CALM
def test_a_cluster_gives_the_same_answer_to_any_plan(running: Cluster, plan: Plan) -> None:
    data = registry_for(plan, PERSONS)
    frames = {name: frame(name, rows) for name, rows in data.items()}
    files = FileView(running.views, PlainView(frames, PERSONS, 3))

    found = of_evidence(compute(running.executor, job(files, plan)).evidence)

    assert found == answers(plan, data, PERSONS)["buckets"]


@pytest.fixture(scope="module")
def busy(running: Cluster) -> FileView:
    return FileView(running.views, busy_view())


@pytest.mark.parametrize("name", EXAMPLES)
@given(data=st.data())
@ONE
def test_a_cluster_computes_any_kind_of_analysis_in_all_its_rounds(
    running: Cluster, busy: FileView, name: str, data: st.DataObject
) -> None:
    plan: Plan = data.draw(analyses(name))

    there = outcome(plan, busy, running.executor)

    alike(outcome(plan, busy, HERE), there, name, close=0)


def test_everybody_is_placed_as_one_process_places_them(crew: Cluster, view: FileView) -> None:
    plan = Plan(analysis=TABLE)

    there = compute(crew.executor, job(view, plan)).placed
    here = compute(LocalExecutor(), job(view, plan)).placed

    assert (there.vector == here.vector).all()
    assert (there.n == here.n).all()


def test_a_worker_killed_in_the_middle_of_a_plan_changes_no_answer(
    crew: Cluster, view: FileView
) -> None:
    plan = Plan(analysis=TABLE)
    expected = compute(LocalExecutor(), job(view, plan))
    first, second = crew.processes.workers

    with ThreadPoolExecutor() as thread, held_up((first, second)):
        asked = thread.submit(compute, crew.executor, job(view, plan))
        assert within(10, lambda: crew.tasks_under_way() > 0)
        os.kill(first, signal.SIGKILL)
        os.kill(second, signal.SIGKILL)
        answer: Computed = asked.result(60)

    assert (answer.placed.vector == expected.placed.vector).all()
    assert of_evidence(answer.evidence) == of_evidence(expected.evidence)
    assert set(crew.processes.workers).isdisjoint({first, second}), "others took their place"


def test_a_scheduler_killed_in_the_middle_of_a_plan_is_a_fault_and_nothing_is_charged(
    crew: Cluster, world: World
) -> None:
    with ThreadPoolExecutor() as thread, held_up(crew.processes.workers):
        asked = thread.submit(world.ask, NOISY, "alpha")
        assert within(10, lambda: crew.tasks_under_way() > 0)
        os.kill(crew.processes.scheduler, signal.SIGKILL)
        with pytest.raises(Fault) as found:
            asked.result(60)

    assert "scheduler" in str(found.value)
    assert_nothing_happened(world)
    assert world.ask(NOISY, "alpha")["release"], "a new cluster answers"
    assert world.records.releases.account("alpha").spent == Fraction(1, 4)


def test_a_plan_that_is_stopped_leaves_no_task_and_no_trace(
    crew: Cluster, world: World, view: FileView
) -> None:
    stop = Event()
    with ThreadPoolExecutor() as thread, held_up(crew.processes.workers):
        asked = thread.submit(
            world.engine.run,
            "alpha",
            "researcher",
            canonical(Plan(analysis=NOISY)).decode(),
            cancelled=stop,
            progress=lambda done, total: None,
        )
        assert within(10, lambda: crew.tasks_under_way() > 0)
        stop.set()
        with pytest.raises(Refusal) as found:
            asked.result(5)
        assert found.value.code == "cancelled"
        assert within(10, lambda: crew.tasks_under_way() == 0)

    assert_nothing_happened(world)
    assert world.ask(TABLE, "alpha")["release"], "the workers are free again"


def test_a_plan_that_takes_more_memory_than_workers_have_is_refused(crew: Cluster) -> None:
    """A population so large that holding it is too much for any of them; they end one by one."""
    before = crew.processes.workers
    request = Work(
        session="0" * 32,
        project="alpha",
        version="v1",
        plan=canonical(Plan(analysis=nodes.Count(cohort=nodes.Persons()))).decode(),
        view={"project": "alpha", "version": "v1", "persons": 1, "datasets": {}},
        state="{}",
        place=0,
        parts=[Part(persons=400_000_000)],
        keys=crew.sealed({"datasets": {}}, "alpha", "v1", "0" * 32),
        placing=True,
        keep=0,
    )

    with pytest.raises(Refusal) as found:
        crew.crew.ask(request.model_dump_json(), Event(), Event())

    assert found.value.code == "workers_lost"
    assert FAILURES == 3
    assert within(30, lambda: crew.crew.workers() == 2), "the service goes on"
    assert set(crew.processes.workers) != set(before)
