"""The audit log: one chain, in order, each event once where asked."""

import pytest

from tests.lib import samples
from workbench.domain.audit import What
from workbench.domain.chain import GENESIS, verify
from workbench.ports import Records


def test_an_empty_log_is_whole(records: Records) -> None:
    found = verify(records.audit.entries(), records.audit.anchors())

    assert found.whole
    assert found.head is None


def test_entries_are_linked_in_the_order_of_appending(records: Records) -> None:
    made = [records.audit.append(samples.event(subject=f"s{n}")) for n in range(5)]

    assert list(records.audit.entries()) == made
    assert [entry.position for entry in made] == [1, 2, 3, 4, 5]
    assert [entry.previous for entry in made] == [GENESIS, *(entry.hash for entry in made[:-1])]


def test_entries_begin_where_asked(records: Records) -> None:
    for n in range(5):
        records.audit.append(samples.event(subject=f"s{n}"))

    assert [entry.event.subject for entry in records.audit.entries(4)] == ["s3", "s4"]


def test_what_was_said_comes_back_as_it_was(records: Records) -> None:
    told = samples.event(
        What.KERNEL_END, "prosjekt/kjerne", who="åse", why="«fordi»\n", details={"æ": 7, "b": "x"}
    )
    records.audit.append(told)

    (entry,) = records.audit.entries()
    assert entry.event == told
    assert entry.at.utcoffset() is not None


def test_an_occasion_is_noted_once(records: Records) -> None:
    first = records.audit.append(samples.event(subject="a"), once="run:1")
    again = records.audit.append(samples.event(subject="b"), once="run:1")
    other = records.audit.append(samples.event(subject="c"), once="run:2")

    assert again == first
    assert [entry.event.subject for entry in records.audit.entries()] == ["a", "c"]
    assert other.position == 2


def test_every_book_points_into_the_chain(records: Records) -> None:
    records.permits.grant(samples.permit(), samples.event())
    records.releases.record(samples.release(), samples.membership(), samples.event())
    records.outputs.submit(samples.request(), samples.event())
    records.loads.add(samples.load(), samples.event())

    anchors = list(records.audit.anchors())

    assert {anchor.source for anchor in anchors} == {
        "head", "permits", "releases", "outputs", "loads",
    }  # fmt: skip
    assert verify(records.audit.entries(), anchors).whole


def test_a_log_longer_than_a_page_is_read_whole(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.adapters.sql.audit.PAGE", 3)
    for n in range(9):
        records.audit.append(samples.event(subject=str(n)))

    found = verify(records.audit.entries(), records.audit.anchors())

    assert found.entries == 9
    assert found.whole
