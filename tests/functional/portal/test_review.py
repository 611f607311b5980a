"""The officer's work: a queue by risk and age, inert previews, decisions that bind to content."""

import pytest

from tests.functional.portal.conftest import Browse
from tests.lib.portal_world import PROJECT, World, add_output
from workbench.domain.audit import What
from workbench.domain.output import OutputFile, OutputRequest, OutputState

CSV = b"sex;n\nF;3811\nM;3300\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


@pytest.fixture
def request_(world: World) -> OutputRequest:
    return add_output(world, "a" * 16, {"table.csv": CSV})


def state(world: World, request: OutputRequest) -> OutputState:
    found = world.records.outputs.find(request.id)
    assert found is not None
    return found.state


def test_the_riskiest_come_first_and_then_the_oldest(browse: Browse, world: World) -> None:
    names = {}
    for run, severity, minutes in (("a", "note", 900), ("b", "withheld", 10), ("c", "blocking", 5),
                                   ("d", "blocking", 60), ("e", "withheld", 20)):  # fmt: skip
        names[run] = add_output(world, run * 16, {"t.csv": CSV}, severity, minutes).id
    page = browse("officer").page("review")
    order = sorted(names, key=lambda run: page.index(names[run]))
    assert order == ["d", "c", "e", "b", "a"]


def test_an_officer_who_is_a_member_sees_that_others_must_decide(
    browse: Browse, request_: OutputRequest
) -> None:
    page = browse("member-officer").page("review")
    assert request_.id not in page
    assert "1 output waits for another officer" in page


def test_the_author_cannot_review_even_as_an_officer(browse: Browse, world: World) -> None:
    request = add_output(world, "a" * 16, {"table.csv": CSV}, author="member-officer")
    fields = {"content": request.content, "comment": ""}
    answer = browse("member-officer").submit(f"review/{request.id}/approve", **fields)
    assert answer.status_code == 403
    assert state(world, request) is OutputState.SUBMITTED


def test_approving_asks_first_and_then_releases_with_a_certificate(
    browse: Browse, world: World, request_: OutputRequest
) -> None:
    officer = browse("officer")
    asked = officer.page(f"review/{request_.id}/approve")
    assert "Yes, release these files" in asked
    assert state(world, request_) is OutputState.SUBMITTED
    answer = officer.submit(f"review/{request_.id}/approve", content=request_.content, comment="")
    assert answer.headers["location"].endswith("review?done=approve")
    assert state(world, request_) is OutputState.RELEASED
    assert world.engine.asked == [request_.id]


def test_an_approval_outlives_an_engine_that_is_down(
    browse: Browse, world: World, request_: OutputRequest
) -> None:
    world.engine.down = True
    officer = browse("officer")
    answer = officer.submit(f"review/{request_.id}/approve", content=request_.content, comment="")
    assert answer.headers["location"].endswith("review?done=approve_later")
    assert state(world, request_) is OutputState.APPROVED
    assert "as soon as it answers" in officer.page("review?done=approve_later")


@pytest.mark.parametrize("decision", ["return", "reject"])
def test_a_decision_against_the_author_needs_a_comment(
    decision: str, browse: Browse, world: World, request_: OutputRequest
) -> None:
    officer = browse("officer")
    path = f"review/{request_.id}/{decision}"
    answer = officer.submit(path, content=request_.content, comment="  \n")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert state(world, request_) is OutputState.SUBMITTED
    assert officer.submit(path, content=request_.content, comment="Merge.").status_code == 303
    assert state(world, request_) in {OutputState.RETURNED, OutputState.REJECTED}


def test_a_decision_on_other_content_than_was_seen_is_refused(
    browse: Browse, world: World, request_: OutputRequest
) -> None:
    answer = browse("officer").submit(
        f"review/{request_.id}/approve", content="0" * 64, comment="Fine."
    )
    assert answer.status_code == 409
    assert "content_changed" in answer.text
    assert state(world, request_) is OutputState.SUBMITTED


def test_a_file_that_changed_on_disk_is_neither_shown_nor_released(
    browse: Browse, world: World, request_: OutputRequest
) -> None:
    world.blobs.content[request_.files[0].sha256] = b"sex;n\nF;7\n"
    officer = browse("officer")
    shown = officer.get(f"review/{request_.id}")
    assert shown.status_code == 500
    assert "F;7" not in shown.text
    officer.submit(f"review/{request_.id}/approve", content=request_.content, comment="Fine.")
    assert state(world, request_) is not OutputState.RELEASED


def test_a_second_decision_is_told_that_the_request_moved_on(
    browse: Browse, request_: OutputRequest
) -> None:
    officer = browse("officer")
    path = f"review/{request_.id}/return"
    fields = {"content": request_.content, "comment": "Merge the groups."}
    assert officer.submit(path, **fields).status_code == 303
    assert officer.submit(path, **fields).status_code == 409
    assert officer.get(path).status_code == 409


def test_looking_is_audited(browse: Browse, world: World, request_: OutputRequest) -> None:
    browse("officer").page(f"review/{request_.id}")
    seen = [(entry.event.what, entry.event.who) for entry in world.records.audit.entries()]
    assert (What.OUTPUT_REQUEST_VIEW, "officer") in seen
    assert (What.OUTPUT_FILE_VIEW, "officer") in seen


def test_a_table_is_shown_as_a_table_and_markup_as_text(browse: Browse, world: World) -> None:
    evil = b"<script>alert(1)</script><img src=x onerror=alert(2)>"
    request = add_output(world, "b" * 16, {"t.csv": CSV, "page.html": evil, "x.csv": evil})
    page = browse("officer").page(f"review/{request.id}")
    assert "<td>3811</td>" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_only_a_raster_image_is_served_to_be_seen_and_then_in_a_sandbox(
    browse: Browse, world: World
) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    request = add_output(world, "b" * 16, {"curve.png": PNG, "curve.svg": svg})
    at: dict[str, OutputFile] = {file.name: file for file in request.files}
    officer = browse("officer")
    shown = officer.get(f"review/{request.id}/images/{at['curve.png'].sha256}")
    assert shown.headers["content-type"] == "image/png"
    assert "sandbox" in shown.headers["content-security-policy"]
    refused = officer.get(f"review/{request.id}/images/{at['curve.svg'].sha256}")
    assert refused.status_code == 404
    saved = officer.get(f"review/{request.id}/files/{at['curve.svg'].sha256}")
    assert saved.content == svg
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"].startswith("attachment;")


def test_a_file_of_another_request_is_not_reached_through_this_one(
    browse: Browse, world: World, request_: OutputRequest
) -> None:
    other = add_output(world, "b" * 16, {"other.csv": b"n\n1\n"})
    answer = browse("officer").get(f"review/{request_.id}/files/{other.files[0].sha256}")
    assert answer.status_code == 404


def test_the_author_learns_what_was_said_but_not_by_whom(
    browse: Browse, request_: OutputRequest
) -> None:
    browse("officer").submit(
        f"review/{request_.id}/return", content=request_.content, comment="Merge the groups."
    )
    page = browse("researcher").page(f"projects/{PROJECT}/outputs/{request_.id}")
    assert "Merge the groups." in page
    assert "officer ·" not in page
    assert "1 output was returned to you" in browse("researcher").page("")
