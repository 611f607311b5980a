"""The portal on a real port with a sign-in that knows its people by cookie, and windows on it."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page

from tests.lib.browsing import Browsing, browsing, chromium
from tests.lib.portal_world import World, build_world
from workbench.portal import create_app

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
Visit = Callable[..., Page]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return build_world(tmp_path, frozenset({SIGNER.public_key().public_bytes_raw()}))


@pytest.fixture
def site(world: World) -> Iterator[str]:
    """The portal served by uvicorn on a free port; its address without a path."""
    app = create_app(world.services, world.signin)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a file; each window has cookies and storage of its own.

    It ends with the file: while it lives, an event loop runs in the thread of the tests.
    """
    with chromium() as found:
        yield found


@pytest.fixture
def windows(browser: Browser, site: str) -> Iterator[Browsing]:
    with browsing(browser, site) as found:
        yield found


@pytest.fixture
def visit(windows: Browsing) -> Visit:
    """`visit("officer", "review", width=390)`: a window of that person on that page."""

    def opened(who: str, path: str = "", **more: object) -> Page:
        page = windows.window(cookies={"workbench-session": f"is-{who}"} if who else {}, **more)
        page.goto(f"{windows.site}/services/portal/{path}")
        return page

    return opened
