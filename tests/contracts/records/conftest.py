"""Every implementation of the storage of record, under one suite."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.lib.fake_records import FakeClock, FakeRecords
from tests.lib.postgres import Cluster
from workbench.adapters.sql import SqlRecords, open_records
from workbench.adapters.sql.schema import REVISION, metadata
from workbench.domain.chain import GENESIS
from workbench.ports import Records

Opener = Callable[[], SqlRecords]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    yield cluster
    cluster.close()


@pytest.fixture(scope="session")
def migrated(cluster: Cluster) -> str:
    """A database with the schema; every test leaves it as empty as it was."""
    name = cluster.create()
    open_records(cluster.url(name), FakeClock()).close()
    return name


@pytest.fixture
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes an empty database of a kind and tells its address."""
    with ExitStack() as stack:

        def make(kind: str) -> str:
            if kind == "sqlite":
                return f"sqlite:///{tmp_path / 'records.sqlite'}"
            cluster: Cluster = request.getfixturevalue("cluster")
            name: str = request.getfixturevalue("migrated")
            head = f"INSERT INTO audit_head VALUES (1, 0, '{GENESIS}')"
            revision = f"UPDATE alembic_version SET version_num = '{REVISION}'"
            stack.callback(cluster.wipe, name, list(metadata.tables), head, revision)
            return cluster.url(name)

        yield make


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, databases: Callable[[str], str]) -> str:
    """The address of an empty database of each kind."""
    return databases(request.param)


@pytest.fixture
def opened(url: str) -> Iterator[SqlRecords]:
    records = open_records(url, FakeClock())
    yield records
    records.close()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def records(request: pytest.FixtureRequest, databases: Callable[[str], str]) -> Iterator[Records]:
    if request.param == "memory":
        yield FakeRecords()
        return
    opened: Any = open_records(databases(request.param), FakeClock())
    yield opened
    opened.close()
