"""Sign-in through the hub: PKCE, a token that never leaves, and a session that ends with it."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from jupyterhub.services.auth import HubOAuth

from workbench.portal import signin
from workbench.portal.signin import HubSignIn

SCOPE = "access:services!service=portal"
KARI = {"kind": "user", "name": "kari", "groups": ["officers"], "scopes": [SCOPE]}


class Hub(HubOAuth):
    """The hub's client with the network taken out."""

    def __init__(self) -> None:
        super().__init__(
            api_token="service-token",
            api_url="http://127.0.0.1:8081/hub/api",
            hub_prefix="/hub/",
            base_url="/services/portal/",
            oauth_client_id="service-portal",
            oauth_redirect_uri="/services/portal/oauth_callback",
            access_scopes={SCOPE},
        )
        self.models: dict[tuple[str, str], Any] = {("tok", ""): KARI, ("tok", "browser"): KARI}
        self.cached: list[bool] = []
        self.codes: list[tuple[str, str | None]] = []

    def token_for_code(self, code: str, *, code_verifier: str | None = None, sync: bool = True):
        self.codes.append((code, code_verifier))

        async def answer() -> str:
            if code != "good":
                raise RuntimeError("500")
            return "tok"

        return answer()

    def user_for_token(
        self, token: str, use_cache: bool = True, session_id: str = "", *, sync: bool = True
    ):
        async def answer() -> Any:
            self.cached.append(use_cache)
            return self.models.get((token, session_id))

        return answer()


def signed_in(door: HubSignIn, code: str = "good"):
    return asyncio.run(door.finish(code, door.begin("/services/portal/review").state))


def test_the_browser_carries_a_challenge_and_never_the_verifier_or_a_token() -> None:
    hub = Hub()
    begun = HubSignIn(hub).begin("/services/portal/")
    query = parse_qs(urlsplit(begun.url).query)
    assert urlsplit(begun.url).path == "/hub/api/oauth2/authorize"
    assert query["code_challenge_method"] == ["S256"]
    assert query["state"] == [begun.state]
    verifier = hub.get_code_verifier(begun.state)
    assert verifier
    assert verifier not in begun.url
    assert "service-token" not in begun.url


def test_a_code_is_exchanged_with_its_verifier_and_becomes_an_opaque_session() -> None:
    hub = Hub()
    door = HubSignIn(hub)
    done = signed_in(door)
    assert done is not None
    assert done.person.name == "kari"
    assert done.person.groups == {"officers"}
    assert done.next_path == "/services/portal/review"
    assert hub.codes[0][1]
    assert "tok" not in repr(done)
    assert asyncio.run(door.by_session(done.session, "")) == done.person


def test_a_state_is_good_once_and_only_if_we_made_it() -> None:
    door = HubSignIn(Hub())
    state = door.begin("/services/portal/").state
    assert asyncio.run(door.finish("good", "made-up")) is None
    assert asyncio.run(door.finish("good", state)) is not None
    assert asyncio.run(door.finish("good", state)) is None


def test_a_code_that_the_hub_refuses_signs_nobody_in() -> None:
    assert signed_in(HubSignIn(Hub()), "bad") is None


@pytest.mark.parametrize(
    "model",
    [
        None,
        {**KARI, "kind": "service"},
        {**KARI, "scopes": []},
        {**KARI, "scopes": ["access:services!service=other"]},
    ],
)
def test_services_strangers_and_accounts_without_access_are_nobody(model: Any) -> None:
    hub = Hub()
    hub.models = {("tok", ""): model}
    door = HubSignIn(hub)
    assert signed_in(door) is None
    assert asyncio.run(door.by_token("tok")) is None


def test_a_session_ends_for_good_when_the_hub_no_longer_knows_its_token() -> None:
    hub = Hub()
    door = HubSignIn(hub)
    done = signed_in(door)
    assert done is not None
    assert asyncio.run(door.by_session(done.session, "browser")) is not None
    hub.models = {}
    assert asyncio.run(door.by_session(done.session, "")) is None
    hub.models = {("tok", ""): KARI}
    assert asyncio.run(door.by_session(done.session, "")) is None


def test_a_session_ends_at_sign_out_and_after_twelve_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    door = HubSignIn(Hub())
    done, other = signed_in(door), signed_in(door)
    assert done is not None
    assert other is not None
    door.forget(done.session)
    assert asyncio.run(door.by_session(done.session, "")) is None
    assert asyncio.run(door.by_session(other.session, "")) is not None
    late = signin.time.monotonic() + signin.SESSION_SECONDS + 1
    monkeypatch.setattr(signin.time, "monotonic", lambda: late)
    assert asyncio.run(door.by_session(other.session, "")) is None


def test_the_sign_out_of_the_portal_leads_to_the_sign_out_of_the_hub() -> None:
    assert HubSignIn(Hub()).sign_out_url == "/hub/logout"


def test_the_hub_is_asked_anew_once_its_session_cookie_is_gone() -> None:
    hub = Hub()
    door = HubSignIn(hub)
    done = signed_in(door)
    assert done is not None
    asyncio.run(door.by_session(done.session, "browser"))
    asyncio.run(door.by_session(done.session, ""))
    asyncio.run(door.by_token("tok"))
    assert hub.cached == [False, True, False, False]
