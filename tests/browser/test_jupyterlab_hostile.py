"""What a kernel or a sent notebook brings along runs nowhere in the browser."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.lib.browsing import Browsing, picture
from tests.lib.demo_world import Demo
from tests.lib.lab import lab, lab_windows, notebook, researcher, tampered
from tests.lib.payloads import BARE, CLICK, MARKDOWN, NAME, OUTPUTS
from workbench.adapters.hub.client import HubClient

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DISPLAYED = """\
import json, pathlib
from IPython.display import display
for bundle in json.loads({bundles!r}):
    display(bundle, raw=True)
"""


@pytest.fixture(scope="module")
def client(demo: Demo) -> Iterator[HubClient]:
    with researcher(demo) as found:
        yield found


@pytest.fixture
def windows(browser: Browser, demo: Demo, client: HubClient) -> Iterator[Browsing]:
    found = Browsing(browser, demo.url)
    yield found
    found.close()
    assert found.strayed == []


def watched(page: Page) -> list[str]:
    """The names of the payloads that ran in the page or any frame of it, as they run."""
    found: list[str] = []
    page.context.expose_binding("ran", lambda _source, name: found.append(name))

    def asked(dialog: Dialog) -> None:
        if dialog.type != "beforeunload":  # a pressed button that would leave the page runs nothing
            found.append(f"{dialog.type} {dialog.message}")
        dialog.dismiss()

    page.on("dialog", asked)
    return found


def tempted(page: Page) -> None:
    """Wait for what runs by itself, then press what wants to be pressed."""
    page.wait_for_timeout(1_000)
    page.evaluate(
        "(wanted) => document.querySelectorAll(wanted).forEach(one => one.click())", CLICK
    )
    page.wait_for_timeout(500)


def test_the_payloads_do_run_where_nothing_guards(browser: Browser) -> None:
    """Without this the tests below could pass by payloads that are duds."""
    page = browser.new_page()
    found = watched(page)
    for html in BARE.values():
        page.set_content(html)
        page.wait_for_timeout(50)
        page.evaluate(f"document.querySelectorAll('{CLICK}').forEach(one => one.click())")
        page.wait_for_timeout(50)
    page.close()

    assert set(BARE) - set(found) == set()
    assert len(BARE) >= 15


def opened(windows: Browsing, demo: Demo, name: str) -> tuple[Page, list[str]]:
    page = windows.window()
    page.set_viewport_size({"width": 1280, "height": 8_000})  # so that every cell is drawn
    found = watched(page)
    page = lab(windows, demo, name, page=page)
    page.locator(".jp-MarkdownOutput").first.wait_for(timeout=30_000)
    return page, found


def test_a_notebook_that_was_sent_and_calls_itself_trusted_runs_nothing(
    windows: Browsing, demo: Demo, client: HubClient
) -> None:
    tampered(demo, client, "sent.ipynb", OUTPUTS, MARKDOWN)
    page, found = opened(windows, demo, "sent.ipynb")
    tempted(page)

    assert len(page.locator(".jp-OutputArea-child").all()) >= len(OUTPUTS) // 2
    assert found == []
    assert page.evaluate("document.body.dataset.jpThemeName") == "JupyterLab Light"
    assert page.locator(".jp-OutputArea iframe, .jp-OutputArea object, .jp-OutputArea embed, "
                        ".jp-OutputArea script, .jp-OutputArea base").count() == 0  # fmt: skip


def test_a_notebook_that_its_reader_trusts_runs_nothing(
    windows: Browsing, demo: Demo, client: HubClient
) -> None:
    """JupyterLab's own command marks all cells trusted in the page; the server is not asked."""
    tampered(demo, client, "trusted.ipynb", OUTPUTS, MARKDOWN)
    page, found = opened(windows, demo, "trusted.ipynb")
    page.locator(".jp-Cell").first.click()
    page.keyboard.press("ControlOrMeta+Shift+C")
    page.locator(".lm-CommandPalette-input").fill("Trust Notebook")
    page.locator(".lm-CommandPalette-item", has_text="Trust Notebook").first.click()
    page.get_by_role("dialog").get_by_role("button").last.click()
    tempted(page)

    assert found == []


def test_a_kernel_that_displays_the_same_runs_nothing(windows: Browsing, demo: Demo) -> None:
    page = windows.window()
    found = watched(page)
    page = lab(windows, demo, page=page)
    page.set_viewport_size({"width": 1280, "height": 8_000})
    shown = notebook(page, "Workbench")
    page.keyboard.insert_text(DISPLAYED.format(bundles=json.dumps(OUTPUTS)))
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("Idle", timeout=30_000)
    expect(shown.locator(".jp-OutputArea-child").nth(20)).to_be_attached(timeout=30_000)
    tempted(page)

    assert found == []
    assert page.evaluate("document.body.dataset.jpThemeName") == "JupyterLab Light"


def test_a_files_name_is_shown_and_not_parsed(
    windows: Browsing, demo: Demo, client: HubClient
) -> None:
    tampered(demo, client, NAME.replace("<", "%3C").replace(">", "%3E"), [], ["x"])
    page = windows.window()
    found = watched(page)
    page = lab(windows, demo, page=page)
    item = page.locator(".jp-DirListing-item", has_text="onerror")
    item.dblclick()
    page.locator(".jp-NotebookPanel").wait_for()
    tempted(page)
    client.ask_server(
        "DELETE", demo.project, "/api/contents/%3Cimg src=x onerror=ran('name')%3E.ipynb"
    )

    assert found == []


def test_a_script_that_did_run_could_reach_no_other_page_and_no_other_host(
    windows: Browsing, demo: Demo
) -> None:
    """The policy alone, from the inside: what stands here runs past every sanitiser."""
    page = lab(windows, demo)
    ask = """async ([path]) => {
      try { return (await fetch(path)).status } catch (error) { return String(error.name) }
    }"""
    portal = f"{demo.url}/services/portal/"
    reached = {
        path: page.evaluate(ask, [path])
        for path in (portal, f"{demo.url}/hub/api/user", "https://elsewhere.example/",
                     f"{demo.url}/user/researcher/{demo.project}/api/contents")
    }  # fmt: skip
    compiled = page.evaluate("""() => {
      const tried = document.createElement('script');
      tried.textContent = 'window.inlined = true';
      document.head.append(tried);
      const frame = document.createElement('iframe');
      frame.src = '/services/portal/';
      document.body.append(frame);
      return [window.inlined === true, frame.contentDocument?.title ?? ''];
    }""")

    *elsewhere, own = reached.values()
    assert elsewhere == ["TypeError"] * 3
    assert isinstance(own, int)  # its own server it does reach
    assert compiled == [False, ""]
    assert "unsafe-eval" not in page.request.get(page.url).headers["content-security-policy"]


def test_no_menu_palette_or_context_menu_offers_a_download_export_or_print(
    browser: Browser, demo: Demo, client: HubClient
) -> None:
    with lab_windows(browser, demo) as windows:
        page = lab(windows, demo)
        notebook(page, "Workbench")
        page.get_by_role("menuitem", name="File").click()
        picture(page, "jupyterlab-file-menu")
        offered = page.locator(".lm-Menu").all_inner_texts()
        page.keyboard.press("Escape")
        page.locator(".jp-DirListing-item").first.click(button="right")
        offered += page.locator(".lm-Menu").all_inner_texts()
        offered += page.locator(".lm-CommandPalette-content").all_text_contents()
    words = "\n".join(offered).lower()

    assert "save notebook" in words
    assert not [
        word
        for word in ("download", "export", "print", "terminal", "share", "new browser tab",
                     "from url", "console", "extension", "settings editor")
        if word in words
    ]  # fmt: skip
