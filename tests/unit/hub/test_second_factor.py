"""The second factor: a code is good once, in its own half minute or the ones beside it."""

import sqlite3
import stat
import threading

import pyotp
import pytest
from argon2 import PasswordHasher

from workbench.adapters.hub.accounts import FREE_TRIES, AccountBook
from workbench.adapters.hub.own_account import picture
from workbench.domain.errors import Refusal
from workbench.settings import Instance

GOOD = "four words make a password"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


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
    found = AccountBook(instance, watch, CHEAP)
    found.add("kari", GOOD)
    return found


@pytest.fixture
def app(book, watch):
    """kari's telephone: the code at the present time, or so many seconds beside it."""
    secret = book.begin_second_factor("kari").secret
    codes = book.confirm_second_factor("kari", pyotp.TOTP(secret).at(int(watch.now)))
    watch.now += 300

    def shown(beside: int = 0) -> str:
        return pyotp.TOTP(secret).at(int(watch.now) + beside)

    shown.recovery = codes
    return shown


def test_password_and_code_open_together_and_neither_alone(book, app):
    assert not book.check("kari", GOOD)
    assert not book.check("kari", GOOD, "000000" if app() != "000000" else "000001")
    assert not book.check("kari", "wrong wrong wrong", app())
    assert book.check("kari", GOOD, app())


def test_the_code_of_a_secret_that_was_begun_cannot_be_guessed(book, watch):
    right = pyotp.TOTP(book.begin_second_factor("kari").secret).at(int(watch.now))
    for _ in range(FREE_TRIES):
        with pytest.raises(Refusal):
            book.confirm_second_factor("kari", "000000" if right != "000000" else "000001")
    with pytest.raises(Refusal) as refused:
        book.confirm_second_factor("kari", right)
    assert refused.value.code == "wrong_code"
    assert not book.has_second_factor("kari")


def test_codes_are_those_of_rfc_6238(book, watch):
    """Appendix B: the secret 12345678901234567890, SHA-1, the last six of the eight digits."""
    from workbench.adapters.hub.second_factor import _matching

    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert _matching(secret, code, seconds, after=0) == seconds // 30
        assert _matching(secret, code[::-1], seconds, after=0) is None


def test_a_code_is_good_once(book, app):
    code = app()

    assert book.check("kari", GOOD, code)
    assert not book.check("kari", GOOD, code)


def test_two_at_once_with_the_same_code_are_one(book, app):
    code, answers = app(), []
    threads = [
        threading.Thread(target=lambda: answers.append(book.check("kari", GOOD, code)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False, False, False, True]


def test_an_older_code_than_the_last_is_no_longer_good(book, app):
    assert book.check("kari", GOOD, app())
    assert not book.check("kari", GOOD, app(-30))


@pytest.mark.parametrize(("beside", "good"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_half_a_minute_beside_is_near_enough(book, app, beside, good):
    assert book.check("kari", GOOD, app(beside)) == good


def test_somebody_without_the_password_uses_up_no_code(book, app):
    code = app()
    book.check("kari", "wrong wrong wrong", code)
    book.check("kari", "wrong wrong wrong", app.recovery[0])

    assert book.check("kari", GOOD, code)
    assert book.check("kari", GOOD, app.recovery[0])


def test_wrong_codes_lock_as_wrong_passwords_do(book, app):
    for _ in range(FREE_TRIES):
        book.check("kari", GOOD, "12345")

    assert book.locked("kari")
    assert not book.check("kari", GOOD, app())


def test_each_recovery_code_is_good_once_however_it_is_typed(book, app):
    first, second, *_ = app.recovery
    assert len(set(app.recovery)) == 8

    assert book.check("kari", GOOD, first.upper().replace("-", " "))
    assert not book.check("kari", GOOD, first)
    assert book.check("kari", GOOD, second)


def test_a_recovery_code_is_its_own_accounts_alone(book, app):
    book.add("ola", GOOD)
    secret = book.begin_second_factor("ola").secret
    book.confirm_second_factor("ola", pyotp.TOTP(secret).at(int(book._clock())))

    assert not book.check("ola", GOOD, app.recovery[0])


def test_a_factor_that_is_begun_counts_from_its_first_code_and_the_old_one_till_then(book, app):
    new = book.begin_second_factor("kari")
    with pytest.raises(Refusal) as refused:
        book.confirm_second_factor("kari", app())
    assert refused.value.code == "wrong_code"
    assert book.check("kari", GOOD, app())

    book.confirm_second_factor("kari", pyotp.TOTP(new.secret).at(int(book._clock())))
    book._clock.now += 60
    assert not book.check("kari", GOOD, app())
    assert not book.check("kari", GOOD, app.recovery[0])
    assert book.check("kari", GOOD, pyotp.TOTP(new.secret).at(int(book._clock())))


def test_secrets_and_codes_lie_sealed_and_apart_from_their_key(instance, book, app):
    new = book.begin_second_factor("kari")
    zone = instance.zone("hub")
    raw = b"".join(path.read_bytes() for path in zone.glob("accounts.sqlite*"))

    for secret in (new.secret, *app.recovery, app.recovery[0].replace("-", "")):
        assert secret.encode() not in raw
    assert (zone / "accounts.key").read_bytes() not in raw
    for name in ("accounts.sqlite", "accounts.key"):
        assert stat.S_IMODE((zone / name).stat().st_mode) == 0o600
    assert new.secret not in repr(new)


def test_a_sealed_secret_moved_to_another_account_opens_nothing(instance, book, app):
    book.add("ola", GOOD)
    with sqlite3.connect(instance.zone("hub") / "accounts.sqlite") as database:
        database.execute("INSERT INTO factor SELECT 'ola', sealed, step FROM factor")

    with pytest.raises(Refusal) as refused:
        book.check("ola", GOOD, app())
    assert refused.value.code == "damaged_factor"


def test_a_damaged_key_is_refused(instance, book):
    (instance.zone("hub") / "accounts.key").write_bytes(b"short")

    with pytest.raises(Refusal) as refused:
        AccountBook(instance, hasher=CHEAP)
    assert refused.value.code == "damaged_key"


def test_the_picture_is_drawn_here_and_fetches_nothing(book):
    drawn = picture(book.begin_second_factor("kari").uri)

    assert drawn.startswith("<svg")
    assert "href" not in drawn
