"""Nobody waits for ever: projects take turns at plans and at bucket groups."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier, Event, Thread

import pytest

from tests.lib.waiting import within
from workbench.domain.errors import Refusal
from workbench.engine.fair import FairPool
from workbench.engine.flights import Flights
from workbench.engine.turns import WAITING, Turns


class Line:
    """Plans that wait for a turn, each in a thread of its own; `served` is the order of turns."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.served: list[str] = []
        self.told: dict[str, list[int]] = {}
        self._leave: dict[str, Event] = {}
        self._threads: list[Thread] = []

    def join(self, project: str, name: str, at_once: int = 16) -> None:
        """Stand in line, and return once the place in it was told or the turn has come."""
        leave, told = self._leave.setdefault(name, Event()), self.told.setdefault(name, [])

        def plan() -> None:
            with self.turns.turn(project, at_once, Event(), told.append):
                self.served.append(name)
                leave.wait(10)

        thread = Thread(target=plan)
        thread.start()
        self._threads.append(thread)
        assert within(10, lambda: bool(told) or name in self.served)

    def leave(self, name: str) -> None:
        self._leave[name].set()

    def end(self) -> None:
        for leave in self._leave.values():
            leave.set()
        for thread in self._threads:
            thread.join(10)


@contextmanager
def line(places: int) -> Iterator[Line]:
    made = Line(Turns(places))
    try:
        yield made
    finally:
        made.end()


def test_a_plan_is_told_its_place_in_the_queue_as_it_moves_up() -> None:
    with line(1) as made:
        made.join("alpha", "first")
        made.join("alpha", "second")
        made.join("alpha", "third")

        made.leave("first")
        assert within(10, lambda: made.served == ["first", "second"])
        assert within(10, lambda: made.told["third"] == [2, 1])


def test_a_project_with_many_plans_does_not_keep_another_waiting() -> None:
    with line(1) as made:
        for number in range(20):
            made.join("greedy", f"greedy-{number}")
        made.join("modest", "modest")

        assert made.told["modest"][0] <= 2, "it stands behind one plan of each other project"
        for name in ("modest", *(f"greedy-{number}" for number in range(20))):
            made.leave(name)

        assert within(10, lambda: len(made.served) == 21)
        assert made.served.index("modest") <= 2


def test_a_project_at_its_permits_number_leaves_the_free_places_to_others() -> None:
    with line(4) as made:
        for number in range(3):
            made.join("greedy", f"greedy-{number}", at_once=2)
        made.join("modest", "modest", at_once=2)

        assert within(10, lambda: sorted(made.served) == ["greedy-0", "greedy-1", "modest"])
        made.leave("greedy-0")
        assert within(10, lambda: "greedy-2" in made.served)


def test_a_plan_can_be_stopped_while_it_waits() -> None:
    turns, stopped = Turns(0), Event()
    stopped.set()

    for _ in range(2):
        with (
            pytest.raises(Refusal, match="before it began"),
            turns.turn("alpha", 1, stopped, lambda place: None),
        ):
            pass


def test_more_waiting_plans_of_one_project_than_anybody_needs_are_refused() -> None:
    with line(0) as made:
        stopped = Event()
        threads = [
            Thread(target=lambda: _waits(made.turns, "greedy", stopped)) for _ in range(WAITING)
        ]
        for thread in threads:
            thread.start()
        try:
            assert within(10, lambda: _refused(made.turns, "greedy") == "too_many_waiting")
            assert _refused(made.turns, "modest") == "cancelled", "others may still come"
        finally:
            stopped.set()
            for thread in threads:
                thread.join(10)


def _waits(turns: Turns, project: str, stopped: Event) -> None:
    with pytest.raises(Refusal), turns.turn(project, 1, stopped, lambda place: None):
        pass


def _refused(turns: Turns, project: str) -> str:
    gone = Event()
    gone.set()
    with pytest.raises(Refusal) as refused, turns.turn(project, 1, gone, lambda place: None):
        pass
    return refused.value.code


@contextmanager
def pool(threads: int, memory: int = 100) -> Iterator[FairPool]:
    made = FairPool(threads, memory)
    try:
        yield made
    finally:
        made.close()


def test_bucket_groups_of_a_project_with_one_plan_come_between_those_of_twenty() -> None:
    begin, done = Event(), list[str]()
    with pool(1) as made:
        made.submit("first", 0, 1, lambda: begin.wait(10))
        futures = [
            made.submit("greedy", plan, 1, lambda: done.append("greedy"))
            for plan in range(20)
            for _ in range(5)
        ]
        futures += [made.submit("modest", 0, 1, lambda: done.append("modest")) for _ in range(5)]
        begin.set()
        for one in futures:
            one.result(10)

    assert max(at for at, project in enumerate(done) if project == "modest") < 10


def test_plans_of_one_project_take_turns_too() -> None:
    begin, done = Event(), list[int]()
    with pool(1) as made:
        made.submit("first", 0, 1, lambda: begin.wait(10))
        futures = [
            made.submit("alpha", plan, 1, lambda plan=plan: done.append(plan))
            for plan in (1, 2)
            for _ in range(3)
        ]
        begin.set()
        for one in futures:
            one.result(10)

    assert done == [1, 2, 1, 2, 1, 2]


def test_groups_that_need_more_memory_than_there_is_run_one_after_the_other() -> None:
    together = Barrier(2)

    def meets() -> bool:
        try:
            together.wait(0.3)
        except Exception:  # noqa: BLE001 - nobody came
            together.reset()
            return False
        return True

    with pool(2, memory=100) as made:
        large = [made.submit("alpha", 0, 60, meets) for _ in range(2)]
        assert [one.result(10) for one in large] == [False, False]
        small = [made.submit("alpha", 0, 40, meets) for _ in range(2)]
        assert [one.result(10) for one in small] == [True, True]


def test_what_fails_leaves_the_thread_and_its_memory_to_the_next() -> None:
    def fail() -> None:
        raise ValueError("of its own")

    with pool(1, memory=10) as made:
        failed = made.submit("alpha", 0, 10, fail)
        with pytest.raises(ValueError, match="of its own"):
            failed.result(10)

        assert made.submit("alpha", 0, 10, lambda: 7).result(10) == 7


def test_a_question_that_is_asked_twice_at_once_is_computed_by_one_alone() -> None:
    flights, inside, leave, order = Flights(), Event(), Event(), list[str]()

    def first() -> None:
        with flights.alone("alpha", "x", Event()):
            inside.set()
            leave.wait(10)
            order.append("first")

    thread = Thread(target=first)
    thread.start()
    inside.wait(10)
    with flights.alone("alpha", "y", Event()):
        order.append("other question")
    leave.set()
    with flights.alone("alpha", "x", Event()):
        order.append("second")
    thread.join(10)

    assert order == ["other question", "first", "second"]


def test_whoever_waits_for_the_same_question_can_be_stopped() -> None:
    flights, stopped = Flights(), Event()
    stopped.set()

    with (
        flights.alone("alpha", "x", Event()),
        pytest.raises(Refusal) as refused,
        flights.alone("alpha", "x", stopped),
    ):
        pass

    assert refused.value.code == "cancelled"
