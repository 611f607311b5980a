"""What is never missing has no category for it; what is derived has its own rules."""

from typing import Any

import pytest

from tests.lib.drawn import PERSON_FRAME, VISITS, col
from tests.lib.engines import run
from tests.lib.plain_view import described
from tests.lib.small_world import small_view
from workbench.plan import CheckedDimension, Plan, Schema, check, nodes


def told(missing: bool | None, *, extra_code: str | None = None) -> Schema:
    """The schema of a view that says of every variable whether it may be missing, or nothing."""
    view = described(2000)
    for dataset in view["datasets"].values():
        for column in dataset["columns"].values():
            column.pop("missing")
            if missing is not None:
                column["missing"] = missing
    if extra_code is not None:
        codes = view["datasets"]["person"]["columns"]["sex"]["codes"]
        view["datasets"]["person"]["columns"]["sex"]["codes"] = codes | {extra_code: {}}
    return Schema.from_view(view)


def dimension(schema: Schema, value: Any = None) -> CheckedDimension:
    """`value`, or sex as it is, as a dimension."""
    frame: nodes.Frame = PERSON_FRAME
    if value is not None:
        frame = nodes.Derive(frame=frame, columns=(nodes.Derived(name="made", value=value),))
    name = "sex" if value is None else "made"
    (found,) = check(Plan(analysis=nodes.Count(cohort=frame, by=(name,))), schema).dimensions
    return found


def test_a_variable_that_is_never_missing_has_no_missing_category() -> None:
    assert dimension(told(missing=False)).codes == ("F", "M")
    assert dimension(told(missing=True)).codes == ("F", "M", "")


def test_a_view_from_before_the_flag_lets_everything_be_missing() -> None:
    assert dimension(told(missing=None)).codes == ("F", "M", "")


@pytest.mark.parametrize("code", ["", "Σ"])
def test_a_code_that_tables_keep_for_themselves_counts_as_missing(code: str) -> None:
    assert dimension(told(missing=False, extra_code=code)).codes == ("F", "M", "")


@pytest.mark.parametrize(
    ("value", "missing"),
    [
        (nodes.Bins(operand=col("age"), edges=(40,)), False),
        (nodes.FillNull(operand=col("sex"), value=nodes.Value(value="F")), False),
        (nodes.AsCode(operand=col("sex"), codes=("F",)), True),
        (nodes.Take(which="first", frame=PERSON_FRAME, value=col("sex")), True),
        (nodes.Bins(operand=nodes.Reduce(op="max", frame=VISITS, value=col("day")), edges=(1,)),
         True),
    ],
    ids=["bins", "fill_null", "as_code", "another frame's", "of events"],
)  # fmt: skip
def test_derived_variables_keep_their_own_rules(value: Any, missing: bool) -> None:
    assert dimension(told(missing=False), value).missing is missing
    assert dimension(told(missing=True), value).missing


def test_the_engine_counts_without_the_category() -> None:
    view, schema = small_view(), told(missing=False)
    checked = check(Plan(analysis=nodes.Count(cohort=PERSON_FRAME, by=("sex",))), schema)
    computed = run(checked, view, schema)

    counts = dict(view.frames["person"].group_by("sex").len().rows())
    assert computed.placed.n.tolist() == [counts["F"], counts["M"]]
