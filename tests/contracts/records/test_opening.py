"""Opening: the schema is made once, kept current, and never by half."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from tests.lib import samples
from tests.lib.fake_records import FakeClock
from tests.lib.postgres import Cluster, programs
from workbench.adapters.clock import SystemClock
from workbench.adapters.sql import SqlRecords, open_records
from workbench.adapters.sql.migrate import configuration
from workbench.adapters.sql.schema import REVISION, metadata
from workbench.adapters.sql.store import connect
from workbench.domain.errors import Refusal


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.sqlite'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)


def note(url: str, number: int) -> None:
    records = open_records(url, SystemClock())
    records.audit.append(samples.event(subject=str(number)))
    records.close()


def test_many_processes_open_a_new_database_at_once(bare: str) -> None:
    context = multiprocessing.get_context("fork")
    openers = [context.Process(target=note, args=(bare, number)) for number in range(8)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join(60)

    assert [opener.exitcode for opener in openers] == [0] * 8
    records = open_records(bare, FakeClock())
    assert len(list(records.audit.entries())) == 8
    records.close()


def test_the_migrations_make_exactly_the_schema(opened: SqlRecords, url: str) -> None:
    engine = connect(url)
    with engine.connect() as connection, connection.begin():
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        head = ScriptDirectory.from_config(configuration(connection)).get_current_head()
    engine.dispose()

    assert differences == []
    assert head == REVISION


def replaced(url: str, statement: str) -> None:
    engine: Engine = connect(url)
    with engine.connect() as plain, plain.execution_options(workbench_writes=True).begin():
        plain.exec_driver_sql(statement)
    engine.dispose()


def test_a_database_of_a_newer_workbench_is_left_alone(opened: SqlRecords, url: str) -> None:
    replaced(url, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(Refusal) as refused:
        open_records(url, FakeClock())
    assert refused.value.code == "newer_database"


def test_a_migration_that_fails_leaves_nothing(bare: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import workbench.adapters.sql.migrate as module

    upgrade = module.command.upgrade

    def torn(*args: object) -> None:
        upgrade(*args)
        raise Refusal("torn", "Torn.", "None.")

    monkeypatch.setattr(module.command, "upgrade", torn)
    with pytest.raises(Refusal):
        open_records(bare, FakeClock())
    monkeypatch.undo()

    engine = connect(bare)
    with engine.connect() as connection, connection.begin():
        assert engine.dialect.get_table_names(connection) == []
    engine.dispose()
    open_records(bare, FakeClock()).close()


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("nonsense", "bad_database"),
        ("mysql://x/y", "bad_database"),
        ("sqlite://", "bad_database"),
        ("sqlite:////nowhere/at/all.sqlite", "database_unreachable"),
        ("postgresql://nobody@/x?host=/nowhere", "database_unreachable"),
    ],
)
def test_an_address_of_nothing_is_refused_with_a_remedy(address: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        open_records(address, FakeClock())

    assert refused.value.code == code
    assert "instance.toml" in refused.value.remedy


def test_nobody_else_reads_the_file(tmp_path: Path) -> None:
    open_records(f"sqlite:///{tmp_path / 'r.sqlite'}", FakeClock()).close()

    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.sqlite").write_bytes(b"This is no database at all." * 100)

    with pytest.raises(Exception, match="storage of record"):
        open_records(f"sqlite:///{tmp_path / 'r.sqlite'}", FakeClock())


def test_text_that_one_database_would_lose_is_refused(opened: SqlRecords) -> None:
    for bad in ("a\0b", "\ud800"):
        with pytest.raises(Refusal) as refused:
            opened.audit.append(samples.event(why=bad))
        assert refused.value.code == "unstorable_text"
    assert list(opened.audit.entries()) == []


def test_a_machine_without_postgresql_fails_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(pytest.fail.Exception, match="make test"):
        programs(tmp_path)
