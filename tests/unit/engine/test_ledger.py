"""The ledger: who was where in earlier releases, over rebuilt views too."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from pseudonym.keyring import Keyring
from tests.lib.plain_view import PlainView
from workbench.domain.errors import Fault, Refusal
from workbench.domain.release import Membership
from workbench.engine.ledger import Ledger, Overlaps
from workbench.engine.placed import Placed
from workbench.engine.standings import Standings
from workbench.engine.views import Views


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.create(tmp_path_factory.mktemp("keys") / "keyring.json", b"a test's passphrase")


def view(count: int, version: str = "v1", keep: slice = slice(None)) -> PlainView:
    """A view of `count` persons, pseudonyms 7, 14 …; a later version may have lost some."""
    pseudonyms = (np.arange(1, count + 1, dtype=np.uint64) * np.uint64(7))[keep]
    return PlainView({}, pseudonyms.size, 2, version=version, keys=pseudonyms)


def placed(vector: np.ndarray, cells: int) -> Placed:
    return Placed(vector.astype(np.int32), np.bincount(vector, minlength=cells + 1)[:cells])


def views(folder: Path, *held: PlainView) -> Views:
    for one in held:
        (folder / one.project / one.version).mkdir(parents=True)
    by_name = {one.version: one for one in held}
    return Views(folder, lambda path: by_name[path.name])


def membership_of(
    release: str,
    here: PlainView,
    new: Placed,
    published: tuple[tuple[int, ...], ...],
    keys: Keyring,
) -> Membership:
    """The entry of a first release."""
    return Ledger(new, (), here, Views(Path(), lambda _: here), keys).membership(release, published)


def overlaps(ledger: Ledger) -> Overlaps:
    return Overlaps(ledger, Standings().meeting("p", ledger, 60))


def test_the_joint_counts_every_person_once(keys: Keyring, tmp_path: Path) -> None:
    chance, here = np.random.default_rng(1), view(40)
    new, old = chance.integers(0, 4, 40), chance.integers(0, 3, 40)
    entry = membership_of("a" * 16, here, placed(old, 2), ((0,), (1,), (0, 1)), keys)

    (overlap,) = overlaps(Ledger(placed(new, 3), [entry], here, views(tmp_path, here), keys))

    expected = Counter(zip(new.tolist(), old.tolist(), strict=True))
    assert overlap.joint.shape == (4, 3)
    assert {place: overlap.joint[place] for place in expected} == expected
    assert overlap.joint.sum() == 40
    assert overlap.earlier == ((0,), (1,), (0, 1))


def test_persons_are_found_again_in_a_rebuilt_view(keys: Keyring, tmp_path: Path) -> None:
    before, after = view(40), view(40, "v2", slice(5, None))
    chance = np.random.default_rng(2)
    old = chance.integers(0, 3, 40)
    entry = membership_of("a" * 16, before, placed(old, 2), ((0,),), keys)
    new = chance.integers(0, 4, 35)

    ledger = Ledger(placed(new, 3), [entry], after, views(tmp_path, before, after), keys)
    (overlap,) = overlaps(ledger)

    def by_pseudonym(one: PlainView, vector: np.ndarray) -> dict[int, int]:
        known = np.concatenate([one.pseudonyms(at).to_numpy() for at in range(2)])
        return dict(zip(known.tolist(), vector.tolist(), strict=True))

    was, now = by_pseudonym(before, old), by_pseudonym(after, new)
    expected = Counter((now.get(person, 3), cell) for person, cell in was.items())
    assert {place: overlap.joint[place] for place in expected} == expected
    assert overlap.joint.sum() == 40


def test_no_comparison_no_exact_release_when_the_earlier_view_is_gone(
    keys: Keyring, tmp_path: Path
) -> None:
    before, after = view(10), view(10, "v2")
    entry = membership_of("a" * 16, before, placed(np.zeros(10, int), 1), ((0,),), keys)

    with pytest.raises(Refusal) as refused:
        Ledger(placed(np.zeros(10, int), 1), [entry], after, views(tmp_path, after), keys)

    assert refused.value.code == "ledger_unmappable"


def test_an_entry_cannot_be_taken_for_another_release(keys: Keyring, tmp_path: Path) -> None:
    here = view(10)
    zeros = placed(np.zeros(10, int), 1)
    one = membership_of("a" * 16, here, zeros, ((0,),), keys)
    forged = membership_of("b" * 16, here, zeros, ((0,),), keys)
    swapped = type(one)("b" * 16, "v1", 1, ((0,),), one.sealed)

    list(overlaps(Ledger(zeros, [forged], here, views(tmp_path, here), keys)))
    with pytest.raises(Exception, match=r"key|changed|wrong"):
        list(overlaps(Ledger(zeros, [swapped], here, views(tmp_path / "2", here), keys)))


def test_an_entry_that_does_not_fit_its_view_is_a_fault(keys: Keyring, tmp_path: Path) -> None:
    here = view(10)
    entry = membership_of("a" * 16, here, placed(np.zeros(9, int), 1), ((0,),), keys)

    with pytest.raises(Fault):
        list(
            overlaps(
                Ledger(placed(np.zeros(10, int), 1), [entry], here, views(tmp_path, here), keys)
            )
        )


def test_the_standing_is_kept_and_grows_with_the_releases(keys: Keyring, tmp_path: Path) -> None:
    chance, here = np.random.default_rng(3), view(60)
    entries = [
        membership_of(f"{at:016x}", here, placed(chance.integers(0, 3, 60), 2), ((0,), (1,)), keys)
        for at in range(3)
    ]
    kept, found, new = Standings(), views(tmp_path, here), placed(chance.integers(0, 3, 60), 2)

    assert kept.meeting("p", Ledger(new, [], here, found, keys), 60) is None
    for count in (1, 3, 2):  # an earlier end than before: made anew
        meeting = kept.meeting("p", Ledger(new, entries[:count], here, found, keys), 60)
        assert meeting is not None
        assert meeting.releases == tuple(one.release for one in entries[:count])
        for joint, one in zip(meeting.joints(), entries, strict=False):
            old = Ledger(new, [one], here, found, keys).vector(one)
            pairs = Counter(zip(new.vector.tolist(), old.tolist(), strict=True))
            assert {at: joint[at] for at in pairs} == pairs


def test_numbers_come_back_in_the_order_of_another_view(keys: Keyring, tmp_path: Path) -> None:
    before, after = view(40), view(40, "v2", slice(5, None))
    was = np.concatenate([before.pseudonyms(at).to_numpy() for at in range(2)])
    inside = np.arange(40) % 3 > 0
    old = Placed(
        np.where(inside, 0, 1).astype(np.int32), np.array([inside.sum()]), {"x": was[inside] * 1.0}
    )
    entry = membership_of("a" * 16, before, old, ((0,),), keys)
    ledger = Ledger(
        placed(np.zeros(35, int), 1), [entry], after, views(tmp_path, before, after), keys
    )
    told = ledger.numbers(entry)["x"]
    everybody = np.sort(was).astype(float)
    known = ~np.isnan(told)
    assert told[known].tolist() == everybody[known].tolist()
    assert known.sum() == inside.sum()


def test_the_stored_entry_shows_nothing(keys: Keyring) -> None:
    here = view(200)
    ones = membership_of("a" * 16, here, placed(np.zeros(200, int), 1), ((0,),), keys)
    again = membership_of("a" * 16, here, placed(np.zeros(200, int), 1), ((0,),), keys)

    assert ones.sealed != again.sealed
    assert b"\0" * 8 not in ones.sealed


@pytest.mark.parametrize("cells", [1, 255, 256, 70_000])
def test_a_cell_number_of_any_width_comes_back(keys: Keyring, tmp_path: Path, cells: int) -> None:
    here = view(6)
    vector = np.array([0, cells - 1, cells, cells // 2, cells, 0])
    entry = membership_of("a" * 16, here, placed(vector, cells), (), keys)
    ledger = Ledger(placed(vector, cells), [entry], here, views(tmp_path, here), keys)

    assert ledger.vector(entry).tolist() == vector.tolist()
