"""The reviewed table of scopes: a scope more or less is seen here before it is had."""

import pytest

from workbench.adapters.hub.scopes import CULLER, SERVER, SERVICE, roles, services
from workbench.settings import Instance

REVIEWED = {
    # Themselves: their servers, their tokens, the portal. Nobody else's.
    "user": {
        "read:users!user", "read:groups!user", "users:activity!user", "servers!user",
        "read:servers!user", "access:servers!user", "tokens!user",
        "access:services!service=portal",
    },
    # These two open doors of the portal only; at the hub they are words.
    "officers": {"custom:workbench:output:review"},
    "auditors": {"custom:workbench:audit:read"},
    # See which servers are idle and stop them; neither start, enter, nor act for anybody.
    "idle-culler": {"list:users", "read:users:activity", "read:servers", "delete:servers"},
}  # fmt: skip


@pytest.fixture
def instance(tmp_path):
    return Instance.create(tmp_path / "i", "test")


def test_every_role_has_the_reviewed_scopes_and_no_other():
    assert {role["name"]: set(role["scopes"]) for role in roles(has_portal=True)} == REVIEWED


def test_only_the_culler_is_a_service_with_a_role():
    held = {role["name"]: role.get("services", []) for role in roles(has_portal=True)}

    assert held == {"user": [], "officers": [], "auditors": [], "idle-culler": [CULLER]}


def test_no_role_administers_and_no_person_reaches_another():
    for role in roles(has_portal=True):
        for scope in role["scopes"]:
            assert not scope.startswith(("admin", "inherit", "proxy", "shutdown", "shares"))
            if role["name"] == "user":
                assert scope.endswith(("!user", "!service=portal"))


def test_a_servers_own_token_reports_and_recognises_and_nothing_else():
    assert SERVER == ("users:activity!user", "access:servers!server")


def test_no_service_is_administrator_and_the_portals_browsers_act_for_nobody(instance):
    found = {one["name"]: one for one in services(instance, 1, ("portal",))}

    assert set(found) == {CULLER, SERVICE}
    assert not any("admin" in one or "api_token" in one for one in found.values())
    assert found[SERVICE]["oauth_client_allowed_scopes"] == []


def test_a_server_outlives_the_kernels_that_the_gate_ends(instance):
    from kernels.host.config import Limits
    from workbench.adapters.hub.scopes import IDLE

    assert Limits().idle < IDLE
