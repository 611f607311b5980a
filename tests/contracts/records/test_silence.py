"""Whatever goes wrong in the database, no stored value reaches a message, a repr or a traceback."""

import traceback
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.lib import samples
from workbench.adapters.sql import SqlRecords
from workbench.adapters.sql.store import connect
from workbench.domain.errors import Fault, Refusal

CANARY = "canary-13897248098"


def told(problem: BaseException) -> str:
    return "".join(traceback.format_exception(problem)) + repr(problem) + str(problem)


def test_a_broken_constraint_tells_no_value(opened: SqlRecords) -> None:
    opened.permits.grant(samples.permit(), samples.event())
    first = samples.release(1, body={"x": CANARY})
    opened.releases.record(first, None, samples.event())
    twice = replace(samples.release(1, fingerprint="f" * 64), plan=CANARY, body={"x": CANARY})

    with pytest.raises(Fault) as fault:
        opened.releases.record(twice, None, samples.event())
    assert CANARY not in told(fault.value)
    assert fault.value.incident
    assert len(opened.releases.of_project("study")) == 1


def test_a_request_of_no_project_tells_no_value(opened: SqlRecords) -> None:
    with pytest.raises(Fault) as fault:
        opened.outputs.submit(samples.request(author=CANARY), samples.event(who=CANARY))
    assert CANARY not in told(fault.value)


def test_text_that_cannot_be_stored_is_not_repeated(opened: SqlRecords) -> None:
    with pytest.raises(Refusal) as refused:
        opened.audit.append(samples.event(why=f"{CANARY}\0"))
    assert CANARY not in told(refused.value)


def test_a_vanished_table_tells_no_value(opened: SqlRecords, url: str) -> None:
    engine = connect(url)
    with engine.connect() as plain, plain.execution_options(workbench_writes=True).begin():
        plain.execute(text("ALTER TABLE loads RENAME TO gone"))
    try:
        with pytest.raises(Fault) as fault:
            opened.loads.add(samples.load(dataset=CANARY), samples.event())
        assert CANARY not in told(fault.value)
        assert len(list(opened.audit.entries())) == 0
    finally:
        with engine.connect() as plain, plain.execution_options(workbench_writes=True).begin():
            plain.execute(text("ALTER TABLE gone RENAME TO loads"))
        engine.dispose()


def test_the_books_show_nothing_of_what_they_hold(opened: SqlRecords) -> None:
    opened.permits.grant(samples.permit(title=CANARY), samples.event())

    assert CANARY not in repr(opened) + repr(opened.permits) + repr(vars(opened))
