"""JupyterLab as a researcher works in it: launcher, banner, the twin's data, a sealed run."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.lib.accessibility import faults_of, unseen_focus
from tests.lib.browsing import Browsing, picture
from tests.lib.demo_world import Demo
from tests.lib.lab import lab, lab_windows, notebook, researcher, runs, write
from workbench.adapters.hub.client import HubClient

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def client(demo: Demo) -> Iterator[HubClient]:
    with researcher(demo) as found:
        yield found


@pytest.fixture(scope="module")
def windows(browser: Browser, demo: Demo, client: HubClient) -> Iterator[Browsing]:
    with lab_windows(browser, demo) as found:
        yield found


@pytest.fixture(scope="module")
def page(windows: Browsing, demo: Demo) -> Page:
    """One window for the journey; each test goes on where the last one stopped."""
    return lab(windows, demo)


def ours(page: Page) -> list[str]:
    """Faults of accessibility in what is ours; the rest of the page is JupyterLab's."""
    return [one for one in faults_of(page) if "wb-" in one]


def test_the_launcher_says_in_plain_words_what_each_kernel_sees_and_shows(page: Page) -> None:
    cards = page.get_by_role("region", name="Workbench").get_by_role("button")

    expect(cards).to_have_count(2)
    expect(cards.nth(0)).to_contain_text("Invented persons")
    expect(cards.nth(1)).to_contain_text("Files in /outbox go to an officer")
    expect(page.get_by_text("Permit until")).to_be_visible()
    assert ours(page) == []
    picture(page, "jupyterlab-launcher-en")


def test_the_launcher_is_worked_by_keyboard_and_shows_where_one_is(page: Page) -> None:
    page.locator(".wb-Launcher").focus()
    unseen = unseen_focus(page, steps=3)  # two cards and the link

    assert unseen == []
    page.locator(".wb-Launcher").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".wb-card").first).to_be_focused()


def test_a_notebook_says_which_lane_it_is_in_not_by_colour_alone(page: Page) -> None:
    shown = notebook(page, "Workbench")
    write(page, "import workbench.sdk as wb\np = wb.open()", "len(p.datasets)")
    banner = shown.get_by_role("note", name="Lane of this notebook")

    expect(banner).to_contain_text("Invented data; everything is shown.")
    expect(banner).to_contain_text("nafld-mortality")
    expect(banner.locator("svg")).to_have_count(1)
    assert ours(page) == []
    picture(page, "jupyterlab-banner-en")


def test_the_twins_data_are_found_searched_and_put_into_the_notebook(page: Page) -> None:
    page.get_by_role("tab", name="Data of the project").click()
    data = page.get_by_role("region", name="Data of the project")
    data.get_by_role("button", name="Show the data").click()
    expect(data.get_by_text("Invented: not real persons").first).to_be_visible(timeout=60_000)
    data.get_by_role("searchbox").fill("heart failure")
    expect(data.get_by_role("status")).to_have_text(re.compile("1 of 1[0-9] variables"))
    expect(data.locator("summary", has_text="nafld_person")).to_be_hidden()
    data.get_by_role("searchbox").fill("weight")
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell .cm-content").last.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    data.get_by_role("button", name='Insert p["nafld_person"].weight').click()

    written = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").last
    expect(written).to_contain_text('p["nafld_person"].weight')
    assert ours(page) == []
    data.get_by_role("searchbox").fill("")
    picture(page, "jupyterlab-data-en")


def test_the_kernel_that_described_the_data_has_ended(
    page: Page, client: HubClient, demo: Demo
) -> None:
    kernels = client.api("GET", demo.project, "/api/kernels")
    held = {one["kernel"]["id"] for one in client.api("GET", demo.project, "/api/sessions")}

    assert {one["id"] for one in kernels} == held


def test_a_notebook_runs_sealed_after_a_word_of_what_will_happen(page: Page) -> None:
    write_anew(page, "import polars as pl", "x = 1\nraise ValueError('not to be told')")
    run_sealed(page, confirm=False)
    expect(runs(page).locator("li")).to_have_count(0)
    run_sealed(page)
    run = runs(page).locator(".wb-run").first

    expect(run).to_have_attribute("data-state", "error", timeout=60_000)
    expect(run).to_contain_text("Ended: Error")
    expect(page.get_by_role("link", name="The project’s outputs")).to_be_visible()
    assert "not to be told" not in run.inner_text()
    assert ours(page) == []
    picture(page, "jupyterlab-sealed-error-en")


def test_the_place_of_an_error_is_one_press_away(page: Page) -> None:
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell .cm-content").first.click()
    runs(page).get_by_role("button", name="Error in cell 2, line 2").press("Enter")

    expect(page.locator("#jp-main-statusbar")).to_contain_text("Ln 2, Col 1")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("Cell 2/2")


def test_a_mended_notebook_ends_ok(page: Page) -> None:
    """It writes no file: what waits for an officer is seen by the tests of other folders, too."""
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text("mended = True")
    run_sealed(page)
    run = runs(page).locator(".wb-run").first

    expect(run).to_contain_text("Ended: ok", timeout=60_000)
    expect(runs(page).locator(".wb-run")).to_have_count(2)
    picture(page, "jupyterlab-sealed-ok-en")


def test_the_list_of_runs_outlives_a_reload(page: Page) -> None:
    page.reload()
    page.get_by_role("tab", name="Sealed runs").click()

    expect(runs(page).locator(".wb-run")).to_have_count(2, timeout=60_000)
    expect(runs(page).get_by_role("button", name="Error in cell 2, line 2")).to_be_visible()


def test_a_sealed_notebook_looks_different_in_words_sign_and_colour(
    windows: Browsing, demo: Demo
) -> None:
    page = lab(windows, demo, norwegian=True)
    picture(page, "jupyterlab-launcher-nb")
    shown = notebook(page, "Forseglet kjøring")
    banner = shown.get_by_role("note", name="Hva denne notatboken kjører på")

    expect(banner).to_contain_text("Ekte rader; ingenting vises.")
    expect(page.get_by_role("button", name="Kjør forseglet")).to_be_disabled()
    assert ours(page) == []
    picture(page, "jupyterlab-banner-nb")


def run_sealed(page: Page, *, confirm: bool = True) -> None:
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").get_by_role(
        "button", name="Run sealed…"
    ).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing that is printed or drawn is shown to you.")
    dialog.get_by_role("button", name="Run sealed" if confirm else "Cancel").click()


def write_anew(page: Page, *cells: str) -> None:
    """Replace the cells of the open notebook."""
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell .cm-content").first.click()
    page.keyboard.press("Escape")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.press("d")
    page.keyboard.press("d")
    page.keyboard.press("Enter")
    write(page, *cells)
