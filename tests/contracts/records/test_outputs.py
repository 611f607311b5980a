"""The book of output requests: every move carries its evidence, whoever asks for it."""

from dataclasses import replace

import pytest

from tests.lib import samples
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputFile, OutputState
from workbench.ports import Records

O = OutputState  # noqa: E741 - states stand in every line


@pytest.fixture(autouse=True)
def granted(records: Records) -> None:
    records.permits.grant(samples.permit(), samples.event())
    records.permits.grant(samples.permit("other"), samples.event())


def refusal(records: Records, *args: object, **kwargs: object) -> str:
    before = list(records.audit.entries())
    with pytest.raises(Refusal) as refused:
        records.outputs.move(*args, samples.event(), **kwargs)
    assert list(records.audit.entries()) == before
    return refused.value.code


def test_a_request_comes_back_as_it_was(records: Records) -> None:
    finding = {"rule": "freeform.rows", "text": {"nb": "æ"}, "cells": 3}
    files = (
        OutputFile("tall.csv", "a" * 64, 12, (finding,)),
        OutputFile("figur.png", "b" * 64, 900),
    )
    request = samples.request(files=files)
    records.outputs.submit(request, samples.event())

    assert records.outputs.find(request.id) == request
    assert records.outputs.find("0" * 16) is None


def test_a_run_is_submitted_once(records: Records) -> None:
    records.outputs.submit(samples.request(1), samples.event())
    before = list(records.audit.entries())
    records.outputs.submit(samples.request(1, author="someone"), samples.event())

    assert records.outputs.find(samples.request(1).id) == samples.request(1)
    assert list(records.audit.entries()) == before


def test_a_request_cannot_begin_approved_empty_or_wrongly_hashed(records: Records) -> None:
    for wrong in (
        samples.request(state=O.APPROVED),
        samples.request(files=()),
        samples.request(content="0" * 64),
        samples.request(certificate={"signature": ""}),
    ):
        with pytest.raises(Refusal) as refused:
            records.outputs.submit(wrong, samples.event())
        assert refused.value.code == "not_new"


def test_lists_are_in_the_order_that_their_readers_need(records: Records) -> None:
    for number in (2, 3, 1):
        records.outputs.submit(samples.request(number), samples.event())
    records.outputs.submit(samples.request(4, "other"), samples.event())

    assert [int(r.run, 16) for r in records.outputs.waiting()] == [1, 2, 3, 4]
    assert [int(r.run, 16) for r in records.outputs.of_project("study")] == [3, 2, 1]
    assert records.outputs.in_state(O.APPROVED) == ()


def test_an_approval_and_a_certificate_release(records: Records) -> None:
    request = samples.request()
    review = samples.review(request, O.APPROVED)
    records.outputs.submit(request, samples.event())
    records.outputs.move(request.id, O.SUBMITTED, O.APPROVED, samples.event(), review=review)
    assert [r.id for r in records.outputs.in_state(O.APPROVED)] == [request.id]
    records.outputs.move(
        request.id, O.APPROVED, O.RELEASED, samples.event(), certificate={"a": [1]}
    )

    assert records.outputs.find(request.id) == replace(
        request, state=O.RELEASED, reviews=(review,), certificate={"a": [1]}
    )
    assert records.outputs.waiting() == ()


def test_a_state_that_moved_on_is_not_overwritten(records: Records) -> None:
    request = samples.request()
    records.outputs.submit(request, samples.event())
    approval = samples.review(request, O.APPROVED)
    records.outputs.move(request.id, O.SUBMITTED, O.APPROVED, samples.event(), review=approval)

    rejection = samples.review(request, O.REJECTED)
    assert refusal(records, request.id, O.SUBMITTED, O.REJECTED, review=rejection) == "moved_on"


def test_nothing_is_released_without_approval_and_certificate(records: Records) -> None:
    request = samples.request()
    records.outputs.submit(request, samples.event())
    assert (
        refusal(records, request.id, O.SUBMITTED, O.RELEASED, certificate={"a": 1})
        == "not_possible"
    )
    approval = samples.review(request, O.APPROVED)
    records.outputs.move(request.id, O.SUBMITTED, O.APPROVED, samples.event(), review=approval)
    assert refusal(records, request.id, O.APPROVED, O.RELEASED) == "no_certificate"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"officer": "researcher"}, "own_request"),
        ({"content": "0" * 64}, "content_changed"),
        ({"decision": O.RETURNED}, "no_review"),
    ],
)
def test_an_approval_is_somebody_elses_and_of_this_content(
    records: Records, change: dict[str, object], code: str
) -> None:
    request = samples.request()
    records.outputs.submit(request, samples.event())
    review = replace(samples.review(request, O.APPROVED), **change)

    assert refusal(records, request.id, O.SUBMITTED, O.APPROVED, review=review) == code


def test_a_decision_needs_a_review_and_a_return_needs_words(records: Records) -> None:
    request = samples.request()
    records.outputs.submit(request, samples.event())
    silent = samples.review(request, O.RETURNED, comment="  ")

    assert refusal(records, request.id, O.SUBMITTED, O.APPROVED) == "no_review"
    assert refusal(records, request.id, O.SUBMITTED, O.RETURNED, review=silent) == "comment_missing"


def test_an_unknown_request_cannot_move(records: Records) -> None:
    assert refusal(records, "0" * 16, O.SUBMITTED, O.WITHDRAWN) == "no_request"
