"""The book of releases: release, ledger, charge and event together, or none of them."""

from fractions import Fraction

import pytest

from tests.lib import samples
from workbench.domain.budget import Account
from workbench.domain.errors import Refusal
from workbench.domain.permit import PermitState
from workbench.ports import Records


@pytest.fixture(autouse=True)
def granted(records: Records) -> None:
    records.permits.grant(samples.permit(budget_rho="1/2"), samples.event())


def test_a_release_comes_back_as_it_was(records: Records) -> None:
    release = samples.release(rho=Fraction(1, 3))
    records.releases.record(release, samples.membership(), samples.event())

    assert records.releases.find(release.id) == release
    assert records.releases.by_fingerprint("study", release.fingerprint) == release
    assert records.releases.memberships("study") == (samples.membership(),)
    assert records.releases.find("0" * 16) is None


def test_releases_stand_in_the_order_in_which_they_were_made(records: Records) -> None:
    for number in (3, 1, 2):
        records.releases.record(
            samples.release(number), samples.membership(number), samples.event()
        )

    assert [int(one.id, 16) for one in records.releases.of_project("study")] == [3, 1, 2]
    assert [int(one.release, 16) for one in records.releases.memberships("study")] == [3, 1, 2]
    assert records.releases.of_project("other") == ()


def test_the_same_question_is_answered_and_charged_once(records: Records) -> None:
    first = samples.release(1, rho=Fraction(1, 4))
    records.releases.record(first, samples.membership(1), samples.event())
    same = samples.release(2, rho=Fraction(1, 4), fingerprint=first.fingerprint)
    before = len(list(records.audit.entries()))

    assert records.releases.record(same, samples.membership(2), samples.event()) == first
    assert records.releases.account("study").spent == Fraction(1, 4)
    assert len(records.releases.memberships("study")) == 1
    assert len(list(records.audit.entries())) == before


def test_costs_add_up_exactly(records: Records) -> None:
    for number in range(1, 8):
        records.releases.record(samples.release(number, rho=Fraction(1, 14)), None, samples.event())

    assert records.releases.account("study") == Account("study", Fraction(1, 2), Fraction(1, 2))


def test_nothing_is_spent_beyond_the_grant(records: Records) -> None:
    records.releases.record(samples.release(1, rho=Fraction(1, 2)), None, samples.event())
    before = list(records.audit.entries())

    with pytest.raises(Refusal) as refused:
        records.releases.record(
            samples.release(2, rho=Fraction(1, 10**30)), samples.membership(2), samples.event()
        )

    assert refused.value.code == "budget_exhausted"
    assert records.releases.find(samples.release(2).id) is None
    assert records.releases.memberships("study") == ()
    assert list(records.audit.entries()) == before


def test_a_cost_below_zero_is_refused(records: Records) -> None:
    with pytest.raises(Refusal) as refused:
        records.releases.record(samples.release(rho=Fraction(-1)), None, samples.event())

    assert refused.value.code == "negative_cost"


def test_a_ledger_entry_of_another_release_is_refused(records: Records) -> None:
    with pytest.raises(Refusal) as refused:
        records.releases.record(samples.release(1), samples.membership(2), samples.event())

    assert refused.value.code == "wrong_membership"
    assert records.releases.of_project("study") == ()


def test_only_an_active_permit_releases(records: Records) -> None:
    with pytest.raises(Refusal) as refused:
        records.releases.record(samples.release(project="other"), None, samples.event())
    assert refused.value.code == "no_permit"

    records.permits.set_state("study", PermitState.SUSPENDED, samples.event())
    with pytest.raises(Refusal) as refused:
        records.releases.record(samples.release(), None, samples.event())
    assert refused.value.code == "permit_inactive"


def test_an_amended_permit_moves_the_grant(records: Records) -> None:
    records.releases.record(samples.release(1, rho=Fraction(1, 2)), None, samples.event())
    records.permits.grant(samples.permit(budget_rho="1/4"), samples.event())

    assert records.releases.account("study") == Account("study", Fraction(1, 4), Fraction(1, 2))
    with pytest.raises(Refusal) as refused:
        records.releases.record(samples.release(2, rho=Fraction(1, 9)), None, samples.event())
    assert refused.value.code == "budget_exhausted"


def test_an_unknown_project_has_nothing_to_spend(records: Records) -> None:
    assert records.releases.account("other") == Account("other", Fraction(0), Fraction(0))
