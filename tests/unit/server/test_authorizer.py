"""What is not in the table is denied, whoever asks."""

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_server.auth import IdentityProvider

from kernels.server.authorizer import ALLOWED, DenyByDefault


def authorizer(scopes: list[str]) -> DenyByDefault:
    """One whose hub gives the person these scopes of access."""
    provider = IdentityProvider()
    provider.hub_auth = SimpleNamespace(
        oauth_scopes={"x"}, check_scopes=lambda _wanted, _user: scopes
    )
    return DenyByDefault(identity_provider=provider)


PERSON = SimpleNamespace(username="kari", hub_user={"name": "kari"})


@pytest.mark.parametrize(
    ("resource", "action"),
    [("config", "write"), ("terminals", "read"), ("terminals", "execute"), ("server", "write"),
     ("nbconvert", "read"), ("kernelspecs", "write"), ("csp", "write"), ("lab", "write")],
)  # fmt: skip
def test_what_runs_code_or_changes_the_server_is_denied(resource, action):
    assert not authorizer(["access:servers"]).is_authorized(None, PERSON, action, resource)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.text(max_size=12), st.sampled_from(["read", "write", "execute", ""]))
def test_only_the_table_is_allowed(resource, action):
    allowed = authorizer(["access:servers"]).is_authorized(None, PERSON, action, resource)

    assert allowed == ((resource, action) in ALLOWED)


def test_every_pair_of_the_table_is_allowed_to_those_with_access_and_to_nobody_else():
    for resource, action in ALLOWED:
        assert authorizer(["access:servers"]).is_authorized(None, PERSON, action, resource)
        assert not authorizer([]).is_authorized(None, PERSON, action, resource)
