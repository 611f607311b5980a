"""WHEN: the tables are total, closed and disjoint, and every final state is final."""

import pytest

from tests.lib import samples
from workbench.domain.audit import What
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputState
from workbench.domain.permit import PermitState
from workbench.domain.transitions import (
    OUTPUT,
    OUTPUT_EVENT,
    OUTPUT_HOLDER,
    PERMIT,
    PERMIT_EVENT,
    Holder,
    check_output_move,
    check_permit_move,
)


def test_every_state_has_its_row_in_every_table() -> None:
    for table in (OUTPUT, OUTPUT_HOLDER, OUTPUT_EVENT):
        assert set(table) == set(OutputState)
    for table in (PERMIT, PERMIT_EVENT):
        assert set(table) == set(PermitState)


def test_entering_different_states_is_told_by_different_events() -> None:
    events = [*OUTPUT_EVENT.values(), *PERMIT_EVENT.values()]

    assert len(set(events)) == len(events)


def test_events_and_states_are_sorted_and_shaped_alike() -> None:
    names = [str(what) for what in What]

    assert names == sorted(names)
    assert all(name.count(":") == 2 for name in names)


def test_nobody_holds_exactly_the_final_states() -> None:
    final = {state for state, after in OUTPUT.items() if not after}

    assert final == {state for state, who in OUTPUT_HOLDER.items() if who is Holder.NOBODY}


def test_every_output_state_can_be_reached_and_none_returns_to_itself() -> None:
    reached, frontier = set(), {OutputState.SUBMITTED}
    while frontier:
        reached |= frontier
        frontier = {after for state in frontier for after in OUTPUT[state]} - reached

    assert reached == set(OutputState)
    assert all(state not in after for state, after in OUTPUT.items())


def test_only_an_approved_request_becomes_released() -> None:
    before = {state for state, after in OUTPUT.items() if OutputState.RELEASED in after}

    assert before == {OutputState.APPROVED}


@pytest.mark.parametrize("old", PermitState)
@pytest.mark.parametrize("new", PermitState)
def test_a_permit_moves_by_its_table_alone(old: PermitState, new: PermitState) -> None:
    if new in PERMIT[old]:
        check_permit_move(old, new)
        return
    with pytest.raises(Refusal) as refused:
        check_permit_move(old, new)
    assert refused.value.code == "not_possible"


@pytest.mark.parametrize("old", OutputState)
@pytest.mark.parametrize("new", OutputState)
def test_an_output_moves_by_its_table_alone(old: OutputState, new: OutputState) -> None:
    plain = samples.request()
    approved = samples.review(plain, OutputState.APPROVED)
    request = samples.request(state=old, reviews=(approved,))
    decisions = {OutputState.APPROVED, OutputState.RETURNED, OutputState.REJECTED}
    review = samples.review(request, new) if new in decisions else None
    certificate = {"signature": "00"} if new is OutputState.RELEASED else None

    if new in OUTPUT[old]:
        check_output_move(request, new, review, certificate)
        return
    with pytest.raises(Refusal) as refused:
        check_output_move(request, new, review, certificate)
    assert refused.value.code == "not_possible"


def test_an_approval_of_other_content_releases_nothing() -> None:
    plain = samples.request()
    stale = samples.review(plain, OutputState.APPROVED, content="0" * 64)
    request = samples.request(state=OutputState.APPROVED, reviews=(stale,))

    with pytest.raises(Refusal) as refused:
        check_output_move(request, OutputState.RELEASED, None, {"signature": "00"})
    assert refused.value.code == "not_approved"


def test_a_certificate_comes_with_a_release_only() -> None:
    request = samples.request()

    with pytest.raises(Refusal) as refused:
        check_output_move(request, OutputState.WITHDRAWN, None, {"signature": "00"})
    assert refused.value.code == "no_release"


def test_a_step_that_is_no_decision_takes_no_review() -> None:
    request = samples.request()
    review = samples.review(request, OutputState.APPROVED)

    with pytest.raises(Refusal) as refused:
        check_output_move(request, OutputState.WITHDRAWN, review, None)
    assert refused.value.code == "no_decision"
