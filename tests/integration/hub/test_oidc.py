"""Sign-in through a real identity provider: hub, the provider's login page, and back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.lib.browsing import browsing, chromium, picture
from tests.lib.hub_world import World, hub_world
from tests.lib.identity import EVIL, PASSWORD, Identity, identity
from workbench.adapters.hub.accounts import AccountBook
from workbench.adapters.hub.settings import free_ports
from workbench.domain.audit import What
from workbench.settings import Instance

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


@dataclass
class Place:
    """A hub and its provider."""

    world: World
    identity: Identity
    book: AccountBook
    by: str

    def link(self, subject: str, name: str) -> None:
        self.book.link(name, self.book.mark(self.identity.issuer, subject))


@pytest.fixture(scope="module", params=["key", "secret"])
def place(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """By a signed assertion and pushed requests, as HelseID wants it; and by a secret."""
    root = tmp_path_factory.mktemp(f"oidc-{request.param}")
    instance = Instance.create(root / "instance", "test", port=free_ports(1)[0])
    (instance.zone("portal") / "roles.toml").write_text(
        'officers = ["kari"]\nrequire_totp = ["officers"]\n'
    )
    with identity(root, [f"{instance.url}/hub/oauth_callback"]) as found:
        prepare = lambda one: found.lay(one.zone("hub"), request.param)  # noqa: E731
        with hub_world(instance.root, prepare=prepare) as world:
            place = Place(world, found, AccountBook(world.instance), request.param)
            place.link("kari", "kari")
            place.link("weak", "ola")
            for one in EVIL:
                place.link(f"evil-{one}", f"evil-{one}")
            yield place


class Browser:
    """Follows the way there and back by hand, so that a test may stand in it."""

    def __init__(self, place: Place) -> None:
        self.url = place.world.instance.url
        self.http = httpx.Client(timeout=30, trust_env=False, follow_redirects=True)

    def go(self, login: str, password: str = PASSWORD) -> str:
        """Up to the provider's answer; the address that it sends the browser back to."""
        page = self.http.get(f"{self.url}/hub/oauth_login")
        assert "<h1>Identity</h1>" in page.text, page.text
        action = re.search(r'action="([^"]+)"', page.text)[1]
        form = {"login": login, "password": password}
        answer = self.http.post(page.url.join(action), data=form, follow_redirects=False)
        while "/hub/oauth_callback" not in answer.headers.get("location", ""):
            assert answer.is_redirect, answer.text
            answer = self.http.get(
                answer.url.join(answer.headers["location"]), follow_redirects=False
            )
        return answer.headers["location"]

    def back(self, address: str) -> httpx.Response:
        return self.http.get(address)

    def sign_in(self, login: str) -> httpx.Response:
        return self.back(self.go(login))

    def inside(self) -> bool:
        return self.http.get(f"{self.url}/hub/home", follow_redirects=False).status_code == 200


def said(answer: httpx.Response) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", answer.text[answer.text.index('class="error"') :])


def test_a_linked_person_signs_in_and_their_level_stands_for_the_second_factor(place):
    browser = Browser(place)

    browser.sign_in("kari")

    assert browser.inside()
    user = place.world.records.audit.entries()
    assert any(e.event.what == What.ACCOUNT_SESSION_OPEN and e.event.who == "kari" for e in user)
    members = groups(place.world, "kari")
    assert {"officers", "project-diabetes"} <= members


def test_the_way_there_carries_state_nonce_challenge_and_level_and_pushed_requests_nothing(place):
    there = httpx.get(f"{place.world.instance.url}/hub/oauth_login").headers["location"]
    query = dict(httpx.URL(there).params)

    if "request_uri" in query:
        assert set(query) == {"client_id", "request_uri"}
    else:
        assert query["code_challenge_method"] == "S256"
        assert query["acr_values"] == "idporten-loa-high"
        assert len(query["nonce"]) >= 32
        assert len(query["state"]) >= 32


@pytest.mark.browser
@pytest.mark.parametrize("place", ["key"], indirect=True)
def test_in_a_real_browser(place):
    with chromium() as found, browsing(found, place.world.instance.url) as windows:
        page = windows.window()
        page.context.unroute("**/*")  # the provider is another site, and is meant to be
        page.goto(f"{windows.site}/hub/login")
        expect(page.locator("#password_input")).to_have_count(0)
        page.get_by_role("button", name="Sign in with Identity").click()
        page.get_by_label("Login").fill("kari")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/hub/home")
        expect(page.get_by_role("link", name="Prosjektene mine")).to_be_visible()
        picture(page, "oidc-signed-in")


def test_a_wrong_password_at_the_provider_comes_back_to_nobody(place):
    browser = Browser(place)
    with pytest.raises(AssertionError, match="Wrong login or password"):
        browser.go("kari", "wrong")

    assert not browser.inside()


def test_an_unknown_person_gets_a_code_to_register_and_no_way_in(place):
    browser = Browser(place)
    answer = browser.sign_in("stranger")

    assert answer.status_code == 403
    assert not browser.inside()
    code = re.search(r"[0-9a-f]{32}", said(answer))[0]
    assert code == place.book.mark(place.identity.issuer, "stranger")
    assert "stranger" not in answer.text
    place.book.link("lise", code)
    assert Browser(place).sign_in("stranger").status_code == 200
    place.book.remove("lise")


def test_too_low_a_level_is_refused_however_well_it_is_signed(place):
    browser = Browser(place)
    answer = browser.sign_in("weak")

    assert answer.status_code == 403
    assert "level of assurance" in said(answer)
    assert not browser.inside()


@pytest.mark.parametrize("change", EVIL)
def test_an_id_token_that_was_changed_on_its_way_lets_nobody_in(place, change):
    """none: unsigned. key: another's signature. hmac: the public key as a secret. body: the
    signature of other claims. The rest are signed by the provider, but not for this sign-in."""
    browser = Browser(place)
    answer = browser.sign_in(f"evil-{change}")

    assert answer.status_code == 403
    assert "its ID token" in said(answer)  # refused for what it is, and not for a broken answer
    assert not browser.inside()
    assert f"evil-{change}" not in answer.text


def test_a_way_back_is_good_once_and_in_its_own_browser(place):
    browser, other = Browser(place), Browser(place)
    other.http.get(f"{other.url}/hub/oauth_login")
    address = browser.go("kari")
    assert other.back(address).status_code == 400  # somebody else's state
    assert other.back(f"{other.url}/hub/oauth_callback?code=x&state=x").status_code == 400

    copied = Browser(place)
    for cookie in browser.http.cookies.jar:
        copied.http.cookies.jar.set_cookie(cookie)
    assert browser.back(address).status_code == 200
    late = copied.back(address)  # all cookies copied, and too late
    assert (late.status_code, "has been finished" in said(late)) == (400, True), said(late)
    assert not copied.inside()


def test_an_answer_in_another_providers_name_is_refused(place):
    browser = Browser(place)
    address = httpx.URL(browser.go("kari")).copy_set_param("iss", "https://another.example")

    assert browser.back(str(address)).status_code == 403
    assert not browser.inside()


def test_the_providers_own_words_are_not_repeated(place):
    browser = Browser(place)
    address = f"{browser.url}/hub/oauth_callback?error=x&error_description=KANARI-01017012345"
    answer = browser.back(address)

    assert answer.status_code == 400
    assert "KANARI" not in answer.text


def test_a_locked_account_has_no_way_in_and_its_sessions_end(place):
    place.link("stranger", "per")
    browser = Browser(place)
    browser.sign_in("stranger")
    assert browser.inside()
    place.book.lock("per")

    assert Browser(place).sign_in("stranger").status_code == 403
    place.book.remove("per")


def test_no_subject_no_token_and_no_secret_lies_in_a_log_or_in_the_hubs_database(place):
    zone = place.world.instance.zone("hub")
    seen = place.world.log.read_bytes()
    seen += b"".join(path.read_bytes() for path in zone.glob("*.sqlite*"))

    for word in (
        b"stranger",
        b"stranger",
        b"id_token",
        place.identity.secret.encode(),
    ):
        assert word not in seen
    assert not re.search(rb"eyJ[\w-]{10,}\.eyJ", seen)


def test_passwords_open_nothing_here(place):
    url = place.world.instance.url
    login = httpx.get(f"{url}/hub/login")
    assert "password_input" not in login.text
    form = {"username": "kari", "password": "four words make a password"}
    cross = login.cookies.get("_xsrf", "")
    answer = httpx.post(
        f"{url}/hub/login?_xsrf={cross}",
        data=form,
        cookies={"_xsrf": cross},
        follow_redirects=False,
    )

    assert answer.status_code >= 400
    assert httpx.get(f"{url}/hub/account", follow_redirects=False).status_code == 404


def groups(world: World, name: str) -> set[str]:
    import sqlite3

    path: Path = world.instance.zone("hub") / "jupyterhub.sqlite"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        rows = database.execute(
            "SELECT g.name FROM groups g JOIN user_group_map m ON m.group_id = g.id"
            " JOIN users u ON u.id = m.user_id WHERE u.name = ?",
            (name,),
        ).fetchall()
    return {row[0] for row in rows}
