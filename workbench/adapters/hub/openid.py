"""The hub's side of OpenID Connect: metadata, keys, client authentication, the ID token's proof.

It speaks to the provider of the file alone: redirects are not followed, proxies of the environment
are not used, and metadata that name another host are refused. What the provider answers is data of
a stranger: limited in size, never logged, never shown.
"""

import base64
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.adapters.hub.provider import Provider, credential
from workbench.domain.errors import Refusal
from workbench.settings import Instance

__all__ = ["Metadata", "OpenId"]

PATIENCE = 10.0  # seconds for one answer
LIMIT = 1 << 20  # bytes of one answer
FRESH = 3600.0  # seconds that metadata and keys are believed
KEYS_AGAIN = 30.0  # seconds before an unknown key makes us ask for the keys again
ASSERTION = 55  # seconds that a client assertion lasts; HelseID allows sixty
OLDEST = 600  # seconds since an ID token was issued
LEEWAY = 10  # seconds that clocks may differ
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Metadata(BaseModel):
    """Of the provider's discovery document, what is used here."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    pushed_authorization_request_endpoint: str | None = None
    authorization_response_iss_parameter_supported: bool = False


class OpenId:
    """One provider, as the hub of one instance meets it.

    Every method raises Refusal("provider_unclear") with no word of the provider's in it.
    """

    def __init__(self, instance: Instance, provider: Provider) -> None:
        self.provider = provider
        self._credential = credential(instance, provider)
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, jwt.PyJWKSet] | None = None

    async def metadata(self) -> Metadata:
        """The discovery document; its issuer and every address in it are checked."""
        if self._metadata is not None and time.monotonic() - self._metadata[0] < FRESH:
            return self._metadata[1]
        place = f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            found = Metadata.model_validate(await self._ask("GET", place))
        except ValidationError:
            raise _unclear("its metadata are not those of OpenID Connect") from None
        if found.issuer != self.provider.issuer:
            raise _unclear("its metadata name another issuer")
        if self.provider.pushed and found.pushed_authorization_request_endpoint is None:
            raise _unclear("it takes no pushed requests")
        addresses = (
            found.authorization_endpoint,
            found.token_endpoint,
            found.jwks_uri,
            found.pushed_authorization_request_endpoint,
        )
        if not all(self.provider.allows(one) for one in addresses if one is not None):
            raise _unclear("its metadata name a host that oidc.toml does not")
        self._metadata = (time.monotonic(), found)
        return found

    async def push(self, request: Mapping[str, str]) -> str:
        """Hand the request over behind the browser's back (RFC 9126); its reference."""
        place = (await self.metadata()).pushed_authorization_request_endpoint
        answer = await self._post(place or "", request)
        reference = answer.get("request_uri")
        if not isinstance(reference, str) or not reference.startswith("urn:"):
            raise _unclear("it did not take the pushed request")
        return reference

    async def redeem(self, code: str, verifier: str, callback: str) -> str:
        """Exchange the code; returns the ID token as it came."""
        request = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": callback,
            "code_verifier": verifier,
        }
        answer = await self._post((await self.metadata()).token_endpoint, request)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise _unclear("it gave no ID token")
        return token

    async def prove(self, token: str, nonce: str) -> Mapping[str, Any]:
        """The claims of an ID token that is the provider's, for us, fresh, and for this sign-in.

        Raises Refusal("provider_unclear"), and Refusal("level_too_low") when only that is amiss.
        """
        provider = self.provider
        key = await self._key(token)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(provider.algorithms),
                audience=provider.client_id,
                issuer=provider.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            raise _unclear("its ID token does not hold") from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != provider.client_id:
            raise _unclear("its ID token is another client's")
        if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            raise _unclear("its ID token is of another sign-in")
        if time.time() - float(claims["iat"]) > OLDEST:
            raise _unclear("its ID token is old")
        if str(claims.get(provider.level_claim, "")) not in provider.levels:
            raise Refusal(
                "level_too_low",
                "You signed in with a lower level of assurance than the workbench asks for.",
                "Sign in again with a stronger means.",
            )
        return claims

    async def _key(self, token: str) -> jwt.PyJWK:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise _unclear("its ID token does not hold") from None
        for fresh in (FRESH, KEYS_AGAIN):
            keys = [
                one
                for one in (await self._key_set(fresh)).keys
                if one.public_key_use in (None, "sig")
                and (header.get("kid") is None or one.key_id == header["kid"])
            ]
            if len(keys) == 1:
                return keys[0]
        raise _unclear("its ID token is signed with an unknown key")

    async def _key_set(self, fresh: float) -> jwt.PyJWKSet:
        if self._keys is None or time.monotonic() - self._keys[0] >= fresh:
            told = await self._ask("GET", (await self.metadata()).jwks_uri)
            try:
                self._keys = (time.monotonic(), jwt.PyJWKSet.from_dict(dict(told)))
            except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
                raise _unclear("its keys cannot be read") from None
        return self._keys[1]

    async def _post(self, place: str, request: Mapping[str, str]) -> Mapping[str, Any]:
        """A request in the client's name: by secret, or by a signed assertion of its own."""
        provider, held = self.provider, self._credential
        body, headers = {**request, "client_id": provider.client_id}, {}
        if isinstance(held, str):
            pair = f"{quote(provider.client_id, safe='')}:{quote(held, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            now = int(time.time())
            claims = {
                "iss": provider.client_id,
                "sub": provider.client_id,
                "aud": provider.issuer,
                "jti": secrets.token_urlsafe(24),
                "iat": now,
                "nbf": now,
                "exp": now + ASSERTION,
            }
            algorithm = "RS256" if isinstance(held, RSAPrivateKey) else "ES256"
            assertion = jwt.encode(claims, held, algorithm, headers={"kid": provider.key_id})
            body |= {"client_assertion_type": BEARER, "client_assertion": assertion}
        return await self._ask("POST", place, data=body, headers=headers)

    async def _ask(self, method: str, place: str, **more: Any) -> Mapping[str, Any]:
        if not self.provider.allows(place):
            raise _unclear("an address is not its own")
        try:
            async with (
                httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client,
                client.stream(method, place, **more) as answer,
            ):
                body = bytearray()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > LIMIT:
                        raise _unclear("its answer is too long")
                status = answer.status_code
            told = json.loads(bytes(body))
        except (httpx.HTTPError, ValueError, RecursionError):
            raise _unclear("it does not answer") from None
        if status not in (200, 201) or not isinstance(told, dict):
            raise _unclear(f"it answered with status {status}")
        return told


def _unclear(why: str) -> Refusal:
    return Refusal(
        "provider_unclear",
        f"The identity provider could not be relied on: {why}.",
        "Sign in again; if it stays so, ask the operator.",
    )
