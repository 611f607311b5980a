"""The processes of a cluster: a scheduler, and workers that hold keys for the time of a run."""

import asyncio
import json
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import dask
from distributed import Scheduler, Worker

from workbench.engine.cluster import work
from workbench.engine.cluster.closed_pickle import close_pickles
from workbench.engine.cluster.doors import GuardedScheduler, GuardedWorker, call_only
from workbench.engine.cluster.security import security_of

__all__ = ["FAILURES", "run_scheduler", "run_worker"]

_log = logging.getLogger("workbench.cluster")
FAILURES = 3
"""So many workers may die over one bucket group before its plan is given up."""
LOOK = 0.1
_SETTINGS = {
    "distributed.scheduler.allowed-failures": FAILURES - 1,
    "distributed.scheduler.worker-saturation": 1.1,
    "distributed.scheduler.worker-ttl": "60s",
    "distributed.scheduler.no-workers-timeout": "60s",
    "distributed.worker.profile.enabled": False,
    "distributed.worker.use-file-locking": False,
    "distributed.admin.tick.limit": "60s",
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.comm.timeouts.connect": "10s",
    # A view's rows are never written anywhere by a worker, and dask's own watching is not ours.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
}


def run_scheduler(certificates: Path, host: str, port: int) -> None:
    """Serve as scheduler until SIGTERM; the address is told on stdout as one line of JSON.

    port: 0 for any. Raises Refusal("no_certificate").
    """
    security = security_of(certificates, "scheduler")
    call_only({"worker"})
    _serve(lambda: GuardedScheduler(host=host, port=port, protocol="tls", security=security))


def run_worker(
    scheduler: str, certificates: Path, views: Path, host: str, threads: int, memory: int
) -> None:
    """Work for the scheduler until SIGTERM, or until the scheduler is gone.

    views: the folder of views, as the engine knows it. memory: bytes; above them the process ends
    itself, and its bucket groups go to others. Raises Refusal("no_certificate").
    """
    security = security_of(certificates, "worker")
    work.prepare(views, certificates / "worker")
    threading.Thread(target=_watch, args=(memory,), daemon=True).start()
    call_only({"scheduler"})
    _serve(
        lambda: GuardedWorker(
            scheduler, nthreads=threads, host=host, security=security, memory_limit=0
        )
    )


def _serve(make: Any) -> None:
    logging.getLogger("distributed").setLevel(logging.WARNING)
    # dask would quote keys and arguments, and the bytes that it could not read.
    logging.getLogger("distributed.worker").setLevel(logging.CRITICAL)
    logging.getLogger("distributed.protocol").setLevel(logging.CRITICAL + 1)
    close_pickles()
    with dask.config.set(_SETTINGS):
        asyncio.run(_until_told(make))


async def _until_told(make: Any) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    node: Scheduler | Worker = await make()
    print(json.dumps({"address": node.address}), flush=True)  # noqa: T201 - who started us reads it
    waits = [asyncio.ensure_future(one) for one in (stop.wait(), node.finished())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    await node.close()
    for one in waits:
        one.cancel()


def _watch(most: int) -> None:
    page = os.sysconf("SC_PAGE_SIZE")
    while True:
        held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * page
        if held > most:
            _log.error("this worker held more than its %d MiB and ends", most >> 20)
            sys.stderr.flush()
            os._exit(9)
        work.forget_old()
        time.sleep(LOOK)
