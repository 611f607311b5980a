"""JupyterLab in a real browser where the permit opens no sealed lane: plain words, no clutter."""

import re

import pytest
from playwright.sync_api import expect

from tests.lib.browsing import browsing, chromium, picture
from tests.lib.hub_world import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.sandbox, pytest.mark.slow]


@pytest.fixture(scope="module")
def page(world, kari):
    """JupyterLab's launcher as kari sees it, after the login form."""
    with chromium() as browser, browsing(browser, world.instance.url) as windows:
        found = windows.window()
        found.goto(f"{windows.site}/hub/login")
        found.get_by_label("Username").fill("kari")
        found.locator("#password_input").fill(PASSWORD)
        found.locator("#login_submit").click()
        found.goto(f"{windows.site}/user/kari/diabetes/lab")
        found.locator(".wb-card").first.wait_for(timeout=60_000)
        yield found
        # a kernel's line ends with its page
        windows.complaints[:] = [
            one for one in windows.complaints if not one.startswith("Connection lost")
        ]
    for session in kari.api("GET", "diabetes", "/api/sessions"):
        kari.ask_server("DELETE", "diabetes", f"/api/sessions/{session['id']}")


def test_the_launcher_offers_the_lanes_that_the_permit_opens_in_plain_words(page):
    cards = page.get_by_role("region", name="Workbench").get_by_role("button")

    expect(cards).to_have_count(1)
    expect(cards).to_contain_text("Oppdiktede personer")
    expect(page.get_by_text("Tillatelsen åpner ikke for forseglede kjøringer")).to_be_visible()
    picture(page, "jupyterlab-launcher-nb-unsealed")


def test_no_terminal_no_console_no_extension_manager_and_no_news_are_offered(page):
    for name in ("Jupyter news", "Terminal", "Console", "Show Contextual Help", "Text File"):
        expect(page.locator(".wb-Launcher").get_by_text(name)).to_have_count(0)
    expect(page.locator('[data-id="extensionmanager.main-view"]')).to_have_count(0)


def test_a_cell_runs_in_the_browser_and_its_lane_stands_above_it(page):
    page.get_by_role("button", name=re.compile("Workbench")).click()
    page.locator(".jp-Notebook .cm-content").first.wait_for()
    expect(page.get_by_text("Workbench | Idle")).to_be_visible(timeout=30_000)
    page.keyboard.type("print(6 * 7)")
    page.keyboard.press("Shift+Enter")

    expect(page.locator(".jp-OutputArea-output").first).to_have_text("42\n")
    banner = page.get_by_role("note", name="Hva denne notatboken kjører på")
    expect(banner).to_contain_text("Oppdiktede data")
    expect(banner).to_contain_text("diabetes")
    expect(page.get_by_role("button", name="Kjør forseglet")).to_have_count(0)


def test_servers_are_started_from_the_projects_page_only(page, world):
    page.goto(f"{world.instance.url}/hub/home")

    expect(page.get_by_role("link", name="Prosjektene mine")).to_be_visible()
    expect(page.get_by_text("Start My Server")).to_have_count(0)
    expect(page.get_by_role("link", name="diabetes")).to_be_visible()


def test_a_project_without_a_permit_says_so_on_the_page(page, world):
    answer = page.goto(f"{world.instance.url}/hub/spawn/kari/asthma")

    assert answer is not None
    assert answer.status == 403
    said = "Du har ingen tillatelse for et prosjekt som heter asthma."
    expect(page.get_by_text(said)).to_be_visible()
