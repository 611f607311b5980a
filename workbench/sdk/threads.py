"""Dask on the kernel's own cores: a client whose scheduler and worker are threads of this process.

A kernel has no network, so no other place can take part, and data are handed from task to task as
they are. A task is called with names and numbers of what it reads: see `workbench.sdk.datasets`.
"""

import logging
import os
from typing import Any

from workbench.sdk.refused import Refused

__all__ = ["dask"]


def dask(threads: int | None = None) -> Any:
    """The Dask client of this kernel, a `distributed.Client`; started when there is none.

    threads: tasks at a time (default: the cores that the kernel may use; polars' own work in a
    task uses them all). Another number closes the client that runs and starts one. Same in every
    lane: tasks are threads of the kernel and share its memory and its limit. Raises
    Refused("bad_value"), or Refused("no_dask") where Dask is not installed: in no kernel.
    """
    try:
        from distributed import Client
    except ImportError:
        raise Refused(
            "no_dask",
            "Dask is not installed here.",
            "Use a notebook's kernel: wb.packages() lists what it has.",
        ) from None
    if threads is not None and threads < 1:
        raise Refused("bad_value", "Dask needs a thread.", "Say how many: wb.dask(threads=2).")
    running = _running(Client)
    if running is not None:
        if threads is None or sum(running.nthreads().values()) == threads:
            return running
        running.close()
    return Client(
        processes=False,
        n_workers=1,
        threads_per_worker=threads or len(os.sched_getaffinity(0)),
        dashboard_address=None,
        silence_logs=logging.WARNING,
    )


def _running(client: Any) -> Any:
    try:
        found = client.current()
    except ValueError:  # Dask's word for: there is none
        return None
    return found if found.status == "running" else None
