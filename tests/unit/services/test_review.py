"""Officers look and decide; every look is in the log, every decision binds to bytes."""

import pytest

from tests.unit.services.conftest import Airlock
from workbench.domain.errors import Fault, Refusal
from workbench.domain.permissions import OFFICERS, Person
from workbench.services.outputs import outputs_of, show_output
from workbench.services.review import (
    approve,
    reject,
    return_to_author,
    view_file,
    view_request,
)

DECISIONS = (approve, reject, return_to_author)


def test_looking_at_a_request_and_at_a_file_is_audited(airlock: Airlock) -> None:
    view_request(airlock.records, airlock.officer, airlock.request.id)
    sha256 = airlock.request.files[0].sha256
    file, content = view_file(
        airlock.records, airlock.blobs, airlock.officer, airlock.request.id, sha256
    )

    assert (file, content) == (airlock.request.files[0], b"table 1")
    assert airlock.events() == ["output:request:view", "output:file:view"]


@pytest.mark.parametrize(
    "person",
    [
        Person("researcher"),
        Person("researcher", frozenset({OFFICERS})),
        Person("lead", frozenset({OFFICERS})),
        Person("stranger"),
    ],
)
def test_nobody_but_an_officer_from_outside_looks_or_decides(
    airlock: Airlock, person: Person
) -> None:
    request = airlock.request
    attempts = [
        lambda: view_request(airlock.records, person, request.id),
        lambda: view_file(
            airlock.records, airlock.blobs, person, request.id, request.files[0].sha256
        ),
        *(
            lambda decide=decide: decide(
                airlock.records,
                airlock.clock,
                person,
                request.id,
                content=request.content,
                comment="x",
            )
            for decide in DECISIONS
        ),
    ]
    for attempt in attempts:
        with pytest.raises(Refusal) as refused:
            attempt()
        assert refused.value.code == "not_permitted"
    assert airlock.events() == []
    assert airlock.state() == "submitted"


@pytest.mark.parametrize("decide", DECISIONS)
def test_a_decision_on_other_content_is_refused(airlock: Airlock, decide: object) -> None:
    with pytest.raises(Refusal) as refused:
        decide(
            airlock.records, airlock.clock, airlock.officer, airlock.request.id,
            content="0" * 64, comment="x",
        )  # fmt: skip
    assert refused.value.code == "content_changed"


@pytest.mark.parametrize("decide", [reject, return_to_author])
@pytest.mark.parametrize("comment", ["", "  \n"])
def test_a_return_and_a_rejection_need_words(
    airlock: Airlock, decide: object, comment: str
) -> None:
    with pytest.raises(Refusal) as refused:
        decide(
            airlock.records, airlock.clock, airlock.officer, airlock.request.id,
            content=airlock.request.content, comment=comment,
        )  # fmt: skip
    assert refused.value.code == "comment_missing"


def test_a_blocking_finding_is_approved_with_a_reason_only(airlock: Airlock) -> None:
    risky = airlock.submit(2, ({"rule": "freeform.rows", "severity": "blocking", "text": {}},))
    with pytest.raises(Refusal) as refused:
        approve(
            airlock.records, airlock.clock, airlock.officer, risky.id,
            content=risky.content, comment="",
        )  # fmt: skip
    assert refused.value.code == "comment_missing"

    done = approve(
        airlock.records, airlock.clock, airlock.officer, risky.id,
        content=risky.content, comment="Hospitals, not persons.",
    )  # fmt: skip
    assert done.state == "approved"


def test_what_an_officer_wrote_reaches_the_author_but_not_the_log(airlock: Airlock) -> None:
    return_to_author(
        airlock.records, airlock.clock, airlock.officer, airlock.request.id,
        content=airlock.request.content, comment="merge the canary groups",
    )  # fmt: skip

    shown = show_output(airlock.records, airlock.author, airlock.request.id)
    assert [review["comment"] for review in shown["reviews"]] == ["merge the canary groups"]
    assert "officer" not in shown["reviews"][0]
    assert "canary" not in repr(list(airlock.records.audit.entries()))
    assert airlock.events() == ["output:request:return"]


def test_the_project_sees_nothing_of_the_files_before_release(airlock: Airlock) -> None:
    """Names, sizes, hashes and findings are chosen by code that saw the data."""
    shown = show_output(airlock.records, airlock.author, airlock.request.id)

    assert not {"files", "content", "file_count", "finding_count"} & set(shown)
    assert airlock.request.files[0].sha256 not in repr(shown)
    assert shown["may"] == {"review": False, "withdraw": True, "download": False}
    (listed,) = outputs_of(airlock.records, airlock.author)
    assert set(listed) == set(shown)


def test_an_officer_sees_files_and_the_look_is_audited(airlock: Airlock) -> None:
    shown = show_output(airlock.records, airlock.officer, airlock.request.id)
    (listed,) = outputs_of(airlock.records, airlock.officer)

    assert shown["files"][0]["sha256"] == airlock.request.files[0].sha256
    assert shown["may"] == {"review": True, "withdraw": False, "download": False}
    assert (listed["file_count"], listed["finding_count"]) == (1, 0)
    assert "files" not in listed
    assert airlock.events() == ["output:request:view"]


def test_strangers_see_nothing_and_auditors_no_files(airlock: Airlock) -> None:
    assert outputs_of(airlock.records, airlock.stranger) == ()
    with pytest.raises(Refusal):
        show_output(airlock.records, airlock.stranger, airlock.request.id)
    assert "files" not in show_output(airlock.records, airlock.auditor, airlock.request.id)


def test_a_file_of_another_request_is_not_shown(airlock: Airlock) -> None:
    other = airlock.submit(2, ())
    with pytest.raises(Refusal) as refused:
        view_file(
            airlock.records, airlock.blobs, airlock.officer, airlock.request.id,
            other.files[0].sha256,
        )  # fmt: skip
    assert refused.value.code == "no_file"


def test_a_changed_file_is_not_shown(airlock: Airlock) -> None:
    sha256 = airlock.request.files[0].sha256
    airlock.blobs.content[sha256] = b"other"

    with pytest.raises(Fault):
        view_file(airlock.records, airlock.blobs, airlock.officer, airlock.request.id, sha256)


def test_an_endless_comment_is_refused(airlock: Airlock) -> None:
    with pytest.raises(Refusal) as refused:
        reject(
            airlock.records, airlock.clock, airlock.officer, airlock.request.id,
            content=airlock.request.content, comment="x" * 5000,
        )  # fmt: skip
    assert refused.value.code == "comment_too_long"
