"""A sign-in is good once; the places for those that were finished are not for strangers to fill."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from oauthenticator.oauth2 import _serialize_state
from tornado.web import HTTPError

from workbench.adapters.hub import oidc
from workbench.adapters.hub.oidc import OidcAuthenticator
from workbench.domain.errors import Refusal


class Provider:
    """Knows one code."""

    provider = SimpleNamespace(issuer="https://id.example", subject_claim="sub")

    async def metadata(self) -> Any:
        return SimpleNamespace(
            issuer=self.provider.issuer, authorization_response_iss_parameter_supported=False
        )

    async def redeem(self, code: str, *_: str) -> str:
        if code != "good":
            raise Refusal("no_code", "Not a code of ours.", "Sign in again.")
        return "token"

    async def prove(self, *_: str) -> dict[str, str]:
        return {"sub": ""}  # proved, and then refused: no account is needed here


def kept(state: str, until: float | None = None) -> dict[str, Any]:
    return {"state_id": state, "until": time.time() + 300 if until is None else until}


def came_back(authenticator: OidcAuthenticator, state: str, code: str) -> str:
    """What the person is told who comes back with this state and code."""
    handler = SimpleNamespace(
        get_state_cookie=lambda: _serialize_state(kept(state)),
        get_argument=lambda name, default=None: code if name == "code" else default,
    )
    authenticator.get_callback_url = lambda _: "https://workbench.example/hub/oauth_callback"
    with pytest.raises(HTTPError) as error:
        asyncio.run(authenticator.authenticate(handler))
    return str(error.value.log_message)


@pytest.fixture
def authenticator(monkeypatch: pytest.MonkeyPatch) -> OidcAuthenticator:
    monkeypatch.setattr(oidc, "MOST", 3)
    made = OidcAuthenticator()
    made.openid = Provider
    return made


def test_strangers_without_a_code_keep_nobody_out(authenticator: OidcAuthenticator) -> None:
    told = {came_back(authenticator, f"stranger-{n}", "invented") for n in range(10)}
    assert told == {"no_code"}
    assert came_back(authenticator, "kari", "good") == "no_subject"  # the provider was asked


def test_who_was_proved_once_is_not_let_in_by_the_same_state_again(
    authenticator: OidcAuthenticator,
) -> None:
    assert came_back(authenticator, "kari", "good") == "no_subject"
    assert not authenticator.open(kept("kari"))
    assert came_back(authenticator, "kari", "good") == oidc.FINISHED


def test_only_so_many_are_remembered_at_once(authenticator: OidcAuthenticator) -> None:
    told = [came_back(authenticator, f"person-{n}", "good") for n in range(4)]
    assert told[:3] == ["no_subject"] * 3
    assert "Too many sign-ins" in told[3]


@pytest.mark.parametrize("seconds", [-1, 601])
def test_a_state_is_good_for_ten_minutes(authenticator: OidcAuthenticator, seconds: float) -> None:
    assert not authenticator.open(kept("kari", time.time() + seconds))
