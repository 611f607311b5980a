"""A cluster of real processes on this machine, and what attackers need to knock at it."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pseudonym.sealing import seal
from workbench.engine.cluster.certificates import certify_roles, worker_key
from workbench.engine.cluster.crew import Crew
from workbench.engine.cluster.executor import DaskExecutor
from workbench.engine.cluster.processes import LocalCluster
from workbench.engine.cluster.request import context_of

__all__ = ["Cluster", "Derives", "cluster"]

INSTANCE = "ab" * 8


class Derives:
    """As a keyring derives keys."""

    def __init__(self, root: str = "of a test") -> None:
        self._root = root

    def derive(self, label: str) -> bytes:
        return hashlib.sha256(f"{self._root} {label}".encode()).digest()


@dataclass
class Cluster:
    """processes: scheduler and workers; views: where workers look for the files of views."""

    certificates: Path
    views: Path
    processes: LocalCluster
    crew: Crew
    executor: DaskExecutor

    def tasks_under_way(self) -> int:
        """Requests that the engine waits for an answer to."""
        client = self.crew._client
        held = dict(client.futures) if client is not None else {}
        return sum(
            one.status == "pending" and not key.startswith("tell-") for key, one in held.items()
        )

    def worker_addresses(self) -> list[str]:
        """Where the workers listen."""
        client = self.crew._connection()
        return list(client.scheduler_info(n_workers=-1)["workers"])

    def sealed(self, keys: dict[str, Any], project: str, version: str, session: str) -> str:
        """Keys as the engine seals them to workers."""
        context = context_of(project, version, session)
        return b64encode(seal(worker_key(Derives()), json.dumps(keys).encode(), context)).decode()


@contextmanager
def cluster(folder: Path, workers: int = 2, memory: int = 700 << 20) -> Iterator[Cluster]:
    """Certificates, a scheduler and workers; ended at the end."""
    certificates, views, keys = folder / "cluster", folder / "views", Derives()
    views.mkdir(exist_ok=True)
    certify_roles(certificates, INSTANCE, keys, datetime.now(UTC))
    with LocalCluster(certificates, views, workers, memory) as processes:
        processes.address()
        crew = Crew(processes.address, certificates)
        executor = DaskExecutor(crew, worker_key(keys), workers, memory)
        try:
            yield Cluster(certificates, views, processes, crew, executor)
        finally:
            executor.close()
