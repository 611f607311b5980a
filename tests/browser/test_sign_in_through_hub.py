"""The real hub, the real portal as its service, a real browser: in, around, and out again."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.lib.accessibility import faults_of
from tests.lib.browsing import browsing, fill_login, picture, sign_in
from tests.lib.hub_world import PASSWORD, grant, permit
from workbench.adapters.hub.accounts import add_account
from workbench.adapters.hub.settings import free_ports
from workbench.portal.signin import ASK_AGAIN_SECONDS
from workbench.settings import Instance
from workbench.wiring import Rooms

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """A running hub with its proxy and portal: kari is a member of diabetes, ola an officer."""
    root = tmp_path_factory.mktemp("signin") / "instance"
    rooms = Rooms(root)
    found = rooms.found("test", free_ports(1)[0], "")
    for user in ("kari", "ola", "lise"):
        add_account(found, user, PASSWORD)
    (found.zone("portal") / "roles.toml").write_text('officers = ["ola"]\n')
    grant(rooms.records, permit("diabetes", "kari"))
    found.runtime.mkdir(parents=True, exist_ok=True)
    log = root / "hub.log"
    with log.open("wb") as output:
        hub = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(ROOT / "hub_config.py")],
            cwd=ROOT,
            stdout=output,
            stderr=output,
            env=os.environ | {"WORKBENCH_INSTANCE": str(root)},
            start_new_session=True,
        )
    try:
        _wait(f"{found.url}/services/portal/", hub, log)
        yield found
    finally:
        hub.send_signal(signal.SIGTERM)
        try:
            hub.wait(40)
        except subprocess.TimeoutExpired:
            hub.kill()
            hub.wait()
        shutil.rmtree(found.runtime, ignore_errors=True)


def _wait(url: str, hub: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and hub.poll() is None:
        with suppress(httpx.HTTPError):
            if httpx.get(url, timeout=2).status_code == 200:
                return
        time.sleep(0.3)
    raise AssertionError(log.read_text(errors="replace")[-4000:])


@pytest.fixture
def page(browser: Browser, instance: Instance) -> Iterator[Page]:
    with browsing(browser, instance.url) as windows:
        yield windows.window()


def test_a_researcher_signs_in_at_the_hub_and_lands_on_the_project(
    page: Page, instance: Instance
) -> None:
    page.goto(f"{instance.url}/services/portal/projects/diabetes")
    fill_login(page, "kari", PASSWORD)
    page.wait_for_url("**/services/portal/projects/diabetes")
    expect(page.get_by_role("heading", level=1, name="A project")).to_be_visible()
    lab = page.get_by_role("link", name="Open JupyterLab")
    expect(lab).to_have_attribute("href", "/hub/spawn/kari/diabetes")
    picture(page, "hub-signed-in")
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert cookies["workbench-session"]["httpOnly"]
    assert cookies["workbench-session"]["path"] == "/services/portal/"
    assert page.goto(f"{instance.url}/services/portal/review").status == 403


def test_the_roles_file_makes_an_officer(page: Page, instance: Instance) -> None:
    sign_in(page, instance.url, "ola", PASSWORD)
    page.get_by_role("link", name="Outputs to review").click()
    expect(page.get_by_text("Nothing waits for review.")).to_be_visible()
    assert page.goto(f"{instance.url}/services/portal/projects/diabetes").status == 403


def test_signing_out_in_the_portal_ends_the_hubs_session_too(
    page: Page, instance: Instance
) -> None:
    sign_in(page, instance.url, "kari", PASSWORD)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/hub/login*")
    page.goto(f"{instance.url}/services/portal/projects/diabetes")
    expect(page.locator("#username_input")).to_be_visible()


def test_signing_out_in_the_hub_ends_the_portals_session(page: Page, instance: Instance) -> None:
    sign_in(page, instance.url, "kari", PASSWORD)
    kept = page.context.cookies()
    page.goto(f"{instance.url}/hub/logout")
    page.goto(f"{instance.url}/services/portal/")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    # Whoever kept every cookie, the hub's own among them, finds the doors closed.
    assert {"workbench-session", "jupyterhub-hub-login"} <= {cookie["name"] for cookie in kept}
    page.context.add_cookies(kept)
    time.sleep(ASK_AGAIN_SECONDS + 1)
    page.goto(f"{instance.url}/services/portal/projects/diabetes")
    expect(page.locator("#username_input")).to_be_visible()


def own_faults(page: Page) -> list[str]:
    """What is wrong with our part of the page: JupyterHub's frame has no landmarks of its own."""
    frame = {"1.3.1 0 header", "1.3.1 0 footer"}
    return [fault for fault in faults_of(page) if fault not in frame]


def test_a_person_sets_up_a_second_factor_and_needs_it_from_then_on(
    page: Page, instance: Instance
) -> None:
    page.goto(f"{instance.url}/hub/login")
    picture(page, "hub-login")
    assert own_faults(page) == []
    sign_in(page, instance.url, "lise", PASSWORD)
    page.goto(f"{instance.url}/hub/home")
    page.get_by_role("link", name="Konto · Account").click()
    picture(page, "hub-account")
    assert own_faults(page) == []
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    secret = page.locator("#secret").inner_text()
    expect(page.locator("svg")).to_be_visible()
    picture(page, "hub-second-factor")
    page.get_by_label("The code in the app").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Confirm").click()
    codes = page.locator("#recovery-codes").inner_text().split()
    assert len(codes) == 8

    page.goto(f"{instance.url}/hub/logout")
    fill_login(page, "lise", PASSWORD)
    expect(page.get_by_text("Name, password or code is not right.")).to_be_visible()
    page.get_by_label("One-time code").fill(codes[0])
    fill_login(page, "lise", PASSWORD)
    page.wait_for_url("**/services/portal/**")


def test_a_token_of_the_hub_opens_the_api(instance: Instance) -> None:
    from workbench.adapters.hub.client import HubClient

    with HubClient(instance.url) as client:
        client.sign_in("ola", PASSWORD)
        api = f"{instance.url}/services/portal/api/v1/outputs"
        opened = httpx.get(api, headers={"Authorization": f"token {client.token}"})
        assert (opened.status_code, opened.json()) == (200, [])
        closed = httpx.get(api, headers={"Authorization": "token made-up"})
        assert (closed.status_code, closed.json()["code"]) == (401, "not_signed_in")
