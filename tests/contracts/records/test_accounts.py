"""Privacy accounts of registries and their extensions: paid together, or not at all."""

from fractions import Fraction

import pytest

from tests.lib import samples
from workbench.domain.budget import Charge, RegistryAccount
from workbench.domain.errors import Refusal
from workbench.ports import Records

LAB, CAUSES = Charge("lab", Fraction(1, 4)), Charge("causes", Fraction(1, 2))


@pytest.fixture(autouse=True)
def granted(records: Records) -> None:
    records.permits.grant(samples.permit(budget_rho="1"), samples.event())


def spend(records: Records, number: int, rho: Fraction, *charged: Charge) -> None:
    records.releases.record(samples.release(number, rho=rho), None, samples.event(), charged)


def spent(records: Records) -> dict[str, Fraction]:
    return {one.registry: one.spent for one in records.releases.registry_accounts("study")}


def test_an_answer_on_linked_registries_is_paid_from_the_account_of_each(records: Records) -> None:
    spend(records, 1, Fraction(1, 10), LAB, CAUSES)
    spend(records, 2, Fraction(1, 7), CAUSES)

    assert spent(records) == {"causes": Fraction(17, 70), "lab": Fraction(1, 10)}
    assert records.releases.account("study").spent == Fraction(17, 70)


def test_one_account_that_is_empty_stops_the_answer_and_nothing_is_paid(records: Records) -> None:
    spend(records, 1, Fraction(1, 4), LAB, CAUSES)
    with pytest.raises(Refusal) as refused:
        spend(records, 2, Fraction(1, 1000), CAUSES, LAB)

    assert refused.value.code == "registry_budget_exhausted"
    assert "lab" in refused.value.reason
    assert spent(records) == {"causes": Fraction(1, 4), "lab": Fraction(1, 4)}
    assert records.releases.account("study").spent == Fraction(1, 4)
    assert records.releases.find(samples.release(2).id) is None


def test_an_answer_without_noise_is_paid_from_no_account(records: Records) -> None:
    spend(records, 1, Fraction(0), LAB)

    assert spent(records) == {}


def test_a_replay_is_free_in_every_account(records: Records) -> None:
    first = samples.release(1, rho=Fraction(1, 8))
    same = samples.release(2, rho=Fraction(1, 8), fingerprint=first.fingerprint)
    for one in (first, same):
        records.releases.record(one, None, samples.event(), [LAB])

    assert spent(records) == {"lab": Fraction(1, 8)}


def test_another_projects_spending_is_its_own(records: Records) -> None:
    records.permits.grant(samples.permit("other", budget_rho="1"), samples.event())
    spend(records, 1, Fraction(1, 4), LAB)
    other = samples.release(2, "other", rho=Fraction(1, 4))
    records.releases.record(other, None, samples.event(), [LAB])

    assert records.releases.registry_accounts("other") == (
        RegistryAccount("other", "lab", Fraction(1, 4)),
    )


def test_an_extension_opens_the_account_that_it_names_and_no_other(records: Records) -> None:
    spend(records, 1, Fraction(1, 4), LAB, CAUSES)
    records.releases.extend(samples.extension(registry="lab"), samples.event())

    spend(records, 2, Fraction(1, 4), LAB)
    with pytest.raises(Refusal):
        spend(records, 3, Fraction(1, 100), LAB)
    held = {one.registry: one.extended for one in records.releases.registry_accounts("study")}
    assert held == {"causes": Fraction(0), "lab": Fraction(1, 4)}
    assert records.releases.account("study").granted == 1


def test_an_extension_of_the_project_adds_to_its_permit_exactly(records: Records) -> None:
    for number in range(3):
        more = samples.extension(rho=Fraction(1, 3), why=f"round {number}")
        records.releases.extend(more, samples.event())

    assert records.releases.account("study").granted == 2
    records.permits.grant(samples.permit(budget_rho="1/2"), samples.event())
    assert records.releases.account("study").granted == Fraction(3, 2)
    told = records.releases.extensions("study")
    assert [one.why for one in told] == ["round 0", "round 1", "round 2"]
    assert told[0].granted_by == "os:officer"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"rho": Fraction(0)}, "bad_extension"),
        ({"rho": Fraction(-1)}, "bad_extension"),
        ({"rho": Fraction(101)}, "bad_extension"),
        ({"why": "  "}, "reason_missing"),
        ({"project": "nobody"}, "no_permit"),
    ],
)
def test_an_impossible_extension_is_refused_and_leaves_nothing(
    records: Records, more: dict[str, object], code: str
) -> None:
    before = len(list(records.audit.entries()))
    with pytest.raises(Refusal) as refused:
        records.releases.extend(samples.extension(**more), samples.event())

    assert refused.value.code == code
    assert records.releases.extensions("study") == ()
    assert len(list(records.audit.entries())) == before
