"""A few threads shared fairly: the next bucket group is that of the project that waited longest.

Projects take turns, then the plans of a project, then the groups of a plan in their order. A
project with twenty plans so slows another's one plan down to a half and no further.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Condition
from typing import Any, TypeVar

__all__ = ["FairPool"]

T = TypeVar("T")


@dataclass(frozen=True)
class _Task:
    future: "Future[Any]"
    work: Callable[[], Any]
    bytes: int


class FairPool:
    """`threads` threads. memory: bytes that the tasks under way may need together; a task that
    needs more runs alone."""

    def __init__(self, threads: int, memory: int) -> None:
        self._memory = memory
        self._used = 0
        self._running = 0
        self._closed = False
        self._change = Condition()
        self._projects: OrderedDict[str, OrderedDict[object, deque[_Task]]] = OrderedDict()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="bucket")

    def submit(self, project: str, plan: object, need: int, work: Callable[[], T]) -> "Future[T]":
        """Run `work` when it is this plan's turn. need: bytes that it will take, as estimated."""
        task = _Task(Future(), work, need)
        with self._change:
            plans = self._projects.setdefault(project, OrderedDict())
            plans.setdefault(plan, deque()).append(task)
            self._threads.submit(self._serve)  # a thread for some task, not for this one
        return task.future

    def forget(self, project: str, plan: object) -> None:
        """Drop what a plan has waiting; what runs ends by itself."""
        with self._change:
            plans = self._projects.get(project, OrderedDict())
            for task in plans.pop(plan, ()):
                task.future.cancel()
            if not plans:
                self._projects.pop(project, None)
            self._change.notify_all()

    def close(self) -> None:
        """Take no more; the threads end once their tasks are done."""
        with self._change:
            self._closed = True
            for plans in self._projects.values():
                for tasks in plans.values():
                    for task in tasks:
                        task.future.cancel()
            self._projects.clear()
            self._change.notify_all()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _serve(self) -> None:
        task = self._next()
        if task is None:
            return
        try:
            if task.future.set_running_or_notify_cancel():
                _run(task)
        finally:
            with self._change:
                self._used -= task.bytes
                self._running -= 1
                self._change.notify_all()

    def _next(self) -> _Task | None:
        """The task whose turn it is, once there is memory for it; None when none is left."""
        with self._change:
            while self._projects and not self._closed:
                task = self._taken()
                if task is not None:
                    self._used += task.bytes
                    self._running += 1
                    return task
                self._change.wait()
            return None

    def _taken(self) -> _Task | None:
        """The first task of the project and the plan whose turn it is; both then stand last.

        A task that does not fit yet keeps its turn: smaller ones of others would starve it.
        """
        project, plans = next(iter(self._projects.items()))
        plan, tasks = next(iter(plans.items()))
        if self._running and self._used + tasks[0].bytes > self._memory:
            return None
        task = tasks.popleft()
        self._projects.move_to_end(project)
        plans.move_to_end(plan)
        if not tasks:
            del plans[plan]
        if not plans:
            del self._projects[project]
        return task


def _run(task: _Task) -> None:
    try:
        result = task.work()
    except BaseException as error:  # noqa: BLE001 - it is raised again where the future is asked
        task.future.set_exception(error)
    else:
        task.future.set_result(result)
