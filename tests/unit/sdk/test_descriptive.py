"""The methods of the descriptive analyses write the plans that they promise."""

from typing import Any

import pytest

from tests.unit.sdk.conftest import Caught
from workbench.plan import explain, nodes
from workbench.plan.parse import canonical, parse
from workbench.sdk.frames import PersonFrame
from workbench.sdk.refused import Refused

ASKED: list[tuple[str, tuple[Any, ...], dict[str, Any], str, dict[str, Any]]] = [
    ("histogram", ("age",), {"by": "sex", "edges": [40, 60]}, "histogram",
     {"variable": "age", "by": ("sex",), "edges": (40, 60)}),
    ("density", ("age",), {"bandwidth": 2}, "density", {"bandwidth": 2.0}),
    ("heatmap", ("age", "weight"), {"y_edges": [60, 80]}, "heatmap", {"y_edges": (60, 80)}),
    ("proportion", ("vital",), {"by": ["sex"], "method": "exact"}, "proportion",
     {"method": "exact", "by": ("sex",)}),
    ("shares", ("sex", "region"), {"of": "columns"}, "shares", {"of": "columns"}),
    ("quantiles", ("age",), {"at": [0.1, 0.9]}, "quantiles", {"at": (0.1, 0.9)}),
    ("median", ("age", "sex"), {}, "quantiles", {"at": (0.5,), "by": ("sex",)}),
    ("summary", ("age", "sex"), {}, "summary", {"by": ("sex",)}),
    ("boxplot", ("age",), {}, "boxplot", {}),
    ("totals", ("weight",), {"by": "sex", "margins": True}, "totals", {"margins": True}),
    ("ratio", ("weight", "age"), {}, "ratio", {"numerator": "weight", "denominator": "age"}),
    ("missing", (["age", "weight"],), {"by": "sex"}, "missingness",
     {"variables": ("age", "weight"), "by": ("sex",)}),
    ("missing", ("age",), {}, "missingness", {"variables": ("age",)}),
    ("trend", ("birth", 1950, 1960), {"of": "vital", "every": "quarter"}, "trend",
     {"first": 1950, "last": 1960, "variable": "vital"}),
    ("life_course", ("birth", "birth"), {"ages": [20, 40]}, "life_course", {"ages": (20, 40)}),
    ("top_codes", ("region",), {"most": 2, "characters": 1}, "top_codes", {"most": 2}),
    ("concentration", ("weight",), {}, "concentration", {"by": ()}),
    ("gini", ("weight", "sex"), {}, "concentration", {"by": ("sex",)}),
    ("lorenz", ("weight",), {}, "concentration", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "given", "named", "kind", "fields"), ASKED, ids=[one[0] for one in ASKED]
)
def test_a_method_writes_its_plan(
    person: PersonFrame, method: str, given: Any, named: Any, kind: str, fields: dict[str, Any]
) -> None:
    with pytest.raises(Caught) as caught:
        getattr(person, method)(*given, **named)
    analysis = caught.value.analysis

    assert analysis.k == kind
    assert {name: getattr(analysis, name) for name in fields} == fields
    plan = nodes.Plan(analysis=analysis)
    assert parse(canonical(plan)) == plan
    assert explain(plan).endswith(".")


@pytest.mark.parametrize(
    ("method", "given", "named"),
    [
        ("histogram", ("age",), {"edges": [60, 40]}),
        ("histogram", ("age",), {"bins": 1}),
        ("heatmap", ("age", "weight"), {"bins": 41}),
        ("density", ("age",), {"bandwidth": -1}),
        ("proportion", ("vital",), {"level": 1.0}),
        ("proportion", ("vital",), {"method": "wald"}),
        ("shares", ("sex", "region"), {"of": "lines"}),
        ("quantiles", ("age",), {"at": []}),
        ("missing", ([],), {}),
        ("missing", ([f"v{at}" for at in range(13)],), {}),
        ("trend", ("birth", 1960, 1950), {}),
        ("trend", ("birth", 1950, 1960), {"every": "week"}),
        ("top_codes", ("region",), {"most": 0}),
    ],
)
def test_what_is_not_of_its_form_is_refused_on_the_line(
    person: PersonFrame, method: str, given: Any, named: Any
) -> None:
    with pytest.raises(Refused) as refused:
        getattr(person, method)(*given, **named)

    assert refused.value.code == "malformed_plan"
    assert "docs/reference" in refused.value.remedy


def test_every_method_teaches_by_an_example() -> None:
    for method in {one[0] for one in ASKED} | {"table_one"}:
        assert f".{method}(" in (getattr(PersonFrame, method).__doc__ or ""), method
