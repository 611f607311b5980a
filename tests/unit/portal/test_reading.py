"""What the portal shows of a permit's data."""

from datetime import date
from typing import Any

import pytest

from tests.lib.nation_view import nation_view
from workbench.domain.permit import DatasetGrant, Member, Permit, PermitState
from workbench.portal.formats import Formats
from workbench.portal.language import words
from workbench.portal.reading import datasets_of
from workbench.ports import HeldPermit

PERMIT = Permit(
    project="nation",
    title="Births",
    purpose="To look",
    valid_from=date(2020, 1, 1),
    valid_until=date(2090, 1, 1),
    members=(Member(user="kari"),),
    datasets=(DatasetGrant(dataset="mfr_birth", variables=("birth_weight", "mother")),),
)


class Catalogue:
    def describe(self, _project: str, _version: str) -> dict[str, Any]:
        return nation_view(500, datasets=("mfr_birth",)).describe()


@pytest.mark.parametrize(
    ("language", "label", "kind"),
    [("nb", "Mor", "veien til en persons egne rader"), ("en", "Mother", "the way to a person's")],
)
def test_a_link_is_shown_as_what_it_is(language: str, label: str, kind: str) -> None:
    held = HeldPermit(PERMIT, PermitState.ACTIVE, "0" * 16)

    (shown,) = datasets_of(held, Catalogue(), words(language), Formats(language))  # type: ignore[arg-type]  # the one method it needs

    weight, mother = shown.columns
    assert weight.label.startswith(("Fødselsvekt", "Birth weight"))
    assert mother.label == label
    assert mother.type.startswith(kind)
