"""A real Chromium for tests: temporary profile, no background traffic, pictures of every step."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
CHROMIUM = os.environ.get("WORKBENCH_CHROMIUM", "/usr/bin/chromium")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--metrics-recording-only",
    "--no-first-run",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless, with a temporary profile."""
    # Chromium's own sandbox cannot start as root; the pages here are our own.
    extra = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=[*QUIET, *extra]
        )
        try:
            yield browser
        finally:
            browser.close()


class Browsing:
    """Windows on one site; everything asked of another host is stopped and remembered."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.site = site
        self.strayed: list[str] = []
        self.complaints: list[str] = []
        self._browser = browser
        self._open: list[BrowserContext] = []

    def window(
        self,
        *,
        width: int = 1280,
        language: str = "en",
        dark: bool = False,
        scripts: bool = True,
        cookies: dict[str, str] | None = None,
    ) -> Page:
        """A new window with a profile of its own; cookies by name, for the whole site."""
        context = self._browser.new_context(
            viewport={"width": width, "height": 900},
            locale=language,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        self._open.append(context)
        context.set_default_timeout(30_000)
        context.route("**/*", self._stay)
        page = context.new_page()
        page.on("console", lambda said: self._note(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        for name, value in (cookies or {}).items():
            context.add_cookies([{"name": name, "value": value, "url": self.site}])
        return page

    def close(self) -> None:
        """Close every window."""
        for context in self._open:
            context.close()

    def _stay(self, route: Route) -> None:
        if urlsplit(route.request.url).netloc == urlsplit(self.site).netloc:
            route.continue_()
            return
        self.strayed.append(route.request.url)
        route.abort()

    def _note(self, kind: str, text: str) -> None:
        # A refusal's status is told in the console, too; that is no fault of the page.
        if kind in {"error", "warning"} and "Failed to load resource" not in text:
            self.complaints.append(text)


@contextmanager
def browsing(browser: Browser, site: str) -> Iterator[Browsing]:
    """Windows on a site, closed at the end; fails if a page strayed or complained."""
    windows = Browsing(browser, site)
    try:
        yield windows
    finally:
        windows.close()
    assert windows.strayed == []
    assert windows.complaints == []


def sign_in(page: Page, site: str, user: str, password: str) -> None:
    """Through the hub's own login form, then to the portal's front page."""
    page.goto(f"{site}/services/portal/sign-in")
    fill_login(page, user, password)
    page.wait_for_url("**/services/portal/**")


def fill_login(page: Page, user: str, password: str) -> None:
    """Fill in and send the hub's login form."""
    page.locator("#username_input").fill(user)
    page.locator("#password_input").fill(password)
    page.locator("#login_submit").click()


def open_review_of(officer: Page, site: str, name: str) -> None:
    """Open the waiting request that holds a file of this name, whatever else waits."""
    officer.goto(f"{site}/services/portal/review")
    links = officer.locator("main a[href*='/review/']")
    waiting = [str(link.get_attribute("href")) for link in links.all()]
    for address in dict.fromkeys(waiting):
        officer.goto(urljoin(officer.url, address))
        if officer.get_by_text(name).count():
            return
    raise AssertionError(f"none of {len(waiting)} waiting requests holds {name}")


def picture(page: Page, name: str) -> Path:
    """Keep a picture of the whole page in var/screenshots/<name>.png."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    place = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=place, full_page=True)
    return place
