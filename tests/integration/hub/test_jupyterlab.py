"""JupyterLab in a real browser: two kernels by plain names, and nothing that leads elsewhere."""

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
        found.locator(".jp-LauncherCard").first.wait_for(timeout=60_000)
        yield found
        # JupyterLab asks for a list of export formats, and a kernel's line ends with its page
        known = ("Connection lost", "Invalid response: 404 Not Found")
        windows.complaints[:] = [one for one in windows.complaints if not one.startswith(known)]
    for session in kari.api("GET", "diabetes", "/api/sessions"):
        kari.ask_server("DELETE", "diabetes", f"/api/sessions/{session['id']}")


def test_the_launcher_shows_the_two_kernels_by_plain_names(page):
    cards = page.locator('.jp-LauncherCard[data-category="Notebook"]')

    expect(cards).to_have_text([re.compile("Workbench$"), re.compile("forseglet kjøring$")])
    picture(page, "jupyterlab-launcher")


def test_no_terminal_no_extension_manager_and_no_news_are_offered(page):
    expect(page.get_by_text("Jupyter news")).to_have_count(0)
    expect(page.locator(".jp-LauncherCard", has_text="Terminal")).to_have_count(0)
    expect(page.locator('[data-id="extensionmanager.main-view"]')).to_have_count(0)


def test_a_cell_runs_in_the_browser(page):
    page.locator('.jp-LauncherCard[data-category="Notebook"]').first.click()
    page.locator(".jp-Notebook .cm-content").first.wait_for()
    expect(page.get_by_text("Workbench | Idle")).to_be_visible(timeout=30_000)
    page.keyboard.type("print(6 * 7)")
    page.keyboard.press("Shift+Enter")

    expect(page.locator(".jp-OutputArea-output").first).to_have_text("42\n")
    picture(page, "jupyterlab-cell")


def test_servers_are_started_from_the_projects_page_only(page, world):
    page.goto(f"{world.instance.url}/hub/home")

    expect(page.get_by_role("link", name="Prosjektene mine")).to_be_visible()
    expect(page.get_by_text("Start My Server")).to_have_count(0)
    expect(page.get_by_role("link", name="diabetes")).to_be_visible()


def test_a_project_without_a_permit_says_so_on_the_page(page, world):
    answer = page.goto(f"{world.instance.url}/hub/spawn/kari/asthma")

    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_text("You have no permit for a project called asthma.")).to_be_visible()
