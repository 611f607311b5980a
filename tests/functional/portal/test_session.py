"""Signing in and out: state, cookies, where one lands, and what is audited."""

import pytest

from tests.functional.portal.conftest import Browse, Browser
from tests.lib.portal_world import World
from workbench.domain.audit import What


def begin(browser: Browser, wanted: str = "") -> str:
    """Start a sign-in; returns the state that the hub will send back."""
    answer = browser.get(f"sign-in?next={wanted}" if wanted else "sign-in")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/hub/api/oauth2/authorize?")
    return answer.headers["location"].split("state=")[1]


def test_a_page_that_needs_a_person_leads_to_the_hub_and_back(browse: Browse, world: World) -> None:
    world.signin.next_person = "officer"
    visitor = browse("")
    first = visitor.get("review")
    assert (
        first.headers["location"] == "/services/portal/sign-in?next=%2Fservices%2Fportal%2Freview"
    )
    state = begin(visitor, "/services/portal/review")
    back = visitor.get(f"oauth_callback?code=good&state={state}")
    assert back.status_code == 303
    assert back.headers["location"] == "/services/portal/review"
    cookie = back.headers["set-cookie"].split("workbench-session=")[1]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/services/portal/" in cookie
    assert "Outputs to review" in visitor.page("review")
    opened = [entry.event for entry in world.records.audit.entries()]
    assert (What.ACCOUNT_SESSION_OPEN, "officer") in [(e.what, e.who) for e in opened]


@pytest.mark.parametrize("query", ["code=good&state=state-9", "code=good", "state=state-0", ""])
def test_an_answer_that_this_browser_did_not_ask_for_is_refused(query: str, browse: Browse) -> None:
    visitor = browse("")
    begin(visitor)
    answer = visitor.get(f"oauth_callback?{query}")
    assert answer.status_code == 403
    assert "workbench-session" not in answer.headers.get("set-cookie", "")


def test_a_state_of_another_browser_is_refused(browse: Browse) -> None:
    attacker, victim = browse(""), browse("")
    state = begin(attacker)
    begin(victim)
    answer = victim.get(f"oauth_callback?code=good&state={state}")
    assert answer.status_code == 403
    assert browse("").get(f"oauth_callback?code=good&state={state}").status_code == 403


def test_a_code_that_the_hub_does_not_know_is_refused(browse: Browse) -> None:
    visitor = browse("")
    state = begin(visitor)
    assert visitor.get(f"oauth_callback?code=bad&state={state}").status_code == 403


@pytest.mark.parametrize(
    "wanted",
    ["https://elsewhere.example/", "//elsewhere.example/", "/hub/admin", "javascript:alert(1)",
     "/services/portal\\@elsewhere.example", "/services/portal/%0d%0aSet-Cookie:x"],
)  # fmt: skip
def test_sign_in_never_ends_on_another_site(wanted: str, browse: Browse, world: World) -> None:
    visitor = browse("")
    begin(visitor, wanted)
    assert list(world.signin.begun.values()) == ["/services/portal/"]


def test_signing_out_ends_the_session_here_and_in_the_hub(browse: Browse) -> None:
    browser = browse("researcher")
    answer = browser.submit("sign-out")
    assert answer.headers["location"] == "/hub/logout"
    assert browse("researcher").get("review").status_code == 303


def test_a_session_ends_when_the_hub_says_so(browse: Browse, world: World) -> None:
    browser = browse("officer")
    assert browser.get("review").status_code == 200
    world.signin.gone.add("is-officer")
    assert browser.get("review").status_code == 303


def test_the_name_leads_to_the_own_account(browse: Browse) -> None:
    assert '<a href="/hub/account"' in browse("researcher").page("")
    assert "/hub/account" not in browse("").page("")
