"""A PostgreSQL of the system's packages on a unix socket, for as long as the tests run."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

__all__ = ["Cluster", "programs"]

MISSING = (
    "PostgreSQL 15 or later is missing; the storage of record is tested on it, too. "
    "Run `make test`, which installs it."
)


class Cluster:
    """A throw-away cluster: trusts its socket, keeps nothing, syncs nothing.

    initdb refuses root, so root hands it to the unprivileged account `nobody`.
    """

    def __init__(self, connections: int = 60) -> None:
        self._programs = programs()
        self.folder = Path(tempfile.mkdtemp(prefix="wbpg-", dir="/tmp"))
        self._as: dict[str, object] = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("nobody")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        data = self.folder / "data"
        self._run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync",
                  "-E", "UTF8", "--locale=C")  # fmt: skip
        self._server = subprocess.Popen(
            [
                str(self._programs / "postgres"), "-D", str(data), "-k", str(self.folder),
                "-c", "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off",
                "-c", "full_page_writes=off", "-c", f"max_connections={connections}",
                "-c", "shared_buffers=16MB",
            ],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._as,
        )  # fmt: skip
        self._count = 0
        self._wait()

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def create(self, template: str = "template0") -> str:
        """A new database, a copy of `template`; returns its name."""
        self._count += 1
        name = f"test{self._count}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Remove a database and whoever is connected."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def wipe(self, name: str, tables: Sequence[str], *after: str) -> None:
        """Empty tables past every trigger, make the triggers whole again, run what is to follow.

        Five times as fast as a new database for every test.
        """
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("SET session_replication_role = replica")
            listed = sql.SQL(", ").join(map(sql.Identifier, tables))
            connection.execute(sql.SQL("TRUNCATE {}").format(listed))
            for table in tables:
                whole = sql.SQL("ALTER TABLE {} ENABLE TRIGGER ALL")
                connection.execute(whole.format(sql.Identifier(table)))
            for statement in after:
                connection.execute(statement.encode())

    def close(self) -> None:
        """Stop the server and remove its files."""
        self._server.terminate()
        try:
            self._server.wait(10)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **self._as,
        )
        if done.returncode:
            pytest.fail(f"{program} failed: {done.stderr[-500:]}")

    def _wait(self) -> None:
        for _ in range(300):
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                if self._server.poll() is not None:
                    pytest.fail("PostgreSQL ended while it started.")
                time.sleep(0.1)
            else:
                return
        pytest.fail("PostgreSQL did not answer within 30 seconds.")


def programs(system: Path = Path("/usr/lib/postgresql")) -> Path:
    """The folder of initdb and postgres, the newest version first; fails where there is none."""
    installed = [place for place in system.glob("*/bin") if (place / "initdb").exists()]
    found = sorted(installed, key=lambda place: int(place.parent.name))
    if found and int(found[-1].parent.name) >= 15:
        return found[-1]
    on_path = shutil.which("initdb")
    if on_path is None:
        pytest.fail(MISSING)
    return Path(on_path).resolve().parent
