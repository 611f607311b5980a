"""Accounts: who may sign in, and that guessing takes for ever."""

import sqlite3
import stat
import threading

import pytest
from argon2 import PasswordHasher

from workbench.adapters.hub.accounts import FREE_TRIES, LONGEST_LOCK, AccountBook, add_account
from workbench.domain.errors import Refusal
from workbench.settings import Instance

GOOD = "four words make a password"


class Watch:
    """A clock that a test turns."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def instance(tmp_path):
    return Instance.create(tmp_path / "i", "test")


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def book(instance, watch):
    found = AccountBook(instance, watch, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    found.add("kari", GOOD)
    return found


def test_an_account_opens_with_its_password_only(book):
    assert book.check("kari", GOOD)
    assert not book.check("kari", GOOD + " ")
    assert not book.check("ola", GOOD)
    assert not book.check("kari", "")


def test_an_account_can_be_made_before_the_hub_runs(instance):
    add_account(instance, "ola", GOOD)

    assert AccountBook(instance).check("ola", GOOD)


@pytest.mark.parametrize("name", ["", "Kari", "kåre", "a b", "../x", "a/b", "-a", "a" * 65, "a\n"])
def test_a_bad_name_is_refused(book, name):
    with pytest.raises(Refusal, match="name is made of") as refused:
        book.add(name, GOOD)
    assert refused.value.code == "bad_account_name"
    assert not book.check(name, GOOD)


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaaa", "abababababab", "x" * 257])
def test_a_weak_password_is_refused_and_not_repeated(book, password):
    with pytest.raises(Refusal) as refused:
        book.add("ola", password)
    assert refused.value.code == "weak_password"
    assert not password or password not in str(refused.value)
    assert book.names() == ["kari"]


def test_a_taken_name_keeps_its_password_unless_it_is_replaced(book):
    with pytest.raises(Refusal) as refused:
        book.add("kari", "another good password")
    assert refused.value.code == "account_exists"
    assert book.check("kari", GOOD)

    book.add("kari", "another good password", replace=True)
    assert book.check("kari", "another good password")
    assert not book.check("kari", GOOD)


def test_a_removed_account_opens_nothing(book):
    book.remove("kari")

    assert not book.check("kari", GOOD)
    assert book.names() == []
    with pytest.raises(Refusal):
        book.remove("kari")


@pytest.mark.parametrize("name", ["kari", "nobody"])
def test_five_failures_lock_a_name_whether_it_has_an_account_or_not(book, watch, name):
    for _ in range(FREE_TRIES):
        assert not book.locked(name)
        assert not book.check(name, "wrong wrong wrong")

    assert book.locked(name)
    assert not book.check(name, GOOD)
    watch.now += 16
    assert not book.locked(name)
    assert book.check(name, GOOD) == (name == "kari")


def test_each_further_failure_doubles_the_lock_up_to_a_quarter_of_an_hour(book, watch):
    locks = []
    for _ in range(FREE_TRIES + 9):
        book.check("kari", "wrong wrong wrong")
        start = watch.now
        while book.locked("kari"):
            watch.now += 1
        locks.append(watch.now - start)

    assert locks == [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900, 900]
    assert max(locks) == LONGEST_LOCK


def test_a_right_password_forgets_the_failures(book):
    for _ in range(FREE_TRIES - 1):
        book.check("kari", "wrong wrong wrong")
    assert book.check("kari", GOOD)

    for _ in range(FREE_TRIES - 1):
        book.check("kari", "wrong wrong wrong")
    assert not book.locked("kari")


def test_a_new_password_unlocks(book):
    for _ in range(FREE_TRIES):
        book.check("kari", "wrong wrong wrong")
    book.add("kari", GOOD, replace=True)

    assert book.check("kari", GOOD)


def test_tries_at_once_are_no_way_around_the_lock(book, monkeypatch):
    compared = []
    right = AccountBook._right
    monkeypatch.setattr(
        AccountBook, "_right", lambda self, *a: compared.append(1) or right(self, *a)
    )
    threads = [
        threading.Thread(target=book.check, args=("kari", "wrong wrong wrong")) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(compared) == FREE_TRIES


def test_an_unknown_name_is_compared_as_a_known_one_is(book, monkeypatch):
    compared = []
    monkeypatch.setattr(AccountBook, "_right", lambda _self, hashed, _: compared.append(hashed))
    book.check("kari", "wrong wrong wrong")
    book.check("nobody", "wrong wrong wrong")

    # the same algorithm with the same cost, so the time tells nothing
    assert compared[0].split("$")[:4] == compared[1].split("$")[:4]


def test_the_file_is_private_and_holds_no_password(instance):
    add_account(instance, "kari", GOOD)
    path = instance.zone("hub") / "accounts.sqlite"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert GOOD.encode() not in path.read_bytes()
    (hashed,) = sqlite3.connect(path).execute("SELECT hash FROM account").fetchone()
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_an_operator_locks_and_unlocks(book):
    book.lock("kari")
    assert not book.check("kari", GOOD)
    assert book.names() == ["kari"]
    assert book.open_names() == []

    book.unlock("kari")
    assert book.check("kari", GOOD)
    assert book.open_names() == ["kari"]


def test_a_locked_account_is_compared_as_an_open_one_is(book, monkeypatch):
    compared = []
    monkeypatch.setattr(AccountBook, "_right", lambda _self, hashed, _: compared.append(hashed))
    book.lock("kari")
    book.check("kari", GOOD)

    assert len(compared) == 1


@pytest.mark.parametrize("act", ["sign_out", "lock", "remove", "remove_second_factor"])
def test_what_shuts_somebody_out_ends_their_sessions(book, act):
    getattr(book, act)("kari")

    ((name, at),) = book.endings()
    assert name == "kari"
    book.ended("kari", at)
    assert book.endings() == []


def test_a_new_password_ends_the_sessions_and_a_first_one_has_none(book):
    assert book.endings() == []
    book.add("kari", "another good password", replace=True)
    assert [name for name, _ in book.endings()] == ["kari"]


def test_an_ending_that_was_asked_for_meanwhile_is_not_lost(book, watch):
    book.sign_out("kari")
    ((name, at),) = book.endings()
    watch.now += 1
    book.sign_out("kari")
    book.ended(name, at)

    assert book.endings() == [("kari", watch.now)]


def test_a_person_changes_their_password_by_showing_the_old_one(book):
    with pytest.raises(Refusal) as refused:
        book.change_password("kari", "wrong wrong wrong", "", "another good password")
    assert refused.value.code == "not_signed_in"
    with pytest.raises(Refusal) as refused:
        book.change_password("kari", GOOD, "", "short")
    assert refused.value.code == "weak_password"

    book.change_password("kari", GOOD, "", "another good password")
    assert book.check("kari", "another good password")


def test_a_person_of_the_identity_provider_is_let_in_by_a_code_that_tells_nothing(book, instance):
    mark = book.mark("https://provider", "subject-1")
    assert book.named(mark) is None

    book.link("ola", mark)
    assert book.named(mark) == "ola"
    assert book.names() == ["kari", "ola"]
    assert book.named(book.mark("https://other", "subject-1")) is None
    raw = (instance.zone("hub") / "accounts.sqlite").read_bytes()
    assert b"subject-1" not in raw
    book.lock("ola")
    assert book.named(mark) is None


def test_one_person_has_one_account_and_codes_are_codes(book):
    mark = book.mark("https://provider", "subject-1")
    book.link("ola", mark)
    with pytest.raises(Refusal) as refused:
        book.link("kari", mark)
    assert refused.value.code == "account_exists"
    with pytest.raises(Refusal) as refused:
        book.link("kari", "01017012345")
    assert refused.value.code == "bad_code"
    book.remove("ola")
    assert book.named(mark) is None
