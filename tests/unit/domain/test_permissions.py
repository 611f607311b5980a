"""WHO: deny by default; authors, members and officers kept apart."""

import inspect
from datetime import date

import pytest

from tests.lib import samples
from workbench.domain import permissions
from workbench.domain.errors import Refusal
from workbench.domain.permissions import (
    AUDITORS,
    CHECKS,
    OFFICERS,
    Permission,
    Person,
    check_open_project,
    check_review_output,
    owners_of,
)
from workbench.domain.permit import PermitState

TODAY = date(2026, 3, 1)
STRANGER = Person("stranger")
OFFICER = Person("officer", frozenset({OFFICERS}))
ACTIVE = PermitState.ACTIVE

ARGUMENTS: dict[Permission, tuple[object, ...]] = {
    Permission.AUDIT_CHAIN_READ: (),
    Permission.DATA_LOAD_PUBLISH: ("base",),
    Permission.DATA_LOAD_READ: ("base",),
    Permission.OUTPUT_FILE_DOWNLOAD: (samples.permit(), ACTIVE),
    Permission.OUTPUT_REQUEST_READ: (samples.request(), samples.permit()),
    Permission.OUTPUT_REQUEST_REVIEW: (samples.request(), samples.permit()),
    Permission.OUTPUT_REQUEST_WITHDRAW: (samples.request(), samples.permit()),
    Permission.PROJECT_OPEN: (samples.permit(), ACTIVE, TODAY),
    Permission.PROJECT_READ: (samples.permit(),),
    Permission.RELEASE_FILE_DOWNLOAD: (samples.permit(), ACTIVE),
}

HOLDERS: dict[str, set[Permission]] = {
    "stranger": set(),
    "officer": {Permission.OUTPUT_REQUEST_READ, Permission.OUTPUT_REQUEST_REVIEW},
    "auditor": {
        Permission.AUDIT_CHAIN_READ, Permission.DATA_LOAD_READ, Permission.OUTPUT_REQUEST_READ,
    },
    "owner": {Permission.DATA_LOAD_PUBLISH, Permission.DATA_LOAD_READ},
    "owner of another": set(),
    "researcher": {
        Permission.OUTPUT_FILE_DOWNLOAD, Permission.OUTPUT_REQUEST_READ,
        Permission.OUTPUT_REQUEST_WITHDRAW, Permission.PROJECT_OPEN, Permission.PROJECT_READ,
        Permission.RELEASE_FILE_DOWNLOAD,
    },
}  # fmt: skip

PEOPLE = {
    "stranger": STRANGER,
    "officer": OFFICER,
    "auditor": Person("auditor", frozenset({AUDITORS})),
    "owner": Person("owner", frozenset({owners_of("base")})),
    "owner of another": Person("owner", frozenset({owners_of("lab")})),
    "researcher": Person("researcher"),
}


def test_every_permission_has_its_check_and_its_display_twin() -> None:
    assert set(CHECKS) == set(Permission) == set(ARGUMENTS)
    checks = {name for name in vars(permissions) if name.startswith("check_")}
    assert {check.__name__ for check in CHECKS.values()} == checks
    for name in checks:
        twin = getattr(permissions, name.removeprefix("check_"))
        assert twin.__name__ == name.removeprefix("check_")
        assert twin.__doc__


def test_permissions_are_sorted_and_shaped_alike() -> None:
    names = [str(permission) for permission in Permission]

    assert names == sorted(names)
    assert all(name.count(":") == 2 for name in names)


@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_may_more_than_the_table_says(who: str) -> None:
    may, told = set(), set()
    for permission, check in CHECKS.items():
        try:
            check(PEOPLE[who], *ARGUMENTS[permission])
            may.add(permission)
        except Refusal as refused:
            told.add((refused.code, bool(refused.remedy)))
        twin = getattr(permissions, check.__name__.removeprefix("check_"))
        assert twin(PEOPLE[who], *ARGUMENTS[permission]) is (permission in may)

    assert may == HOLDERS[who]
    assert told == {("not_permitted", True)}


@pytest.mark.parametrize("name", ["researcher", "lead"])
def test_an_officer_of_the_project_does_not_review_it(name: str) -> None:
    with pytest.raises(Refusal):
        check_review_output(
            Person(name, frozenset({OFFICERS})), samples.request(), samples.permit()
        )


def test_an_author_who_left_the_project_still_does_not_review() -> None:
    request = samples.request(author="gone")

    with pytest.raises(Refusal, match="their own"):
        check_review_output(Person("gone", frozenset({OFFICERS})), request, samples.permit())


def test_the_lead_withdraws_for_a_member_and_nobody_else_does() -> None:
    request = samples.request()

    assert permissions.withdraw_output(Person("lead"), request, samples.permit())
    assert not permissions.withdraw_output(OFFICER, request, samples.permit())
    assert not permissions.withdraw_output(
        Person("gone"), samples.request(author="gone"), samples.permit()
    )


@pytest.mark.parametrize("state", [PermitState.SUSPENDED, PermitState.REVOKED])
def test_a_permit_that_is_not_active_opens_nothing(state: PermitState) -> None:
    member = Person("researcher")

    assert not permissions.open_project(member, samples.permit(), state, TODAY)
    assert not permissions.download_output(member, samples.permit(), state)
    assert not permissions.download_release(member, samples.permit(), state)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1)])
def test_a_permit_opens_in_its_period_only(day: date) -> None:
    with pytest.raises(Refusal, match="valid from"):
        check_open_project(Person("researcher"), samples.permit(), ACTIVE, day)


def test_every_check_returns_nothing() -> None:
    for check in CHECKS.values():
        assert inspect.signature(check).return_annotation is None
