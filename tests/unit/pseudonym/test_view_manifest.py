"""What a view says of a contract's variable."""

import pytest

from pseudonym.contract.variable import Missing, Variable
from pseudonym.view_manifest import ColumnPart, column_part


@pytest.mark.parametrize("allowed", [True, False])
def test_a_view_says_whether_a_variable_may_be_missing(allowed: bool) -> None:
    variable = Variable(
        name="sex",
        label={"nb": "Kjønn", "en": "Sex"},
        data_type="STRING",
        missing=Missing(allowed=allowed),
    )

    assert column_part(variable).missing is allowed
    assert column_part(variable).model_dump()["missing"] is allowed


def test_a_view_from_before_the_flag_lets_every_variable_be_missing() -> None:
    older = {
        "type": "string",
        "label": {"en": "Sex"},
        "unit": "",
        "codes": None,
        "minimum": None,
        "maximum": None,
        "role": "attribute",
    }

    assert ColumnPart.model_validate(older).missing
