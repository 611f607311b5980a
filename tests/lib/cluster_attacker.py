"""Somebody with stock dask at a cluster (-m tests.lib.cluster_attacker WHAT ADDRESS FOLDER MARK).

FOLDER holds the certificate that they come with. What they try touches MARK where it is run; they
print "in" when they were let in, and end with 0 whatever happened.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import dask
from distributed import Client, Scheduler, Worker
from distributed.core import rpc
from distributed.protocol import to_serialize
from distributed.protocol.pickle import dumps
from distributed.security import Security

PATIENCE = 2


class Touches:
    """Unpickling it runs a program."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (Path(self.mark),)


def touch(mark: str) -> bytes:
    Path(mark).touch()
    return b"A"


def security(folder: Path) -> Security:
    pair = {"cert": str(folder / "certificate.pem"), "key": str(folder / "key.pem")}
    return Security(
        require_encryption=True,
        tls_ca_file=str(folder / "authority.pem"),
        **{
            f"tls_{role}_{what}": path
            for role in ("client", "scheduler", "worker")
            for what, path in pair.items()
        },
    )


def told(text: str) -> None:
    print(text, flush=True)


async def asks(address: str, folder: Path, mark: str) -> None:
    """As a client: submit a function of one's own."""
    async with Client(
        address, security=security(folder), asynchronous=True, timeout=PATIENCE
    ) as client:
        told("in")
        await client.submit(touch, mark)


async def orders_scheduler(address: str, folder: Path, mark: str) -> None:
    """Have the scheduler run a function; and unpickle something."""
    held = security(folder).get_connection_args("client")
    async with rpc(address, connection_args=held, timeout=PATIENCE) as line:
        told(str(await line.run_function(function=dumps(touch), args=dumps((mark,)), kwargs={})))
    async with rpc(address, connection_args=held, timeout=PATIENCE) as line:
        await line.identity(reply=to_serialize(Touches(mark)))


async def orders_worker(address: str, folder: Path, mark: str) -> None:
    """Have a worker run a function."""
    held = security(folder).get_connection_args("client")
    async with rpc(address, connection_args=held, timeout=PATIENCE) as line:
        told(str(await line.run(function=dumps(touch), args=dumps((mark,)))))


async def works(address: str, folder: Path, mark: str) -> None:
    """As a worker of stock dask, over TLS or in the clear, whose every answer is a pickle."""
    from workbench.engine.cluster import work

    work.run_group = lambda _request: Touches(mark)
    work.run_group.__module__, work.run_group.__qualname__ = work.__name__, "run_group"
    held = security(folder) if address.startswith("tls") else None
    async with Worker(address, security=held, death_timeout=PATIENCE, nthreads=1, dashboard=False):
        told("in")
        await asyncio.sleep(60)


async def deals(address: str, folder: Path, _mark: str) -> None:
    """As a scheduler."""
    host, port = address.removeprefix("tls://").split(":")
    async with Scheduler(
        host=host, port=int(port), protocol="tls", security=security(folder), dashboard=False
    ) as made:
        told(made.address)
        await asyncio.sleep(60)


def main(what: str, address: str, folder: str, mark: str) -> None:
    with dask.config.set({"distributed.comm.timeouts.connect": PATIENCE}):
        try:
            asyncio.run(asyncio.wait_for(globals()[what](address, Path(folder), mark), 90))
        except BaseException as error:  # noqa: BLE001 - an attacker takes what comes
            told(f"out: {type(error).__name__}")


if __name__ == "__main__":
    main(*sys.argv[1:])
