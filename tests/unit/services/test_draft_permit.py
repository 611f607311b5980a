"""The draft of a permit tells its signatory what each sealed lane can leak."""

from datetime import date

from workbench.domain.permit import Role
from workbench.ports import CatalogueVariable
from workbench.services.draft_permit import DatasetDraft, draft_permit
from workbench.services.permit_file import parse_permit


def draft() -> str:
    data = DatasetDraft("visit", (CatalogueVariable("age", "LONG", {"en": "Age"}),))
    day = date(2026, 1, 1)
    return draft_permit("study", [data], [("kari", Role.LEAD)], day, day, (1643, 12_409))


def test_a_draft_states_the_capacity_before_each_sealed_lane() -> None:
    lines = draft().splitlines()
    for flag, bits in (("sealed_runs", "1,643"), ("sealed_kernel", "12,409")):
        place = lines.index(f"{flag} = false")
        assert f"{bits} bits a day" in lines[place - 1]


def test_a_draft_opens_no_sealed_lane() -> None:
    permit = parse_permit(draft())
    assert not permit.sealed_runs
    assert not permit.sealed_kernel
