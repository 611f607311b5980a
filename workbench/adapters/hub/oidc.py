"""Sign-in to the hub with an identity provider: oauthenticator's way there and back, our proof.

State, nonce and code verifier lie in a signed cookie and are good for ten minutes and once: the hub
remembers which have brought somebody in. No claim becomes a user name, see
docs/adr/0008-accounts.md.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.oauth2 import (
    OAuthCallbackHandler,
    OAuthLoginHandler,
    OAuthLogoutHandler,
    _deserialize_state,
    _serialize_state,
)
from tornado.web import HTTPError
from traitlets import Any as Whatever

from workbench.adapters.hub.household import Household
from workbench.adapters.hub.leaving import Leaving
from workbench.adapters.hub.openid import OpenId
from workbench.domain.errors import Refusal

__all__ = ["OidcAuthenticator"]

PENDING = 600.0  # seconds between going to the provider and coming back
MOST = 10_000  # sign-ins that are remembered; only whom the provider has proved takes a place

FINISHED = "This sign-in has been finished or has taken too long."
NOBODY = Refusal("no_subject", "The provider did not say who you are.", "Ask the operator.")


class GoingHandler(OAuthLoginHandler):  # type: ignore[misc] # oauthenticator ships no types
    """/hub/oauth_login: to the provider."""

    async def get(self) -> None:
        """Send the browser off with a state, a nonce and a code challenge of this sign-in."""
        authenticator: OidcAuthenticator = self.authenticator
        openid: OpenId = authenticator.openid()
        provider = openid.provider
        verifier, challenge = self._generate_pkce_params()
        kept = {
            "state_id": self._generate_state_id(),
            "until": time.time() + PENDING,
            "nonce": self._generate_state_id(),
            "code_verifier": verifier,
            "next_url": self._get_next_url(),
        }
        self.set_state_cookie(_serialize_state(kept))
        request = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": authenticator.get_callback_url(self),
            "scope": " ".join(provider.scopes),
            "state": _serialize_state({"state_id": kept["state_id"]}),
            "nonce": kept["nonce"],
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if provider.ask_levels:
            request["acr_values"] = " ".join(provider.levels)
        try:
            place = (await openid.metadata()).authorization_endpoint
            if provider.pushed:
                reference = await openid.push(request)
                request = {"client_id": provider.client_id, "request_uri": reference}
        except Refusal as refusal:
            raise _shown(502, refusal) from None
        self.redirect(f"{place}{'&' if '?' in place else '?'}{urlencode(request)}")


class BackHandler(OAuthCallbackHandler):  # type: ignore[misc] # oauthenticator ships no types
    """/hub/oauth_callback: back from the provider."""

    def check_error(self) -> None:
        """A refusal of the provider, without its words, which may hold anything."""
        if self.get_argument("error", ""):
            raise HTTPError(400, "The identity provider did not let you in.")

    def check_state(self) -> None:
        """The state is this browser's, and has not come back before."""
        super().check_state()
        kept = _deserialize_state(self.get_state_cookie())  # signed by the hub
        if not self.authenticator.open(kept):
            raise HTTPError(400, FINISHED)


class OidcSignOutHandler(Leaving, OAuthLogoutHandler):  # type: ignore[misc] # oauthenticator ships no types
    """/hub/logout: out of the hub; out of the provider, if it is to be, by its own means."""


class OidcAuthenticator(Household, GenericOAuthenticator):  # type: ignore[misc] # oauthenticator ships no types
    """People of one provider, linked to accounts by an operator; nobody else.

    openid: () -> `OpenId`. No token of the provider is kept.
    """

    openid: Any = Whatever(help="() -> OpenId").tag(config=True)

    login_handler = GoingHandler
    callback_handler = BackHandler
    sign_out_handler = OidcSignOutHandler

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._finished: dict[str, float] = {}

    def get_handlers(self, app: Any) -> list[tuple[str, Any]]:
        """The way there, the way back, and out."""
        return [
            (r"/oauth_login", self.login_handler),
            (r"/oauth_callback", self.callback_handler),
            *super().get_handlers(app),
        ]

    def open(self, kept: Mapping[str, Any]) -> bool:
        """Whether this sign-in, as its cookie tells it, is in time and has not been finished."""
        now, until = time.time(), float(kept["until"])
        return now < until <= now + PENDING and str(kept["state_id"]) not in self._finished

    def finish(self, kept: Mapping[str, Any]) -> None:
        """Call when the provider has proved somebody; HTTPError when it was finished before."""
        now = time.time()
        self._finished = {one: end for one, end in self._finished.items() if end > now}
        if len(self._finished) >= MOST:
            raise HTTPError(503, "Too many sign-ins at once. Try again in ten minutes.")
        if not self.open(kept):
            raise HTTPError(400, FINISHED)
        self._finished[str(kept["state_id"])] = float(kept["until"])

    async def authenticate(self, handler: Any, data: Any = None, **_: Any) -> dict[str, Any] | None:  # noqa: ARG002 - the signature of jupyterhub
        """The account that the proven person is linked to; HTTPError 403 with a sentence else."""
        openid: OpenId = self.openid()
        kept = _deserialize_state(handler.get_state_cookie())
        try:
            self._check_issuer(handler, await openid.metadata())
            code = handler.get_argument("code")
            callback = self.get_callback_url(handler)
            token = await openid.redeem(code, str(kept.get("code_verifier", "")), callback)
            claims = await openid.prove(token, str(kept.get("nonce", "")))
        except Refusal as refusal:
            self.log.warning("a sign-in was refused: %s", refusal.code)
            raise _shown(403, refusal) from None
        self.finish(kept)
        name = await self._account(openid, claims)
        return await self.enter(name)

    async def _account(self, openid: OpenId, claims: Mapping[str, Any]) -> str:
        subject = claims.get(openid.provider.subject_claim)
        if not isinstance(subject, str) or not subject:
            raise _shown(
                403, Refusal("no_subject", "The provider did not say who.", "Ask the operator.")
            )
        book = self.sessions().book
        mark = await asyncio.to_thread(book.mark, openid.provider.issuer, subject)
        name = await asyncio.to_thread(book.named, mark)
        if name is None:
            self.log.warning("a person without an account was refused")
            reason = "Du har ingen åpen konto her. · You have no open account here."
            remedy = f"Gi driften denne koden · Give the operator this code: {mark}"
            raise _shown(403, Refusal("unknown_person", reason, remedy))
        return str(name)

    @staticmethod
    def _check_issuer(handler: Any, metadata: Any) -> None:
        """RFC 9207: the answer says which provider it is from, if that one says so at all."""
        said = handler.get_argument("iss", None)
        told = metadata.authorization_response_iss_parameter_supported
        if (said is not None or told) and said != metadata.issuer:
            raise Refusal("provider_unclear", "The answer is another provider's.", "Sign in again.")


def _shown(status: int, refusal: Refusal) -> HTTPError:
    """A refusal as the hub's page shows it."""
    error = HTTPError(status, refusal.code)
    error.jupyterhub_message = f"{refusal.reason} {refusal.remedy}"  # type: ignore[attr-defined] # the hub's page shows it
    return error
