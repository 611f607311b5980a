"""A portal over real records, and browsers without a window: one cookie jar a person."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.lib.portal_world import World, build_world
from workbench.portal import create_app

PREFIX = "/services/portal/"
ORIGIN = "http://portal"
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
"""The engine's key in these tests."""


class Browser:
    """A person's browser; paths are relative to the portal, redirects are shown, not followed."""

    def __init__(self, app: Any, cookies: Mapping[str, str]) -> None:
        self._app = app
        self.cookies = httpx.Cookies(dict(cookies))

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request."""
        return asyncio.run(self._ask(method, path, more))

    async def _ask(self, method: str, path: str, more: Mapping[str, Any]) -> httpx.Response:
        headers = {"accept-language": "en", **more.pop("headers", {})}
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, cookies=self.cookies
        ) as client:
            answer = await client.request(method, PREFIX + path, headers=headers, **more)
            self.cookies = client.cookies
        return answer

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)

    def page(self, path: str, **more: Any) -> str:
        """The text of a page that must open."""
        answer = self.get(path, **more)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def submit(self, path: str, on: str = "verify", **fields: str) -> httpx.Response:
        """Send a form as the page `on` would: with its token, from our own origin."""
        data = {"form_token": token_in(self.page(on)), **fields}
        return self.post(path, data=data, headers={"origin": ORIGIN})


Browse = Callable[[str], Browser]


def token_in(html: str) -> str:
    """The form token of a page."""
    return html.split('name="form_token" value="')[1].split('"')[0]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return build_world(tmp_path, frozenset({SIGNER.public_key().public_bytes_raw()}))


@pytest.fixture
def browse(world: World) -> Browse:
    """`browse("officer")` is the officer's browser; `browse("")` a visitor's."""
    app = create_app(world.services, world.signin)
    return lambda who: Browser(app, {"workbench-session": f"is-{who}"} if who else {})
