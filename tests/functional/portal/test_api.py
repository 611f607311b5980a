"""The JSON API: the same rules as the pages, refusals as JSON, decisions bound to content."""

from typing import Any

import httpx
import pytest

from tests.functional.portal.conftest import Browse
from tests.lib.portal_world import PROJECT, World, add_load, add_output, add_release
from workbench.domain.output import OutputRequest, OutputState

CSV = b"sex,n\nF,3811\n"


@pytest.fixture
def request_(world: World) -> OutputRequest:
    return add_output(world, "a" * 16, {"table.csv": CSV}, "blocking")


@pytest.fixture
def call(browse: Browse):
    """`call("officer", "GET", "outputs")`"""

    def made(who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"authorization": f"token is-{who}"}
        more = {} if body is None else {"json": body}
        return browse("").ask(method, f"api/v1/{path}", headers=headers, **more)

    return made


def test_an_officer_reads_decides_and_fetches_by_script(
    call, world: World, request_: OutputRequest
) -> None:
    listed = call("officer", "GET", "outputs").json()
    assert [item["id"] for item in listed] == [request_.id]
    told = call("officer", "GET", f"outputs/{request_.id}").json()
    assert told["files"][0]["findings"][0]["rule"] == "small_counts"
    file = call("officer", "GET", f"outputs/{request_.id}/files/{told['files'][0]['sha256']}")
    assert file.content == CSV
    body = {"comment": "Rounded, so no risk.", "content": told["content"]}
    done = call("officer", "POST", f"outputs/{request_.id}/approve", body).json()
    assert done["state"] == "released"
    certificate = call("researcher", "GET", f"outputs/{request_.id}/certificate").json()
    assert certificate["statement"]["release"] == request_.id


@pytest.mark.parametrize(
    ("who", "decision", "body", "status", "code"),
    [
        ("officer", "return", {"comment": ""}, 422, "comment_missing"),
        ("officer", "approve", {"comment": ""}, 422, "comment_missing"),
        ("officer", "approve", {"comment": "Fine.", "content": "0" * 64}, 409, "content_changed"),
        ("officer", "approve", {"comment": "Fine.", "more": 1}, 400, "bad_request"),
        ("officer", "approve", {"comment": "x" * 4001}, 400, "bad_request"),
        ("officer", "publish", {"comment": "Fine."}, 400, "bad_request"),
        ("member-officer", "approve", {"comment": "Fine."}, 403, "not_permitted"),
        ("researcher", "approve", {"comment": "Fine."}, 403, "not_permitted"),
        ("stranger", "approve", {"comment": "Fine."}, 401, "not_signed_in"),
    ],
)
def test_a_decision_that_may_not_be_made_is_refused_as_json(
    who: str, decision: str, body: Any, status: int, code: str, call, world: World,
    request_: OutputRequest,
) -> None:  # fmt: skip
    answer = call(who, "POST", f"outputs/{request_.id}/{decision}", body)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "reason", "remedy"}
    assert answer.json()["code"] == code
    found = world.records.outputs.find(request_.id)
    assert found is not None
    assert found.state is OutputState.SUBMITTED


def test_a_member_sees_no_file_before_release(call, request_: OutputRequest) -> None:
    told = call("researcher", "GET", f"outputs/{request_.id}").json()
    assert "files" not in told
    path = f"outputs/{request_.id}/files/{request_.files[0].sha256}"
    assert call("researcher", "GET", path).json()["code"] == "not_released"


def test_what_does_not_exist_is_a_refusal_too(call) -> None:
    for path in ("outputs/0123456789abcdef", "loads/none", "releases?project=none", "nothing"):
        answer = call("officer", "GET", path)
        assert answer.status_code == 404
        assert set(answer.json()) == {"code", "reason", "remedy"}


def test_an_owner_reads_the_report_and_publishes_by_script(call, world: World) -> None:
    load = add_load(world, "1.2.0", "staged")
    listed = call("owner-lab", "GET", "loads").json()
    assert listed[0]["id"] == load.id
    assert "report" not in listed[0]
    assert call("owner-lab", "GET", f"loads/{load.id}").json()["report"]["quarantined"] == 3
    assert call("owner-dx", "GET", "loads").json() == []
    published = call("owner-lab", "POST", f"loads/{load.id}/publish")
    assert published.json()["state"] == "published"
    assert world.desk.told == [("publish", "nafld_measurement", "1.2.0")]
    again = call("owner-lab", "POST", f"loads/{load.id}/publish")
    assert (again.status_code, again.json()["code"]) == (409, "moved_on")


def test_a_member_lists_releases_and_takes_a_certificate(call, world: World) -> None:
    release = add_release(world)
    listed = call("researcher", "GET", f"releases?project={PROJECT}").json()
    assert [item["id"] for item in listed] == [release.id]
    assert "body" not in listed[0]
    certificate = call("researcher", "GET", f"releases/{release.id}/certificate").json()
    assert certificate["statement"] == {"release": release.id}
