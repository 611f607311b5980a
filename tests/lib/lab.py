"""JupyterLab of the demo's project in a real Chromium."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from playwright.sync_api import Browser, Locator, Page, expect

from tests.lib.browsing import Browsing, sign_in
from tests.lib.demo_world import Demo
from workbench.adapters.hub.client import HubClient

NORWEGIAN = """new MutationObserver((_, seen) => {
  const told = document.getElementById('jupyter-config-data');
  if (told?.textContent.endsWith('}')) {
    told.textContent = told.textContent.replace(
      '"workbenchLanguage": "en"', '"workbenchLanguage": "nb"'
    );
    seen.disconnect();
  }
}).observe(document, { childList: true, subtree: true });"""
"""Tells the page that the server speaks Norwegian, as WORKBENCH_LANGUAGE would."""
KERNEL = {"kernelspec": {"name": "workbench", "display_name": "Workbench"}}
END_OF_A_LINE = ("Connection lost",)  # a kernel that was ended hangs up

_SIGNED_IN: dict[str, list] = {}
"""Cookies of one sign-in by demo: the form is tried elsewhere, and takes seconds."""


@contextmanager
def lab_windows(browser: Browser, demo: Demo) -> Iterator[Browsing]:
    """Windows on the demo; fails when a page strayed, complained or broke its policy."""
    windows = Browsing(browser, demo.url)
    yield windows
    windows.close()
    assert windows.strayed == []
    assert [one for one in windows.complaints if not one.startswith(END_OF_A_LINE)] == []


@contextmanager
def researcher(demo: Demo) -> Iterator[HubClient]:
    """The researcher by REST, whose server runs; at the end kernels and new files are gone."""
    with HubClient(demo.url) as client:
        client.sign_in("researcher", demo.passwords["researcher"])
        client.start_server(demo.project)
        before = _files(client, demo)
        yield client
        for session in client.api("GET", demo.project, "/api/sessions"):
            client.ask_server("DELETE", demo.project, f"/api/sessions/{session['id']}")
        for kernel in client.api("GET", demo.project, "/api/kernels"):
            client.ask_server("DELETE", demo.project, f"/api/kernels/{kernel['id']}")
        for name in _files(client, demo) - before:
            client.ask_server("DELETE", demo.project, f"/api/contents/{quote(name)}")


def _files(client: HubClient, demo: Demo) -> set[str]:
    return {one["name"] for one in client.api("GET", demo.project, "/api/contents")["content"]}


def lab(
    windows: Browsing,
    demo: Demo,
    path: str = "",
    *,
    norwegian: bool = False,
    page: Page | None = None,
) -> Page:
    """JupyterLab with an empty desk, or with the notebook at `path` open."""
    page = page or windows.window(language="nb" if norwegian else "en")
    if norwegian:
        page.add_init_script(NORWEGIAN)
    if demo.url in _SIGNED_IN:
        page.context.add_cookies(_SIGNED_IN[demo.url])  # type: ignore[arg-type] # its own cookies
    else:
        sign_in(page, demo.url, "researcher", demo.passwords["researcher"])
        _SIGNED_IN[demo.url] = page.context.cookies()
    tree = f"/tree/{path}" if path else ""
    page.goto(f"{demo.url}/user/researcher/{demo.project}/lab{tree}?reset")
    page.locator(".jp-NotebookPanel" if path else ".wb-card").first.wait_for(timeout=60_000)
    return page


def notebook(page: Page, title: str) -> Locator:
    """A new notebook of the lane whose card has this title, ready to type in."""
    page.locator(".wb-card", has=page.get_by_text(title, exact=True)).click()
    expect(page.locator("#jp-main-statusbar")).to_contain_text("Idle", timeout=60_000)
    shown = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    shown.locator(".cm-content").first.click()
    return shown


def write(page: Page, *cells: str) -> None:
    """Type cells one below the other, without running them."""
    for number, code in enumerate(cells):
        if number:
            page.keyboard.press("Escape")
            page.keyboard.press("b")
            page.keyboard.press("Enter")
        page.keyboard.insert_text(code)


def tampered(
    demo: Demo, client: HubClient, name: str, outputs: list[dict], texts: list[str]
) -> None:
    """Put a notebook that claims to be trusted into the researcher's folder, as a file."""
    output = {"output_type": "display_data", "metadata": {}}
    cells = [
        {"cell_type": "code", "id": f"c{at}", "source": "", "execution_count": None,
         "metadata": {"trusted": True}, "outputs": [output | {"data": data}]}
        for at, data in enumerate(outputs)
    ] + [
        {"cell_type": "markdown", "id": f"m{at}", "metadata": {"trusted": True}, "source": text}
        for at, text in enumerate(texts)
    ]  # fmt: skip
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": KERNEL, "cells": cells}
    model = {"type": "notebook", "format": "json", "content": content}
    assert client.ask_server("PUT", demo.project, f"/api/contents/{name}", model).status_code < 300


def runs(page: Page) -> Locator:
    return page.get_by_role("region", name=re.compile("Sealed runs|Forseglede kjøringer"))
