"""The chain as a pure value: any tampering with a copy of it is found."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lib import samples
from tests.lib.fake_records import FakeClock, FakeRecords
from workbench.domain.audit import What
from workbench.domain.chain import Anchor, Damage, link, verify
from workbench.ports import AuditEntry


def chain(length: int) -> list[AuditEntry]:
    records = FakeRecords(FakeClock())
    for number in range(length):
        records.audit.append(samples.event(subject=str(number), details={"n": number}))
    return records.audit.chain


WHOLE = chain(12)
END = Anchor("head", 12, WHOLE[-1].hash)


def test_a_whole_chain_is_whole() -> None:
    found = verify(WHOLE, [END])

    assert found.whole
    assert found.entries == 12
    assert found.head == Anchor("chain", 12, WHOLE[-1].hash)


def test_the_hash_binds_every_part_of_an_entry() -> None:
    entry = WHOLE[3]
    base = link(entry.previous, entry.position, entry.at, entry.event, entry.salt)
    others = [
        link("f" * 64, entry.position, entry.at, entry.event, entry.salt),
        link(entry.previous, 99, entry.at, entry.event, entry.salt),
        link(entry.previous, entry.position, entry.at, entry.event, "f" * 32),
        link(
            entry.previous,
            entry.position,
            entry.at + timedelta(microseconds=1),
            entry.event,
            entry.salt,
        ),
        *(
            link(
                entry.previous,
                entry.position,
                entry.at,
                replace(entry.event, **change),
                entry.salt,
            )
            for change in (
                {"what": What.KERNEL_END},
                {"who": "x"},
                {"subject": "x"},
                {"why": "x"},
                {"details": {"n": 4}},
                {"details": {"n": "3"}},
                {"details": {}},
            )
        ),
    ]

    assert base == entry.hash
    assert len({base, *others}) == len(others) + 1


def test_words_do_not_flow_from_one_field_into_the_next() -> None:
    entry = WHOLE[0]
    one = replace(entry.event, who="ab", subject="c")
    other = replace(entry.event, who="a", subject="bc")

    for salt in ("", entry.salt):
        hashes = {link(entry.previous, 1, entry.at, event, salt) for event in (one, other)}
        assert len(hashes) == 2


TAMPERING = st.one_of(
    st.tuples(st.just("change"), st.integers(0, 11), st.just(0)),
    st.tuples(st.just("remove"), st.integers(0, 11), st.just(0)),
    st.tuples(st.just("swap"), st.integers(0, 11), st.integers(0, 11)),
    st.tuples(st.just("repeat"), st.integers(0, 11), st.integers(0, 11)),
    st.tuples(st.just("cut"), st.integers(0, 11), st.just(0)),
)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(TAMPERING, min_size=1, max_size=3), st.booleans())
def test_any_tampering_is_found(steps: list[tuple[str, int, int]], renumber: bool) -> None:
    entries = list(WHOLE)
    for kind, one, two in steps:
        at, to = one % max(1, len(entries)), two % max(1, len(entries))
        if not entries:
            break
        if kind == "change":
            entries[at] = replace(
                entries[at], event=replace(entries[at].event, who=f"other{len(steps)}")
            )
        elif kind == "remove":
            del entries[at]
        elif kind == "swap":
            entries[at], entries[to] = entries[to], entries[at]
        elif kind == "repeat":
            entries.insert(to, entries[at])
        else:
            del entries[at:]
    if renumber:
        entries = [replace(entry, position=n) for n, entry in enumerate(entries, 1)]

    assert verify(entries, [END]).whole is (entries == WHOLE)


def test_a_removed_entry_is_told_by_its_place() -> None:
    found = verify(WHOLE[:5] + WHOLE[6:], [END])

    assert [(damage.position, damage.damage) for damage in found.breaks] == [(6, Damage.MISSING)]


def test_an_anchor_beyond_the_end_and_one_at_another_hash_are_told_apart() -> None:
    found = verify(WHOLE, [Anchor("note", 20, "0" * 64), Anchor("load", 2, "0" * 64)])

    assert {(b.position, b.damage, b.source) for b in found.breaks} == {
        (20, Damage.MISSING, "note"),
        (2, Damage.NOT_ANCHORED, "load"),
    }
