"""The portal's client, against the portal itself and against everything that is none."""

from pathlib import Path

import httpx
import pytest

from tests.lib.portal_line import PortalLine
from tests.lib.portal_world import World, add_output, build_world
from workbench.adapters.portal_client import PortalHttp, open_portal
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputRequest
from workbench.portal import create_app
from workbench.ports import SignIn

CSV = b"sex,n\nF,3811\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return build_world(tmp_path)


@pytest.fixture
def request_(world: World) -> OutputRequest:
    return add_output(world, "a" * 16, {"table.csv": CSV})


def portal(world: World, who: str) -> PortalHttp:
    app = create_app(world.services, world.signin)
    return PortalHttp("http://portal", f"is-{who}", transport=PortalLine(app))


def test_an_output_goes_the_whole_way(world: World, request_: OutputRequest) -> None:
    officer, researcher = portal(world, "officer"), portal(world, "researcher")
    (listed,) = officer.outputs()
    shown = officer.output(str(listed["id"]))
    sha256 = shown["files"][0]["sha256"]

    assert officer.output_file(request_.id, sha256) == CSV
    done = officer.decide(request_.id, "approve", "Fine.", shown["content"])
    assert done["state"] == "released"
    assert researcher.output_file(request_.id, sha256) == CSV
    certificate = researcher.output_certificate(request_.id)
    assert certificate["statement"]["content_sha256"] == request_.content


def test_a_decision_on_other_content_is_refused(world: World, request_: OutputRequest) -> None:
    with pytest.raises(Refusal) as refused:
        portal(world, "officer").decide(request_.id, "approve", "Fine.", "0" * 64)
    assert refused.value.code == "content_changed"


def test_the_portal_s_refusal_arrives_with_its_remedy(
    world: World, request_: OutputRequest
) -> None:
    with pytest.raises(Refusal) as refused:
        portal(world, "researcher").decide(request_.id, "approve", "")
    assert refused.value.code == "not_permitted"
    assert refused.value.remedy


def test_a_token_that_the_hub_does_not_know_is_refused(world: World) -> None:
    with pytest.raises(Refusal) as refused:
        portal(world, "intruder").outputs()
    assert refused.value.code == "not_signed_in"


def answering(status: int, content: bytes = b"", **headers: str) -> PortalHttp:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=content, headers=headers)

    return PortalHttp("http://portal", "t", transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("status", "content", "code"),
    [
        (200, b"<html>", "not_a_portal"),
        (200, b'{"outputs": []}', "not_a_portal"),
        (500, b"Internal Server Error", "not_a_portal"),
        (404, b"{}", "not_a_portal"),
        (403, b"", "not_signed_in"),
        (302, b"", "not_signed_in"),
        (409, b'{"code": "x", "reason": "y", "remedy": "z"}', "x"),
    ],
)
def test_what_is_no_portal_is_told_apart(status: int, content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        answering(status, content, location="/hub/login").outputs()
    assert refused.value.code == code


def test_a_file_that_changed_on_the_way_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        answering(200, b"other").output_file("a" * 16, "0" * 64)
    assert refused.value.code == "changed_on_the_way"


def test_nobody_at_the_address_is_a_refusal() -> None:
    with pytest.raises(Refusal) as refused:
        open_portal(SignIn("http://127.0.0.1:9", token="secret-token")).outputs()
    assert refused.value.code == "not_running"


def test_who_does_not_say_who_they_are_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        open_portal(SignIn("http://127.0.0.1:9"))
    assert "WORKBENCH_TOKEN" in refused.value.remedy


def test_secrets_are_not_shown() -> None:
    signin = SignIn("http://127.0.0.1:9", "secret-token", "kari", "secret-password")

    assert "secret" not in repr(signin)
    assert "secret" not in repr(open_portal(signin))
