"""`workbench account`: accounts and roles, over the real book."""

from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner

from workbench.adapters.hub.accounts import AccountBook
from workbench.cli.account import app
from workbench.domain.errors import Refusal
from workbench.settings import Instance

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "four words make a password"


@pytest.fixture
def instance(tmp_path):
    return Instance.create(tmp_path / "i", "test")


def run(instance, *arguments, password=PASSWORD):
    return CliRunner().invoke(
        app, arguments, obj=SimpleNamespace(accounts=AccountBook(instance, hasher=CHEAP)),
        env={"WORKBENCH_PASSWORD": password},
    )  # fmt: skip


def test_an_account_is_added_listed_and_removed(instance):
    assert run(instance, "add", "kari").exit_code == 0
    assert AccountBook(instance, hasher=CHEAP).check("kari", PASSWORD)
    assert "kari" in run(instance, "list").output

    assert run(instance, "remove", "kari").exit_code == 0
    assert "kari" not in run(instance, "list").output


def test_the_password_is_never_shown(instance):
    assert PASSWORD not in run(instance, "add", "kari").output


def test_a_refusal_reaches_the_door_of_the_command(instance):
    run(instance, "add", "kari")

    assert isinstance(run(instance, "add", "kari").exception, Refusal)
    assert run(instance, "add", "kari", "--replace", password="another good one").exit_code == 0
    assert AccountBook(instance, hasher=CHEAP).check("kari", "another good one")


def test_roles_are_shown_and_a_role_without_its_account_is_marked(instance):
    run(instance, "add", "kari")
    path = instance.zone("portal") / "roles.toml"
    path.write_text('officers = ["kari", "per"]\n[owners]\nnafld_base = ["kari"]\n')

    shown = run(instance, "roles").output
    assert "officers" in shown
    assert "per (no such account)" in shown
    assert "kari (no such account)" not in shown
    assert "owners-nafld_base" in run(instance, "list").output
