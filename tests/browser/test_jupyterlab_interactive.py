"""An interactive sealed kernel, from the permit that opens it to the officer who reads it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.lib.browsing import Browsing, open_review_of, picture, sign_in
from tests.lib.demo_world import ROOT, Demo
from tests.lib.lab import lab, lab_windows, notebook, researcher
from workbench.adapters.hub.client import HubClient

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PERMIT = ROOT / "docs/tutorial/nafld/permit.toml"


@pytest.fixture(scope="module")
def client(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubClient]:
    """The researcher of a project whose permit opens it, as long as these tests last."""
    amended = tmp_path_factory.mktemp("permit") / "permit.toml"
    text = PERMIT.read_text(encoding="utf-8").replace(
        "sealed_kernel = false", "sealed_kernel = true"
    )
    amended.write_text(text, encoding="utf-8")
    told = demo.command("project", "grant", str(amended), "--why", "step by step")
    assert re.search(r"interactive sealed kernels: .* [\d,]+ bits a day", told.stdout), told.stderr
    with HubClient(demo.url) as found:
        found.sign_in("researcher", demo.passwords["researcher"])
        found.stop_server(demo.project)  # a server knows the lanes of its start
    with researcher(demo) as found:
        yield found
    demo.command("project", "grant", str(PERMIT), "--why", "as before")
    with HubClient(demo.url) as found:
        found.sign_in("researcher", demo.passwords["researcher"])
        found.stop_server(demo.project)


@pytest.fixture(scope="module")
def windows(browser: Browser, demo: Demo, client: HubClient) -> Iterator[Browsing]:
    with lab_windows(browser, demo) as found:
        yield found


@pytest.fixture(scope="module")
def page(windows: Browsing, demo: Demo) -> Page:
    """One notebook; each test goes on where the last one stopped."""
    found = lab(windows, demo)
    picture(found, "jupyterlab-launcher-interactive-en")
    notebook(found, "Sealed kernel, interactive")
    return found


def ran(page: Page, code: str) -> str:
    """Run the last cell with this code; what stands under it at its end."""
    cells = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
    at = cells.count() - 1
    cells.nth(at).locator(".cm-content").click()
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    expect(cells.nth(at).locator(".jp-InputPrompt")).to_have_text(re.compile(r"\d"), timeout=60_000)
    return cells.nth(at).locator(".jp-OutputArea").inner_text()


def test_cells_share_their_rows_and_show_none(page: Page) -> None:
    banner = page.get_by_role("note", name="Lane of this notebook")
    expect(banner).to_contain_text("Real rows; nothing is shown.")
    told = ran(page, "import workbench.sdk as wb\nrows = wb.scan('nafld_person').collect()\nrows")

    assert told.splitlines()[0] == "running"
    assert told.splitlines()[1].startswith("ended; memory so far: at most ")
    assert "female" not in told


def test_an_error_is_a_line_of_the_cell_and_nothing_more(page: Page) -> None:
    told = ran(page, "x = rows.height\nraise ValueError(f'{x} persons')")

    assert told.splitlines()[-1] == "Error: line 2 of this cell"
    assert "persons" not in told
    picture(page, "jupyterlab-interactive-en")


def test_what_is_submitted_reaches_the_officer_with_all_its_code(
    page: Page, windows: Browsing, demo: Demo
) -> None:
    expect(page.get_by_text("The cell %submit sends /outbox to an officer.")).to_be_visible()
    ran(page, "rows.group_by('sex').len().sort('sex').write_csv('/outbox/by-step.csv')")
    assert "a disclosure officer reads the files" in ran(page, "%submit")
    assert "Nothing was submitted." in ran(page, "%submit")  # it was taken once

    officer = windows.window()
    sign_in(officer, demo.url, "officer", demo.passwords["officer"])
    open_review_of(officer, demo.url, "by-step.csv")
    expect(officer.get_by_text("by-step.csv").first).to_be_visible()
    officer.get_by_text("The code that made it").click()
    expect(officer.get_by_text("wb.scan('nafld_person')").first).to_be_visible()
    # nothing is left for the officer that other tests meet
    officer.get_by_role("link", name="Reject…").click()
    officer.locator("textarea").fill("Shown to a test.")
    officer.get_by_role("button", name="Reject for good").click()
    expect(officer.get_by_role("status")).to_contain_text("Rejected.")
