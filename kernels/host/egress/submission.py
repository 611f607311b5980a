"""What an interactive sealed kernel hands to the airlock: files of its outbox, and all its code."""

import contextlib
import os
from collections.abc import Callable

from kernels.host.egress.outbox import collect, refused
from kernels.host.egress.spool import RunRecord, Spool
from kernels.host.sandbox.processes import held_still
from kernels.protocol import Grant

__all__ = ["Submissions"]


class Submissions:
    """The record of one kernel's cells. now: gives Unix seconds."""

    def __init__(self, spool: Spool, grant: Grant, kernel: str, now: Callable[[], float]) -> None:
        self._spool = spool
        self._grant = grant
        self._kernel = kernel
        self._now = now
        self._started = now()
        self._code: list[str] = []
        self._errors = 0

    def ran(self, code: str) -> None:
        """Note a cell that goes to the kernel."""
        self._code.append(code)

    def failed(self) -> None:
        """Note that a cell has failed."""
        self._errors += 1

    def take(self, sandbox: int, outbox: int, untold: Callable[[], float]) -> None:
        """Leave the outbox's files as a run in the spool, with the code of all cells so far.

        sandbox: the host's number of its process, held still meanwhile; outbox: a descriptor of
        the folder, closed here; untold: gives the seconds until its end may be told, as
        `RunRecord.ended` is to say. What was taken is removed from it. Raises
        Refusal("outbox_refused") when there is nothing, or anything but a few plain files;
        nothing is taken then.
        """
        try:
            with held_still(sandbox):
                self._take(outbox, untold)
        finally:
            os.close(outbox)

    def _take(self, outbox: int, untold: Callable[[], float]) -> None:
        files = collect(outbox, self._spool.blob)
        if not files:
            raise refused("no file")
        code = "\n".join(f"# %% cell {n}\n{code}" for n, code in enumerate(self._code, 1))
        record = RunRecord(
            run=os.urandom(8).hex(),
            project=self._grant.project,
            user=self._grant.user,
            kernel=self._kernel,
            started=self._started,
            ended=self._now() + untold(),
            outcome="ok",
            line=None,
            code_sha256=self._spool.blob(code.encode()),
            files=files,
        )
        self._spool.run(record)
        for file in files:
            with contextlib.suppress(OSError):  # gone, or no longer a file
                os.unlink(file.name, dir_fd=outbox)

    def note_cells(self, why: str = "") -> None:
        """Leave for the audit how many cells ran and failed. why: which budget is used up."""
        self._spool.event(
            "kernel:cells:spend",
            self._grant.user,
            f"{self._grant.project}/{self._kernel}",
            at=self._now(),
            why=why,
            details={"cells": len(self._code), "errors": self._errors},
        )
