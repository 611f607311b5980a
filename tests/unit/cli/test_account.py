"""`workbench account`: accounts and roles, over the real book."""

import re
from types import SimpleNamespace

import pyotp
import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner

from tests.lib.fake_records import FakeRecords
from workbench.adapters.hub.accounts import AccountBook
from workbench.cli.account import app
from workbench.domain.audit import What
from workbench.domain.errors import Refusal
from workbench.settings import Instance

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "four words make a password"


@pytest.fixture
def instance(tmp_path):
    return Instance.create(tmp_path / "i", "test")


@pytest.fixture
def records():
    return FakeRecords()


@pytest.fixture
def run(instance, records):
    def command(*arguments, password=PASSWORD, typed=""):
        rooms = SimpleNamespace(
            accounts=AccountBook(instance, hasher=CHEAP), records=records, actor="os:test"
        )
        variables = {"WORKBENCH_PASSWORD": password}
        return CliRunner().invoke(app, arguments, obj=rooms, env=variables, input=typed)

    return command


def test_an_account_is_added_listed_and_removed(instance, run):
    assert run("add", "kari").exit_code == 0
    assert AccountBook(instance, hasher=CHEAP).check("kari", PASSWORD)
    assert "kari" in run("list").output

    assert run("remove", "kari").exit_code == 0
    assert "kari" not in run("list").output


def test_the_password_is_never_shown(run):
    assert PASSWORD not in run("add", "kari").output


def test_a_refusal_reaches_the_door_of_the_command(instance, run):
    run("add", "kari")

    assert isinstance(run("add", "kari").exception, Refusal)
    assert run("add", "kari", "--replace", password="another good one").exit_code == 0
    assert AccountBook(instance, hasher=CHEAP).check("kari", "another good one")


def test_roles_are_shown_and_a_role_without_its_account_is_marked(instance, run):
    run("add", "kari")
    path = instance.zone("portal") / "roles.toml"
    path.write_text('officers = ["kari", "per"]\n[owners]\nnafld_base = ["kari"]\n')

    shown = run("roles").output
    assert "officers" in shown
    assert "per (no such account)" in shown
    assert "kari (no such account)" not in shown
    assert "owners-nafld_base" in run("list").output


def test_a_locked_account_is_shown_as_such_until_it_is_unlocked(instance, run):
    run("add", "kari")

    assert run("lock", "kari").exit_code == 0
    assert "locked" in run("list").output
    assert not AccountBook(instance, hasher=CHEAP).check("kari", PASSWORD)
    assert run("unlock", "kari").exit_code == 0
    assert "locked" not in run("list").output
    assert AccountBook(instance, hasher=CHEAP).check("kari", PASSWORD)


def test_a_second_factor_is_set_up_with_its_first_code(instance, run, monkeypatch):
    run("add", "kari")
    secret = pyotp.random_base32()
    monkeypatch.setattr(pyotp, "random_base32", lambda length=32: secret)

    shown = run("totp", "kari", typed=pyotp.TOTP(secret).now() + "\n").output

    assert f"secret={secret}" in shown
    assert len(re.findall(r"^  [a-z2-7-]{19}$", shown, re.MULTILINE)) == 8
    assert AccountBook(instance, hasher=CHEAP).has_second_factor("kari")
    assert "yes" in run("list").output
    assert run("totp", "kari", "--off").exit_code == 0
    assert not AccountBook(instance, hasher=CHEAP).has_second_factor("kari")


def test_a_second_factor_without_its_first_code_does_not_count(instance, run):
    run("add", "kari")

    assert isinstance(run("totp", "kari", typed="not one\n").exception, Refusal)
    assert not AccountBook(instance, hasher=CHEAP).has_second_factor("kari")


def test_a_role_that_lacks_its_second_factor_is_marked(instance, run):
    run("add", "kari")
    path = instance.zone("portal") / "roles.toml"
    path.write_text('officers = ["kari"]\nrequire_totp = ["officers"]\n')

    assert "missing" in run("list").output


def test_what_an_operator_does_to_an_account_is_audited(run, records):
    run("add", "kari")
    run("lock", "kari")
    run("unlock", "kari")
    run("sign-out", "kari")
    run("link", "kari", "0" * 32)
    run("remove", "kari")

    told = [(one.event.what, one.event.who, one.event.why) for one in records.audit.entries()]
    assert told == [
        (What.ACCOUNT_ENTRY_CHANGE, "os:test", "added"),
        (What.ACCOUNT_ENTRY_CHANGE, "os:test", "locked"),
        (What.ACCOUNT_ENTRY_CHANGE, "os:test", "unlocked"),
        (What.ACCOUNT_SESSION_END, "os:test", ""),
        (What.ACCOUNT_ENTRY_CHANGE, "os:test", "linked"),
        (What.ACCOUNT_ENTRY_CHANGE, "os:test", "removed"),
    ]


@pytest.mark.parametrize("command", ["lock", "unlock", "sign-out", "totp", "remove"])
def test_an_account_that_is_not_there_is_refused(run, records, command):
    assert run(command, "nobody").exception.code == "no_account"
    assert list(records.audit.entries()) == []
