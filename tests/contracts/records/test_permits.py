"""The book of permits."""

import pytest

from tests.lib import samples
from workbench.domain.errors import Refusal
from workbench.domain.permit import PermitState
from workbench.ports import HeldPermit, Records


def test_a_granted_permit_is_active_and_without_a_view(records: Records) -> None:
    records.permits.grant(samples.permit(), samples.event())

    assert records.permits.find("study") == HeldPermit(samples.permit(), PermitState.ACTIVE, "")
    assert records.permits.find("other") is None


def test_permits_are_listed_by_project(records: Records) -> None:
    for project in ("zebra", "ant", "a-b", "ab"):
        records.permits.grant(samples.permit(project), samples.event())

    assert [held.permit.project for held in records.permits.all()] == ["a-b", "ab", "ant", "zebra"]


def test_an_amendment_keeps_state_and_view(records: Records) -> None:
    records.permits.grant(samples.permit(), samples.event())
    records.permits.set_view("study", "v1", samples.event())
    records.permits.set_state("study", PermitState.SUSPENDED, samples.event())

    amended = samples.permit(title="Another title")
    records.permits.grant(amended, samples.event())

    assert records.permits.find("study") == HeldPermit(amended, PermitState.SUSPENDED, "v1")


def test_a_revoked_permit_stays_revoked(records: Records) -> None:
    records.permits.grant(samples.permit(), samples.event())
    records.permits.set_state("study", PermitState.REVOKED, samples.event())
    before = len(list(records.audit.entries()))

    with pytest.raises(Refusal) as refused:
        records.permits.set_state("study", PermitState.ACTIVE, samples.event())
    assert refused.value.code == "not_possible"
    with pytest.raises(Refusal) as refused:
        records.permits.grant(samples.permit(), samples.event())
    assert refused.value.code == "revoked"
    assert len(list(records.audit.entries())) == before


def test_a_project_without_a_permit_cannot_change(records: Records) -> None:
    for attempt in (
        lambda: records.permits.set_state("study", PermitState.SUSPENDED, samples.event()),
        lambda: records.permits.set_view("study", "v1", samples.event()),
    ):
        with pytest.raises(Refusal) as refused:
            attempt()
        assert refused.value.code == "no_permit"
    assert list(records.audit.entries()) == []
