"""The portal's heartbeat: take in finished runs, and release what still waits for a certificate."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from starlette.concurrency import run_in_threadpool

from workbench.portal.services import PortalServices
from workbench.services.collect import collect
from workbench.services.release_output import release_approved

__all__ = ["collecting"]

log = logging.getLogger("workbench.portal")

EVERY = 1.0
RELEASE_EVERY = 10
"""In rounds: an engine that was down is asked again every ten seconds."""


@asynccontextmanager
async def collecting(services: PortalServices, every: float = EVERY) -> AsyncIterator[None]:
    """Collect every second while the portal runs; a failed round is logged and tried again."""
    task = asyncio.create_task(_rounds(services, every))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _rounds(services: PortalServices, every: float) -> None:
    number = 0
    failing = False
    while True:
        failed = not await run_in_threadpool(_tried, lambda: _collect(services), failing)
        if number % RELEASE_EVERY == 0:
            failed |= not await run_in_threadpool(_tried, lambda: _release(services), failing)
        failing = failed
        number += 1
        await asyncio.sleep(every)


def _collect(services: PortalServices) -> None:
    collect(
        services.spool,
        services.records,
        services.blobs,
        services.clock,
        threshold=services.threshold,
    )


def _release(services: PortalServices) -> None:
    release_approved(services.records, services.blobs, services.certifier)


def _tried(work: Callable[[], None], failing: bool) -> bool:  # noqa: FBT001 - internal
    """Whether the round went well; the first failure of a row is logged, by its type alone."""
    try:
        work()
    except Exception as cause:  # noqa: BLE001 - the heartbeat outlives any one failure
        if not failing:
            log.error("incident %s: round failed: %s", secrets.token_hex(4), type(cause).__name__)
        return False
    return True
