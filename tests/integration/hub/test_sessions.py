"""A session ends everywhere at once: copies of its cookies and tokens are worthless afterwards."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from kernels.protocol import Revoke
from tests.lib.hub_world import PASSWORD, grant, permit
from workbench.adapters.hub.accounts import AccountBook, add_account
from workbench.domain.audit import What

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

FIELD = re.compile(r'name="_xsrf"\s+value="([^"]+)"')


class Tab:
    """A browser without a screen: cookies, redirects, forms."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=60, follow_redirects=True, trust_env=False)

    def sign_in(self, user: str, password: str = PASSWORD, code: str = "") -> int:
        return self.send("/hub/login", username=user, password=password, otp=code).status_code

    def send(self, page: str, **fields: str) -> httpx.Response:
        """Fill in the page's form and send it."""
        found = FIELD.search(self.http.get(page).text)
        assert found, page
        return self.http.post(page, data={"_xsrf": found[1], **fields})

    def copy(self) -> "Tab":
        """What somebody has who has copied every cookie."""
        other = Tab(self.url)
        for cookie in self.http.cookies.jar:
            other.http.cookies.jar.set_cookie(cookie)
        return other

    def opens(self, path: str) -> bool:
        """Whether the page is shown, and not a login form or a refusal."""
        answer = self.http.get(path)
        return answer.status_code == 200 and "username_input" not in answer.text

    def header(self) -> str:
        return "; ".join(f"{one.name}={one.value}" for one in self.http.cookies.jar)


def within(seconds: float, told: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < end
        time.sleep(0.3)


LAB = "/user/kari/diabetes/lab"
STATUS = "/user/kari/diabetes/api/status"


@pytest.fixture
def tab(world, kari):
    found = Tab(world.instance.url)
    assert found.sign_in("kari") == 200
    assert found.opens(LAB)
    assert found.opens(STATUS)
    return found


def test_a_person_who_signs_out_leaves_no_copy_and_no_open_line_and_the_kernel_works_on(
    world, kari, tab
):
    other = Tab(world.instance.url)
    assert other.sign_in("kari") == 200
    kernel = kari.api("POST", "diabetes", "/api/kernels", {"name": "workbench"})
    stolen = tab.copy()
    address = world.instance.url.replace("http", "ws")
    channel = f"/user/kari/diabetes/api/kernels/{kernel['id']}/channels"
    header = {"Cookie": tab.header()}
    line = connect(f"{address}{channel}", additional_headers=header, legacy=True)
    assert stolen.opens(STATUS)

    tab.http.get("/hub/logout")
    left = time.monotonic()

    assert not stolen.opens("/hub/home")
    assert not other.opens("/hub/home")  # the same person elsewhere
    assert kari._ask("GET", "/hub/api/user").status_code == 403  # and their token
    within(15, lambda: not stolen.opens(STATUS))
    assert closing(line) == 4401
    assert time.monotonic() - left < 60
    # nothing was taken from the person: the kernel is found again after the next sign-in
    kari.sign_in("kari", PASSWORD)
    assert [one["id"] for one in kari.api("GET", "diabetes", "/api/kernels")] == [kernel["id"]]
    kari.ask_server("DELETE", "diabetes", f"/api/kernels/{kernel['id']}")
    whats = [one.event.what for one in world.records.audit.entries()]
    assert What.ACCOUNT_SESSION_END in whats


def test_another_site_signs_nobody_out(world):
    tab = Tab(world.instance.url)
    tab.sign_in("ola")

    answer = tab.http.get("/hub/logout", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert tab.opens("/hub/home")


@pytest.mark.parametrize("act", ["sign_out", "lock"])
def test_an_operator_ends_sessions_tokens_servers_and_kernels_within_a_minute(world, act):
    user, project = f"per-{act[:4].rstrip('_')}", f"asthma-{act[:4].rstrip('_')}"
    add_account(world.instance, user, PASSWORD)
    grant(world.records, permit(project, user))
    client, tab = world.client(user), Tab(world.instance.url)
    assert tab.sign_in(user) == 200
    client.start_server(project)
    client.api("POST", project, "/api/kernels", {"name": "workbench"})
    stolen, own = tab.copy(), server_token(world, user, project)
    assert stolen.opens("/hub/home")
    started = time.monotonic()

    getattr(AccountBook(world.instance), act)(user)

    within(30, lambda: not stolen.opens("/hub/home"))
    within(30, lambda: client._ask("GET", "/hub/api/user").status_code == 403)
    within(30, lambda: Revoke(project=project, user=user) in world.gate.asked)
    within(30, lambda: not running(world, user, project))
    assert time.monotonic() - started < 60
    header = {"Authorization": f"token {own}"}
    assert httpx.get(f"{world.instance.url}/hub/api/user", headers=header).status_code == 403
    assert (Tab(world.instance.url).sign_in(user) == 200) == (act == "sign_out")


def test_a_servers_own_token_reaches_nothing_but_what_it_is_for(world, kari):
    token = server_token(world, "kari", "diabetes")
    header = {"Authorization": f"token {token}"}
    api = httpx.Client(base_url=f"{world.instance.url}/hub/api", headers=header)

    told = api.get("/user").json()
    assert set(told["scopes"]) == {
        "access:servers!server=kari/diabetes",
        "read:users:activity!user=kari",
        "read:users:groups!user=kari",
        "read:users:name!user=kari",
        "users:activity!user=kari",
    }
    assert not set(told) & {"servers", "roles", "auth_state"}
    for method, path, body in (
        ("GET", "/users", None),
        ("GET", "/users/ola", None),
        ("GET", "/groups", None),
        ("GET", "/services", None),
        ("GET", "/proxy", None),
        ("GET", "/users/kari/tokens", None),
        ("POST", "/users/kari/tokens", {}),
        ("POST", "/users/kari/tokens", {"scopes": ["self"]}),
        ("POST", "/users/kari/servers/other", {}),
        ("DELETE", "/users/kari/servers/diabetes", None),
        ("POST", "/users/ola/servers/diabetes", {}),
        ("POST", "/users/ola/activity", {"last_activity": "2026-01-01T00:00:00Z"}),
        ("POST", "/users", {"usernames": ["eve"]}),
        ("POST", "/shutdown", {}),
    ):
        answer = api.request(method, path, json=body)
        assert answer.status_code in (403, 404), (method, path, answer.status_code)


def test_what_a_browser_brings_to_a_server_acts_for_nobody(world, kari, tab):
    """The server sees its visitors' tokens; they open this server and tell a name."""
    with world_tokens(world) as tokens:
        granted = {
            frozenset(json.loads(scopes))
            for client, scopes in tokens
            if client.startswith("jupyterhub-user-kari")
        }

    assert granted
    held = {scope for scopes in granted for scope in scopes}
    assert {scope.split("!")[0] for scope in held} <= {
        "access:servers", "read:users:name", "read:users:groups",
    }  # fmt: skip
    assert {scope for scope in held if scope.startswith("access")} == {
        "access:servers!server=kari/diabetes"
    }


def test_a_persons_token_for_a_script_ends_after_ninety_days_at_most(kari):
    path = "/hub/api/users/kari/tokens"

    assert kari._ask("POST", path, json={"expires_in": 91 * 86_400}).status_code == 400


def test_the_form_asks_everybody_for_a_code_and_answers_all_mistakes_alike(world):
    book = AccountBook(world.instance)
    book.add("lise", PASSWORD)
    secret = book.begin_second_factor("lise").secret
    book.confirm_second_factor("lise", pyotp.TOTP(secret).at(int(time.time()) - 30))
    tab = Tab(world.instance.url)
    assert 'id="otp_input"' in tab.http.get("/hub/login").text

    wrong = [
        ("lise", "wrong wrong wrong", pyotp.TOTP(secret).now()),
        ("lise", PASSWORD, "000001"),
        ("lise", PASSWORD, ""),
        ("nobody", PASSWORD, ""),
    ]
    answers = [
        tab.send("/hub/login", username=user, password=password, otp=code)
        for user, password, code in wrong
    ]
    assert {one.status_code for one in answers} == {403}
    shown = {re.sub(r"lise|nobody|(_xsrf|xsrf_token)\W+value\S+", "", body(one)) for one in answers}
    assert len(shown) == 1
    assert "Navn, passord eller kode stemmer ikke" in shown.pop()
    assert tab.sign_in("lise", code=pyotp.TOTP(secret).at(int(time.time()) + 30)) == 200


def test_a_person_sets_up_a_second_factor_and_a_new_password_on_their_own_page(world):
    book = AccountBook(world.instance)
    book.add("anne", PASSWORD)
    tab = Tab(world.instance.url)
    tab.sign_in("anne")

    refused = tab.send("/hub/account", do="begin", old="wrong wrong wrong")
    assert refused.status_code == 400
    assert "The password or the code is not right" in refused.text
    begun = tab.send("/hub/account", do="begin", old=PASSWORD)
    assert begun.headers["Cache-Control"] == "no-store"
    secret = re.search(r'id="secret">([A-Z2-7]+)<', begun.text)[1]
    field = FIELD.search(begun.text)[1]
    code = pyotp.TOTP(secret).at(int(time.time()) - 30)
    done = tab.http.post("/hub/account", data={"_xsrf": field, "do": "confirm", "code": code})
    assert len(re.findall(r"(?:[a-z2-7]{4}-){3}[a-z2-7]{4}", done.text)) == 8

    fields = {"old": PASSWORD, "code": pyotp.TOTP(secret).now(), "new": "a new good password"}
    stolen = tab.copy()
    tab.send("/hub/account", do="password", again=fields["new"], **fields)
    assert not stolen.opens("/hub/home")
    again = pyotp.TOTP(secret).at(int(time.time()) + 30)
    assert tab.sign_in("anne", "a new good password", again) == 200


def test_a_form_for_ones_account_needs_its_token(world):
    tab = Tab(world.instance.url)
    tab.sign_in("ola")
    answer = tab.http.post("/hub/account", data={"do": "begin", "old": PASSWORD})

    assert answer.status_code == 403


def test_a_password_alone_does_not_make_a_second_factor_for_a_role_that_needs_one(world):
    roles = world.instance.zone("portal") / "roles.toml"
    roles.write_text('officers = ["eva"]\nrequire_totp = ["officers"]\n')
    book = AccountBook(world.instance)
    book.add("eva", PASSWORD)
    client = world.client("eva")
    assert client._ask("GET", "/hub/api/user").json()["groups"] == []

    tab = Tab(world.instance.url)
    tab.sign_in("eva")
    assert "ask the operator" in tab.send("/hub/account", do="begin", old=PASSWORD).text

    secret = book.begin_second_factor("eva").secret
    book.confirm_second_factor("eva", pyotp.TOTP(secret).at(int(time.time()) - 30))
    tab = Tab(world.instance.url)
    assert tab.sign_in("eva", code=pyotp.TOTP(secret).now()) == 200
    assert client._ask("GET", "/hub/api/user").json()["groups"] == ["officers"]
    client.close()


def closing(line: Any) -> int | None:
    """The code that the line is closed with."""
    try:
        while True:
            line.recv(timeout=40)
    except ConnectionClosed as closed:
        return closed.rcvd and closed.rcvd.code


def body(answer: httpx.Response) -> str:
    """What a person reads of the page."""
    return answer.text[answer.text.index("login-main") :]


def server_token(world: Any, user: str, project: str) -> str:
    """What somebody who has taken over a running server finds in its environment."""
    gate = str(world.instance.socket("gated"))
    for process in Path("/proc").iterdir():
        try:
            lines = (process / "environ").read_bytes().decode().split("\0")
        except (OSError, UnicodeDecodeError):
            continue
        found = dict(line.split("=", 1) for line in lines if "=" in line)
        own = found.get("WORKBENCH_GATED_SOCKET") == gate
        if own and found.get("JUPYTERHUB_SERVICE_PREFIX") == f"/user/{user}/{project}/":
            return found["JUPYTERHUB_API_TOKEN"]
    raise AssertionError("the server does not run")


def running(world: Any, user: str, project: str) -> bool:
    try:
        server_token(world, user, project)
    except AssertionError:
        return False
    return True


class world_tokens:  # noqa: N801 - reads as a word below `with`
    """(client, scopes) of every token in the hub's database."""

    def __init__(self, world) -> None:
        self._path = world.instance.zone("hub") / "jupyterhub.sqlite"

    def __enter__(self):
        import sqlite3

        self._database = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
        return self._database.execute("SELECT client_id, scopes FROM api_tokens").fetchall()

    def __exit__(self, *_):
        self._database.close()
