"""Which uid a person's server runs under in a project: one each, and the same for ever."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from workbench.domain.errors import Refusal

__all__ = ["SERVER_UIDS", "Uids"]

SERVER_UIDS = range(40_000, 50_000)
"""Apart from the kernels' own (see kernels.host.config) and from the accounts of people."""


class Uids:
    """The allocation, in the hub's zone; numbers are never given to somebody else."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, user: str, project: str) -> int:
        """The uid of this person's server in this project.

        Without root there is only one uid, the platform's own. Refusal when all are taken.
        """
        if os.geteuid() != 0:
            return os.geteuid()
        with closing(sqlite3.connect(self._path, timeout=30)) as database, database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS server (number INTEGER PRIMARY KEY,"
                " user TEXT NOT NULL, project TEXT NOT NULL, UNIQUE (user, project)) STRICT"
            )
            database.execute(
                "INSERT INTO server (user, project) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (user, project),
            )
            (number,) = database.execute(
                "SELECT number FROM server WHERE user = ? AND project = ?", (user, project)
            ).fetchone()
        if number > len(SERVER_UIDS):
            raise Refusal(
                "no_uid",
                "Every uid for project servers is taken.",
                "Ask the operator to make room in hub/uids.sqlite.",
            )
        return SERVER_UIDS[int(number) - 1]
