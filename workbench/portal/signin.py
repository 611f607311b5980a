"""Sign-in through JupyterHub: OAuth with PKCE, the token kept here behind an opaque cookie."""

import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from jupyterhub.services.auth import HubOAuth

from workbench.domain.permissions import Person
from workbench.portal.people import Begun, Finished

__all__ = ["HubSignIn"]

SESSION_SECONDS = 12 * 3600
ASK_AGAIN_SECONDS = 10
"""How long the hub's answer about a token is believed."""


@dataclass(frozen=True)
class _Session:
    """A hub token and when the portal stops believing it (monotonic seconds)."""

    token: str
    ends: float


class HubSignIn:
    """`SignIn` by the hub that started this service; reads JUPYTERHUB_* of the environment.

    A session ends at sign-out here, at sign-out in the hub (which deletes the tokens of its
    session), when the hub deletes the account or the token, and after twelve hours.
    """

    def __init__(self, hub: HubOAuth | None = None, *, own_accounts: bool = True) -> None:
        self._own_accounts = own_accounts
        self._hub = hub or HubOAuth(cache_max_age=ASK_AGAIN_SECONDS)
        self._sessions: dict[str, _Session] = {}

    @property
    def sign_out_url(self) -> str:
        """The hub's own sign-out: it ends every session of the account in this browser."""
        return f"{self._hub.hub_host}{self._hub.hub_prefix}logout"

    @property
    def account_url(self) -> str | None:
        """The hub's account page, where the hub keeps the accounts."""
        if not self._own_accounts:
            return None
        return f"{self._hub.hub_host}{self._hub.hub_prefix}account"

    def begin(self, next_path: str) -> Begun:
        """Start OAuth: state and code verifier stay here, only the challenge travels."""
        verifier, challenge, method = self._hub.generate_pkce_code_challenge()
        state = self._hub.generate_state(next_path, code_verifier=verifier)
        query = {
            "client_id": self._hub.oauth_client_id,
            "redirect_uri": self._hub.oauth_redirect_uri,
            "response_type": "code",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": method,
        }
        return Begun(f"{self._hub.oauth_authorization_url}?{urlencode(query)}", state)

    async def finish(self, code: str, state: str) -> Finished | None:
        """Exchange the code for a token and ask the hub whose it is."""
        verifier = self._hub.get_code_verifier(state)
        if not verifier:
            return None
        next_path = self._hub.get_next_url(state)
        self._hub.clear_oauth_state(state)
        try:
            token = await self._hub.token_for_code(code, code_verifier=verifier, sync=False)
        except Exception:  # noqa: BLE001 - tornado's HTTPError for a code the hub does not accept
            return None
        person = await self._whose(token, "")
        if person is None:
            return None
        session = secrets.token_urlsafe(32)
        self._sweep()
        self._sessions[_key(session)] = _Session(token, time.monotonic() + SESSION_SECONDS)
        return Finished(session, person, next_path)

    async def by_session(self, session: str, hub_session: str) -> Person | None:
        """The session's person; a new hub session id in the browser asks the hub anew."""
        held = self._sessions.get(_key(session))
        if held is None or held.ends < time.monotonic():
            return None
        person = await self._whose(held.token, hub_session)
        if person is None:
            self.forget(session)
        return person

    async def by_token(self, token: str) -> Person | None:
        """The person of `Authorization: token …`."""
        return await self._whose(token, "")

    def forget(self, session: str) -> None:
        """Drop the session; its token is of no use to the browser, which never saw it."""
        self._sessions.pop(_key(session), None)

    async def _whose(self, token: str, hub_session: str) -> Person | None:
        # Without the hub's own session cookie nothing is taken from the cache: the hub drops that
        # cookie at sign-out, and then its answer has just changed.
        model = await self._hub.user_for_token(
            token, use_cache=bool(hub_session), session_id=hub_session, sync=False
        )
        return _person(cast("Mapping[str, Any] | None", model), self._hub)

    def _sweep(self) -> None:
        now = time.monotonic()
        for key in [key for key, held in self._sessions.items() if held.ends < now]:
            del self._sessions[key]


def _person(model: Mapping[str, Any] | None, hub: HubOAuth) -> Person | None:
    """The hub's model as a person: accounts only (no service), with access to this service."""
    if not model or model.get("kind") != "user":
        return None
    if not hub.check_scopes(hub.access_scopes, model):
        return None
    groups = model.get("groups") or []
    return Person(str(model["name"]), frozenset(str(group) for group in groups))


def _key(session: str) -> str:
    """Sessions are looked up by hash, so that a copy of memory's index opens nothing."""
    return hashlib.sha256(session.encode()).hexdigest()
