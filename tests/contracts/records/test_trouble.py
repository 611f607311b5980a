"""A full disk and a busy database: refused with a remedy, nothing half-written, nothing lost."""

from fractions import Fraction
from pathlib import Path

import pytest

from tests.lib import samples
from tests.lib.fake_records import FakeClock
from workbench.adapters.sql import SqlRecords, open_records
from workbench.domain.errors import Refusal
from workbench.services.audit import verify_log


@pytest.fixture
def records(tmp_path: Path):
    records = open_records(f"sqlite:///{tmp_path / 'r.sqlite'}", FakeClock())
    records.permits.grant(samples.permit(), samples.event())
    yield records
    records.close()


def pragma(records: SqlRecords, words: str) -> int:
    """Set something on the one pooled connection that the next statements will use."""
    with records._store.engine.connect() as connection:
        return int(connection.exec_driver_sql(f"PRAGMA {words}").scalar_one())


def test_a_full_disk_refuses_a_release_and_charges_nothing(records: SqlRecords) -> None:
    pages = pragma(records, "page_count")
    pragma(records, f"max_page_count = {pages}")
    large = samples.release(rho=Fraction(1, 4), body={"x": "y" * 200_000})

    with pytest.raises(Refusal) as refused:
        records.releases.record(large, samples.membership(), samples.event())
    assert refused.value.code == "disk_full"
    assert records.releases.account("study").spent == 0
    assert verify_log(records).entries == 1
    assert verify_log(records).whole

    pragma(records, "max_page_count = 1000000")
    assert records.releases.record(large, samples.membership(), samples.event()) == large


def test_a_database_that_stays_busy_is_a_refusal(records: SqlRecords, tmp_path: Path) -> None:
    other = open_records(f"sqlite:///{tmp_path / 'r.sqlite'}", FakeClock())
    pragma(other, "busy_timeout = 50")
    with records._store.write(), pytest.raises(Refusal) as refused:
        other.audit.append(samples.event())
    assert refused.value.code == "database_busy"
    assert other.audit.append(samples.event()).position == 2
    other.close()
