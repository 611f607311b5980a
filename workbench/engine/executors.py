"""The executor that an instance's settings ask for."""

import os

from pseudonym.keys import Keyring
from workbench.domain.errors import Refusal
from workbench.engine.executor import Executor
from workbench.engine.local import LocalExecutor
from workbench.ports import Clock
from workbench.settings import Computing, Instance

__all__ = ["CLUSTER", "executor_of"]

CLUSTER = "cluster"
"""The folder of certificates in the engine's zone."""


def executor_of(
    computing: Computing, instance: Instance, keyring: Keyring, clock: Clock
) -> Executor:
    """Local, or on a cluster whose certificates are made first.

    Without a scheduler's address the engine starts a cluster of its own on this machine. Raises
    Refusal("no_cluster") when that does not start.
    """
    workers = computing.workers or os.cpu_count() or 2
    if computing.executor == "local":
        return LocalExecutor(workers, computing.memory_mb << 20)
    # An engine that computes by itself loads nothing of a cluster.
    from workbench.engine.cluster.certificates import certify_roles, worker_key
    from workbench.engine.cluster.crew import Crew
    from workbench.engine.cluster.executor import DaskExecutor
    from workbench.engine.cluster.processes import LocalCluster

    folder = instance.zone("engine") / CLUSTER
    certify_roles(folder, instance.id, keyring, clock.now())
    seal_to, memory = worker_key(keyring), computing.memory_mb << 20
    if computing.scheduler:
        address = computing.scheduler
        return DaskExecutor(Crew(lambda: address, folder), seal_to, workers, memory)
    cluster = LocalCluster(folder, instance.zone("views"), workers, memory)
    try:
        cluster.address()
    except Refusal:
        cluster.close()
        raise
    crew = Crew(cluster.address, folder)
    return DaskExecutor(crew, seal_to, workers, memory, cluster.close)
