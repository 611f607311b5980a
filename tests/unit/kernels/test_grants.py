"""Launch grants: a token opens one person's project, from one account, until the permit ends."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from kernels.errors import Fault, Refusal
from kernels.host.endings import Ending
from kernels.host.grants import Grants
from kernels.protocol import Grant, Launch, Renew, Revoke

TOKEN = "t" * 24


def grant(**changed: Any) -> Grant:
    values = {
        "token_sha256": hashlib.sha256(TOKEN.encode()).hexdigest(),
        "user": "ada",
        "project": "alpha",
        "server_uid": 4001,
        "twin": "/views/alpha/1/twin",
        "sealed": False,
        "expires": 1000,
    }
    return Grant.model_validate(values | changed)


def launch(token: str = TOKEN, lane: str = "workbench") -> Launch:
    values = {"token": token, "kernel": "0" * 8, "lane": lane, "front_key": "k" * 16}
    return Launch.model_validate(values)


@pytest.fixture
def grants(tmp_path: Path) -> Grants:
    book = Grants(tmp_path / "grants.json")
    book.add(grant(), now=10)
    return book


@pytest.mark.parametrize(
    ("asked", "peer", "now", "code"),
    [
        (launch(), 4001, 999.9, None),
        (launch("u" * 24), 4001, 10, "not_granted"),
        (launch(), 4002, 10, "not_granted"),
        (launch(), 0, 10, "not_granted"),
        (launch(), 4001, 1000, "permit_expired"),
        (launch(lane="sealed"), 4001, 10, "sealed_not_permitted"),
        (launch(lane="interactive"), 4001, 10, "sealed_kernel_not_permitted"),
    ],
)
def test_a_kernel_starts_only_for_token_account_time_and_lane(
    grants: Grants, asked: Launch, peer: int, now: float, code: str | None
) -> None:
    if code is None:
        assert grants.check(asked, peer, now).project == "alpha"
        return
    with pytest.raises(Refusal) as refused:
        grants.check(asked, peer, now)
    assert refused.value.code == code
    assert TOKEN not in str(refused.value)


def test_each_sealed_lane_is_opened_by_a_word_of_its_own(grants: Grants) -> None:
    grants.add(grant(sealed=True), now=10)
    grants.check(launch(lane="sealed"), 4001, 10)
    with pytest.raises(Refusal):
        grants.check(launch(lane="interactive"), 4001, 10)
    grants.add(grant(sealed_kernel=True), now=10)
    grants.check(launch(lane="interactive"), 4001, 10)
    with pytest.raises(Refusal):
        grants.check(launch(lane="sealed"), 4001, 10)


def test_a_wrong_token_and_a_wrong_account_look_the_same(grants: Grants) -> None:
    said = []
    for asked, peer in ((launch("u" * 24), 4001), (launch(), 4002)):
        with pytest.raises(Refusal) as refused:
            grants.check(asked, peer, 10)
        said.append(str(refused.value))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("revoke", "left"),
    [
        (Revoke(project="alpha"), False),
        (Revoke(project="alpha", user="ada"), False),
        (Revoke(project="alpha", user="bob"), True),
        (Revoke(project="beta"), True),
    ],
)
def test_withdrawing_takes_the_grants_of_project_and_person(
    grants: Grants, revoke: Revoke, left: bool
) -> None:
    grants.withdraw(revoke)
    if left:
        grants.check(launch(), 4001, 10)
    else:
        with pytest.raises(Refusal):
            grants.check(launch(), 4001, 10)


def test_grants_outlive_a_restart_and_hold_no_token(grants: Grants, tmp_path: Path) -> None:
    again = Grants(tmp_path / "grants.json")
    assert again.check(launch(), 4001, 10).user == "ada"
    kept = tmp_path / "grants.json"
    assert TOKEN.encode() not in kept.read_bytes()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_expired_grants_are_forgotten(grants: Grants, tmp_path: Path) -> None:
    grants.add(grant(token_sha256="1" * 64, expires=5000), now=2000)
    assert hashlib.sha256(TOKEN.encode()).hexdigest() not in (tmp_path / "grants.json").read_text()


def test_a_damaged_book_is_a_fault_and_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "grants.json").write_text('[{"token_sha256": "x"}]')
    with pytest.raises(Fault):
        Grants(tmp_path / "grants.json")


class Ticks:
    """A clock that only goes when told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def renewal(**changed: Any) -> Renew:
    values = {"project": "alpha", "user": "ada", "sealed": False, "expires": 1000}
    return Renew.model_validate(values | changed)


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def leased(tmp_path: Path, ticks: Ticks) -> Grants:
    book = Grants(tmp_path / "leased.json", ticks)
    book.add(grant(lease=50, sealed=True), now=10)
    return book


def test_a_lease_that_nobody_renews_closes_kernels_and_opens_none(
    leased: Grants, ticks: Ticks
) -> None:
    ticks.now += 49
    assert leased.closed(grant(), "workbench", 20) is None
    ticks.now += 2
    assert leased.closed(grant(), "workbench", 20) is Ending.UNCONFIRMED
    with pytest.raises(Refusal, match="has not confirmed"):
        leased.check(launch(), 4001, 20)


def test_a_renewed_lease_holds_on_and_a_lapsed_one_comes_back(leased: Grants, ticks: Ticks) -> None:
    ticks.now += 60
    leased.renew(renewal())
    assert leased.closed(grant(), "workbench", 20) is None
    assert leased.check(launch(), 4001, 20).user == "ada"


def test_a_renewal_for_others_renews_nothing(leased: Grants, ticks: Ticks) -> None:
    ticks.now += 60
    leased.renew(renewal(user="bob"))
    leased.renew(renewal(project="beta"))
    assert leased.closed(grant(), "workbench", 20) is not None


def test_an_amended_permit_closes_the_lanes_that_it_opens_no_longer(leased: Grants) -> None:
    assert leased.closed(grant(), "sealed", 20) is None
    leased.renew(renewal(sealed=False))
    assert leased.closed(grant(), "sealed", 20) is Ending.AMENDED
    assert leased.closed(grant(), "workbench", 20) is None
    with pytest.raises(Refusal, match="does not include sealed runs"):
        leased.check(launch(lane="sealed"), 4001, 20)


def test_a_permit_that_was_shortened_ends_when_it_now_says(leased: Grants) -> None:
    leased.renew(renewal(expires=300))
    assert leased.closed(grant(), "workbench", 299) is None
    assert leased.closed(grant(), "workbench", 300) is Ending.EXPIRED


def test_a_restarted_daemon_gives_the_hub_its_time_again(
    leased: Grants, ticks: Ticks, tmp_path: Path
) -> None:
    ticks.now += 1000
    again = Grants(tmp_path / "leased.json", ticks)
    assert again.closed(grant(), "workbench", 20) is None


def test_a_withdrawn_grant_closes_its_kernels(leased: Grants) -> None:
    leased.withdraw(Revoke(project="alpha", user="ada"))
    assert leased.closed(grant(), "workbench", 20) is Ending.WITHDRAWN
