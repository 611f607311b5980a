"""What a visitor sees when something is refused or breaks, and what nobody ever sees."""

import logging

import pytest

from tests.functional.portal.conftest import ORIGIN, Browse, token_in
from tests.lib.portal_world import World, add_output
from workbench.domain.errors import Fault
from workbench.portal.shield import BODY_LIMIT

CANARY = "01417012345"


def test_a_refusal_says_code_reason_and_remedy(browse: Browse) -> None:
    answer = browse("researcher").get("review")
    assert answer.status_code == 403
    for part in ("not_permitted", "Only disclosure officers review outputs.", "Wait for an"):
        assert part in answer.text


def test_what_does_not_exist_repeats_nothing_of_the_address(browse: Browse) -> None:
    for path in (CANARY, f"review/{CANARY}!", f"loads/{CANARY}", f"projects/p{CANARY}"):
        for who in ("", "officer", "owner-lab"):
            answer = browse(who).get(path)
            assert answer.status_code in {303, 403, 404}
            assert CANARY not in answer.text


def test_a_fault_tells_only_its_incident(
    browse: Browse, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise Fault(f"row of {CANARY}", "abc123")

    monkeypatch.setattr(world.records.permits, "all", broken)
    with caplog.at_level(logging.DEBUG):
        answer = browse("").get("register")
    assert answer.status_code == 500
    assert "abc123" in answer.text
    assert CANARY not in answer.text
    assert "abc123" in caplog.text
    assert CANARY not in caplog.text


@pytest.mark.parametrize("path", ["register", "api/v1/outputs"])
def test_any_exception_is_a_fault_without_its_message(
    path: str,
    browse: Browse,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken() -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(world.records.permits, "all", broken)
    with caplog.at_level(logging.DEBUG):
        answer = browse("").get(path, headers={"authorization": "token is-officer"})
    assert answer.status_code == 500
    assert CANARY not in answer.text + caplog.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_every_answer_carries_the_strict_headers(browse: Browse) -> None:
    for path in ("", "verify", "nope", "static/portal.css", "api/v1/outputs", "sign-in"):
        headers = browse("").get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_no_page_holds_inline_script_or_style_or_calls_outside(browse: Browse) -> None:
    for who, path in (("", ""), ("", "verify"), ("", "register"), ("officer", "review")):
        page = browse(who).page(path)
        assert " style=" not in page
        assert "<style" not in page
        assert page.count("<script") == 1
        assert "onclick" not in page
        assert "http" not in page.replace("http-", "").replace("https://www.w3.org", "")


def test_a_large_body_is_refused_whether_announced_or_not(browse: Browse) -> None:
    visitor = browse("")
    token = token_in(visitor.page("verify"))
    big = {"form_token": token, "text": "x" * BODY_LIMIT}
    assert visitor.post("verify", data=big, headers={"origin": ORIGIN}).status_code == 413

    async def pieces():
        for _ in range(64):
            yield b"x" * (BODY_LIMIT // 32)

    kind = {"origin": ORIGIN, "content-type": "application/x-www-form-urlencoded"}
    assert visitor.post("verify", content=pieces(), headers=kind).status_code == 413


def test_a_refused_comment_is_not_kept_in_logs(
    browse: Browse, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    request = add_output(world, "a" * 16, {"t.csv": b"n\n100\n"})
    with caplog.at_level(logging.DEBUG):
        answer = browse("officer").submit(
            f"review/{request.id}/return", content=request.content, comment=CANARY * 1000
        )
    assert answer.status_code == 422
    assert CANARY not in answer.text
    assert CANARY not in caplog.text
