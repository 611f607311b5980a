"""The roles file becomes hub groups; what it does not say nobody is."""

import pytest

from workbench.adapters.hub.roles import Roles
from workbench.domain.errors import Refusal
from workbench.domain.permissions import AUDITORS, OFFICERS, owners_of

FILE = """
officers = ["kari", "per"]
auditors = ["anne"]

[owners]
nafld_base = ["ola"]
nafld_lab = ["ola", "lise"]
"""


def write(tmp_path, text):
    path = tmp_path / "roles.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_role_is_a_group(tmp_path):
    assert Roles.read(write(tmp_path, FILE)).groups() == {
        AUDITORS: ["anne"],
        OFFICERS: ["kari", "per"],
        owners_of("nafld_base"): ["ola"],
        owners_of("nafld_lab"): ["lise", "ola"],
    }


def test_an_account_is_in_the_groups_that_name_it(tmp_path):
    roles = Roles.read(write(tmp_path, FILE))

    owners = [owners_of("nafld_base"), owners_of("nafld_lab")]
    assert roles.groups_of("ola", second_factor=False) == owners
    assert roles.groups_of("kari", second_factor=False) == [OFFICERS]
    assert roles.groups_of("nobody", second_factor=True) == []


def test_a_role_that_needs_a_second_factor_counts_with_one_only(tmp_path):
    roles = Roles.read(write(tmp_path, 'require_totp = ["officers", "owners"]\n' + FILE))

    assert roles.groups_of("kari", second_factor=False) == []
    assert roles.groups_of("kari", second_factor=True) == [OFFICERS]
    assert roles.groups_of("ola", second_factor=False) == []
    assert roles.groups_of("anne", second_factor=False) == [AUDITORS]
    assert roles.needs_second_factor("kari")
    assert not roles.needs_second_factor("anne")


def test_without_a_file_nobody_has_a_role(tmp_path):
    assert Roles.read(tmp_path / "roles.toml").groups() == {}


@pytest.mark.parametrize(
    "text",
    ['officers = "kari"', 'oficers = ["kari"]', 'officers = ["Kari K"]', "officers = [1]",
     'owners = ["ola"]', 'require_totp = ["everybody"]',
     '[owners]\n"../x" = ["ola"]', "officers = [", 'admins = ["kari"]'],
)  # fmt: skip
def test_a_damaged_file_is_refused_and_gives_no_role(tmp_path, text):
    with pytest.raises(Refusal) as refused:
        Roles.read(write(tmp_path, text))
    assert refused.value.code == "damaged_roles"
    assert "roles.toml" in refused.value.reason
