"""Analyses that run while the notebook goes on: to be awaited, asked about, or stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from pathlib import Path
from threading import Event
from typing import Any

from workbench.sdk.client import Client
from workbench.sdk.refused import Refused

__all__ = ["LINE", "Background", "Later"]

LINE: ContextVar[Client | None] = ContextVar("line", default=None)
"""The connection that analyses of this thread go over; the project's own without one."""


class Later:
    """An analysis under way: `await job`, `job.result()`, `job.cancel()`; it shows where it is."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._where = "waiting for its turn"
        self._line: Client | None = None
        self._stopped = Event()
        self._future: Future[Any] = Future()

    @property
    def done(self) -> bool:
        """Whether there is an answer, or a refusal."""
        return self._future.done()

    def result(self, seconds: float | None = None) -> Any:
        """Wait for the release; raises Refused like the method itself would.

        seconds: wait no longer; Refused("not_done") then, and the analysis goes on.
        """
        try:
            return self._future.result(seconds)
        except TimeoutError:
            raise Refused(
                "not_done",
                f"It is not done after {seconds:g} seconds: {self._where}.",
                "Wait longer, look at the job, or stop it with .cancel().",
            ) from None

    def cancel(self) -> None:
        """Stop it; nothing is then released or charged."""
        self._stopped.set()
        if self._line is not None:
            self._line.cancel()

    def __await__(self) -> Generator[Any, None, Any]:
        return asyncio.wrap_future(self._future).__await__()

    def __repr__(self) -> str:
        if not self.done:
            return f"<{self._words}: {self._where}>"
        refused = self._future.exception()
        return f"<{self._words}: {'refused' if refused else 'done'}>"

    def _run(self, line: Client, work: Callable[[], Any]) -> None:
        self._line = line
        try:
            if self._stopped.is_set():
                raise Refused("cancelled", "The plan was stopped before it began.", "Ask again.")
            self._where = "under way"
            self._future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where the answer is asked for
            self._future.set_exception(error)
        finally:
            self._line = None

    def _at(self, where: str) -> None:
        self._where = where


class Background:
    """One more connection of this kernel, and one thread: jobs run in the order they came."""

    def __init__(self, path: str | Path) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="later")
        self._line: Client | None = None
        self._job: Later | None = None

    def start(self, method: Callable[..., Any], *args: Any, **options: Any) -> Later:
        """Start a method of a frame."""
        job = Later(getattr(method, "__name__", "analysis"))
        context = copy_context()
        self._pool.submit(context.run, self._run, job, lambda: method(*args, **options))
        return job

    def _run(self, job: Later, work: Callable[[], Any]) -> None:
        self._job = job
        try:
            if self._line is None:
                self._line = Client(self._path, self._told)
        except Refused as refused:
            job._future.set_exception(refused)
            return
        LINE.set(self._line)
        job._run(self._line, work)

    def _told(self, text: str) -> None:
        if self._job is not None:
            self._job._at(text)
