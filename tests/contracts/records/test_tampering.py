"""Whoever can write to the database itself is found out by the chain and by what points into it."""

from collections.abc import Iterator
from fractions import Fraction

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from tests.lib import samples
from workbench.adapters.sql import SqlRecords
from workbench.adapters.sql.chain import entry_of
from workbench.adapters.sql.schema import APPEND_ONLY
from workbench.adapters.sql.store import connect
from workbench.domain.budget import Charge
from workbench.domain.chain import GENESIS, Anchor, Damage, Verification, link
from workbench.services.audit import verify_log

GUARDED = {
    "audit": "UPDATE audit SET who = 'nobody'",
    "releases": "UPDATE releases SET rho = '0/1'",
    "memberships": "UPDATE memberships SET cells = 0",
    "reviews": "UPDATE reviews SET officer = 'nobody'",
    "charges": "UPDATE charges SET registry = 'other'",
    "extensions": "UPDATE extensions SET rho = '9/1'",
}


@pytest.fixture
def raw(url: str) -> Iterator[Engine]:
    """The database, past every book."""
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture
def filled(opened: SqlRecords) -> SqlRecords:
    """Ten entries; the records point to 1, 2, 3, 5 and the end."""
    opened.permits.grant(samples.permit(), samples.event())
    opened.releases.record(samples.release(), samples.membership(), samples.event())
    opened.outputs.submit(samples.request(), samples.event())
    opened.audit.append(samples.event(subject="seen"))
    opened.loads.add(samples.load(), samples.event())
    for number in range(5):
        opened.audit.append(samples.event(subject=f"s{number}"))
    return opened


def run(engine: Engine, *statements: str) -> None:
    with engine.connect() as plain, plain.execution_options(workbench_writes=True).begin():
        for statement in statements:
            plain.exec_driver_sql(statement)


def unguarded(engine: Engine, *statements: str) -> None:
    """Run statements as somebody who first removed the triggers."""
    if engine.dialect.name == "postgresql":
        run(engine, *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in APPEND_ONLY))
    else:
        with engine.connect() as connection, connection.begin():
            names = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type='trigger'"
            )
            found = [row.name for row in names]
        run(engine, *(f"DROP TRIGGER {name}" for name in found))
    run(engine, *statements)


def damages(found: Verification) -> set[Damage]:
    return {damage.damage for damage in found.breaks}


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_database_refuses_change_and_removal(
    filled: SqlRecords, raw: Engine, table: str
) -> None:
    if table == "reviews":
        request = samples.request()
        decision = type(request.state).REJECTED
        review = samples.review(request, decision)
        filled.outputs.move(request.id, request.state, decision, samples.event(), review=review)
    if table in ("charges", "extensions"):
        filled.releases.extend(samples.extension(), samples.event())
        dear = samples.release(77, rho=Fraction(1, 9))
        filled.releases.record(dear, None, samples.event(), [Charge("base", Fraction(1))])
    removals = [f"DELETE FROM {table}"]
    if raw.dialect.name == "postgresql":
        removals.append(f"TRUNCATE {table} CASCADE")
    for statement in (GUARDED[table], *removals):
        with pytest.raises(DBAPIError, match="append-only"):
            run(raw, statement)
    assert verify_log(filled).whole


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # the statement is SQLite's alone
@pytest.mark.parametrize("position", ["position", "99"])
def test_nothing_takes_the_place_of_an_entry(
    filled: SqlRecords, raw: Engine, position: str
) -> None:
    filled.releases.extend(samples.extension(), samples.event())
    dear = samples.release(77, rho=Fraction(1, 9))
    filled.releases.record(dear, None, samples.event(), [Charge("base", Fraction(1))])
    rest = "at, what, 'nobody', subject, why, details, previous, hash, once, salt FROM audit"
    for statement in (
        f"INSERT OR REPLACE INTO audit SELECT {position}, {rest} WHERE position = 4",
        "INSERT OR REPLACE INTO releases SELECT * FROM releases",
        "INSERT OR REPLACE INTO memberships SELECT * FROM memberships",
        "INSERT OR REPLACE INTO charges SELECT * FROM charges",
        "INSERT OR REPLACE INTO extensions SELECT * FROM extensions",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            run(raw, statement)


@pytest.mark.parametrize("column", ["at", "what", "who", "subject", "why", "details"])
def test_a_changed_word_is_found(filled: SqlRecords, raw: Engine, column: str) -> None:
    value = {
        "at": "2001-01-01T00:00:00.000000+00:00",
        "what": "permit:project:revoke",
        "details": '{"n":1}',
    }.get(column, "nobody")
    unguarded(raw, f"UPDATE audit SET {column} = '{value}' WHERE position = 4")

    found = verify_log(filled)
    assert [damage.position for damage in found.breaks] == [4]
    assert damages(found) == {Damage.CHANGED}


@pytest.mark.parametrize("position", [1, 4, 10])
def test_a_removed_entry_is_found(filled: SqlRecords, raw: Engine, position: int) -> None:
    unguarded(raw, f"DELETE FROM audit WHERE position = {position}")

    assert Damage.MISSING in damages(verify_log(filled))


def test_swapped_entries_are_found(filled: SqlRecords, raw: Engine) -> None:
    unguarded(
        raw,
        "UPDATE audit SET position = -1 WHERE position = 7",
        "UPDATE audit SET position = 7 WHERE position = 8",
        "UPDATE audit SET position = 8 WHERE position = -1",
    )

    assert {Damage.UNLINKED, Damage.CHANGED} <= damages(verify_log(filled))


def test_a_closed_gap_is_found(filled: SqlRecords, raw: Engine) -> None:
    unguarded(
        raw,
        "DELETE FROM audit WHERE position = 4",
        *(f"UPDATE audit SET position = {n - 1} WHERE position = {n}" for n in range(5, 11)),
    )

    assert not verify_log(filled).whole


@pytest.mark.parametrize("kept", [0, 4, 9])
def test_a_cut_off_end_is_found(filled: SqlRecords, raw: Engine, kept: int) -> None:
    unguarded(raw, f"DELETE FROM audit WHERE position > {kept}")

    assert Damage.MISSING in damages(verify_log(filled))


def test_a_cut_off_end_with_its_mark_moved_is_found_by_the_records(
    filled: SqlRecords, raw: Engine
) -> None:
    unguarded(
        raw,
        "DELETE FROM audit WHERE position > 4",
        "UPDATE audit_head SET position = 4, hash = (SELECT hash FROM audit WHERE position = 4)",
    )

    found = verify_log(filled)
    assert [(damage.position, damage.source) for damage in found.breaks] == [(5, "loads")]


def rewritten(engine: Engine, position: int) -> list[str]:
    """Statements that change one entry and compute every hash after it anew."""
    with engine.connect() as connection, connection.begin():
        rows = connection.exec_driver_sql("SELECT * FROM audit ORDER BY position").all()
    statements, previous = [], GENESIS
    for row in rows:
        event = entry_of(row).event
        if row.position == position:
            event = samples.event(event.what, event.subject, who="nobody")
        mark = link(previous, row.position, entry_of(row).at, event, row.salt)
        statements.append(
            f"UPDATE audit SET who = '{event.who}', previous = '{previous}', hash = '{mark}' "
            f"WHERE position = {row.position}"
        )
        previous = mark
    return [*statements, f"UPDATE audit_head SET hash = '{previous}'"]


def test_a_rewritten_chain_is_found_by_the_records(filled: SqlRecords, raw: Engine) -> None:
    unguarded(raw, *rewritten(raw, 2))

    found = verify_log(filled)
    assert damages(found) == {Damage.NOT_ANCHORED}
    assert {damage.source for damage in found.breaks} == {"releases", "outputs", "loads"}


def test_a_rewritten_chain_beyond_all_records_is_found_by_a_note(
    filled: SqlRecords, raw: Engine
) -> None:
    head = verify_log(filled).head
    assert head is not None
    note = f"{head.position}:{head.hash}"
    filled.audit.append(samples.event(subject="later"))
    assert verify_log(filled, note).whole

    unguarded(raw, *rewritten(raw, 9))

    assert verify_log(filled).whole
    assert verify_log(filled, note).breaks[0].source == "your note"


def test_a_record_without_its_event_is_found(filled: SqlRecords, raw: Engine) -> None:
    unguarded(raw, "UPDATE loads SET audit_position = 77")

    assert [(b.position, b.source) for b in verify_log(filled).breaks] == [(77, "loads")]


def test_the_end_is_an_anchor(filled: SqlRecords) -> None:
    head = verify_log(filled).head
    assert head is not None

    assert Anchor("head", 10, head.hash) in list(filled.audit.anchors())
