"""The portal's JSON API over HTTP, for commands and owners' pipelines."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

import httpx

from workbench.adapters.hub.client import HubClient
from workbench.domain.errors import Refusal
from workbench.ports import SignIn

__all__ = ["PortalHttp", "open_portal"]

API = "/services/portal/api/v1"
FILE_LIMIT = 64 << 20


class PortalHttp:
    """ports.PortalClient. The token never reaches a message, a log or a repr."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        transport: httpx.BaseTransport | None = None,
        at_close: Callable[[], None] | None = None,
    ) -> None:
        self._at_close = at_close
        self._http = httpx.Client(
            base_url=url.rstrip("/") + API,
            headers={"Authorization": f"token {token}", "Accept": "application/json"},
            timeout=60.0,
            transport=transport,
            trust_env=False,
        )

    def __repr__(self) -> str:
        return "PortalHttp()"

    def outputs(self) -> Sequence[Mapping[str, Any]]:
        """The requests that the signed-in person may see."""
        found = self._json("GET", "/outputs")
        if not isinstance(found, list):
            raise _not_ours()
        return found

    def output(self, request: str) -> Mapping[str, Any]:
        """One request."""
        return self._object("GET", f"/outputs/{_part(request)}")

    def output_file(self, request: str, sha256: str) -> bytes:
        """One file of a request; Refusal when what arrives does not match its address."""
        content = self._ask("GET", f"/outputs/{_part(request)}/files/{_part(sha256)}").content
        if len(content) > FILE_LIMIT or hashlib.sha256(content).hexdigest() != sha256:
            raise Refusal(
                "changed_on_the_way",
                "The file that arrived is not the one that was asked for.",
                "Try again; tell the operator if it happens twice.",
            )
        return content

    def output_code(self, request: str) -> str | None:
        """The code of the run behind a request, for its officers; None when none was kept."""
        code = self._object("GET", f"/outputs/{_part(request)}/code").get("code")
        return None if code is None else str(code)

    def decide(
        self,
        request: str,
        decision: Literal["approve", "return", "reject"],
        comment: str,
        content: str = "",
    ) -> Mapping[str, Any]:
        """An officer's decision; returns the request as it then stands."""
        path = f"/outputs/{_part(request)}/{decision}"
        return self._object("POST", path, {"comment": comment, "content": content})

    def output_certificate(self, request: str) -> Mapping[str, Any]:
        """The certificate of a released request."""
        return self._object("GET", f"/outputs/{_part(request)}/certificate")

    def close(self) -> None:
        """Hang up, and give back a token that was taken for this visit."""
        self._http.close()
        if self._at_close is not None:
            self._at_close()

    def _object(self, method: str, path: str, body: Any = None) -> Mapping[str, Any]:
        told = self._json(method, path, body)
        if not isinstance(told, dict):
            raise _not_ours()
        return told

    def _json(self, method: str, path: str, body: Any = None) -> Any:
        try:
            return self._ask(method, path, body).json()
        except ValueError:
            raise _not_ours() from None

    def _ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.HTTPError:
            raise Refusal(
                "not_running",
                "The portal does not answer at this address.",
                "Check WORKBENCH_URL, and that the workbench is up.",
            ) from None
        if not answer.is_success:
            raise _refused(answer)
        return answer


def open_portal(signin: SignIn) -> PortalHttp:
    """The portal for a token, or for an account and its password by way of the hub.

    Raises Refusal: not_signed_in, not_running.
    """
    if signin.token:
        return PortalHttp(signin.url, signin.token)
    if not signin.user:
        raise Refusal(
            "not_signed_in",
            "The portal must know who you are.",
            "Set WORKBENCH_TOKEN to a token of the hub, or name your account with --user.",
        )
    hub = HubClient(signin.url)
    try:
        hub.sign_in(signin.user, signin.password)
    except Refusal:
        hub.close()
        raise
    return PortalHttp(signin.url, hub.token, at_close=hub.close)


def _part(text: str) -> str:
    return quote(text, safe="")


def _refused(answer: httpx.Response) -> Refusal:
    """The portal's own {"code", "reason", "remedy"}, or what the status says."""
    try:
        told = answer.json()
        return Refusal(str(told["code"]), str(told["reason"]), str(told["remedy"]))
    except (ValueError, KeyError, TypeError):
        if answer.status_code in (401, 403) or answer.is_redirect:
            return Refusal(
                "not_signed_in", "The portal did not accept the sign-in.", "Take a new token."
            )
        return _not_ours(answer.status_code)


def _not_ours(status: int = 200) -> Refusal:
    return Refusal(
        "not_a_portal",
        f"What answers there is no portal of this version (status {status}).",
        "Check WORKBENCH_URL.",
    )
