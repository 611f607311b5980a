"""How noise is asked for in a notebook: bounds, prices, and what goes with noise alone."""

import json
from collections.abc import Callable
from typing import Any

import pytest

import workbench.sdk as wb
from tests.lib.every_analysis import rich_view
from tests.lib.picture_book import answers
from workbench.plan import Schema, nodes
from workbench.sdk.account import Account
from workbench.sdk.frames import PersonFrame
from workbench.sdk.pictures import picture_of
from workbench.sdk.refused import Refused
from workbench.sdk.release import Release
from workbench.sdk.render import as_html, as_text

PRICE = wb.dp(rho="1/50")


class Asked(Exception):
    def __init__(self, analysis: Any) -> None:
        self.analysis = analysis


def asking(analysis: Any) -> Release:
    raise Asked(analysis)


@pytest.fixture(scope="module")
def cohort() -> PersonFrame:
    schema = Schema.from_view(rich_view().describe())
    return PersonFrame(nodes.Dataset(name="person"), schema, asking)


def asked(ask: Callable[[], Any]) -> Any:
    with pytest.raises(Asked) as found:
        ask()
    return found.value.analysis


def test_each_method_asks_with_noise_for_what_it_asks_without(cohort: PersonFrame) -> None:
    kinds = {
        "dp_count": lambda: cohort.count("sex", dp=PRICE),
        "dp_crosstab": lambda: cohort.crosstab("sex", "dead", dp=PRICE),
        "dp_histogram": lambda: cohort.histogram("age", edges=[40, 60], dp=PRICE),
        "dp_totals": lambda: cohort.totals("visits", dp=PRICE, bounds=(0, 10)),
        "dp_describe": lambda: cohort.describe("income", "sex", dp=PRICE, bounds=(0, 2000)),
        "dp_quantiles": lambda: cohort.median("age", dp=PRICE, bounds=(0, 110)),
        "dp_keys": lambda: cohort.top_codes("place", dp=PRICE),
        "dp_regression": lambda: cohort.ols(
            "income ~ age + sex", dp=PRICE, bounds={"income": (0, 2000), "age": (18, 95)}
        ),
    }
    for kind, ask in kinds.items():
        analysis = asked(ask)
        assert (analysis.k, analysis.rho) == (kind, "1/50")


def test_bounds_reach_the_plan_as_they_were_given(cohort: PersonFrame) -> None:
    totals = asked(lambda: cohort.totals("visits", dp=PRICE, bounds=(0, 10)))
    assert (totals.low, totals.high) == (0, 10)
    model = asked(lambda: cohort.ols("income ~ age", dp=PRICE, bounds={"income": (0, 2000)}))
    assert [(one.variable, one.low, one.high) for one in model.bounds] == [("income", 0, 2000)]
    bare = asked(lambda: cohort.totals("visits", dp=PRICE))
    assert (bare.low, bare.high) == (None, None)


@pytest.mark.parametrize(
    ("code", "ask"),
    [
        ("bad_budget", lambda _: wb.dp(rho=0.1)),
        ("bounds_without_noise", lambda c: c.totals("visits", bounds=(0, 10))),
        ("bounds_without_noise", lambda c: c.describe("visits", bounds=(0, 10))),
        ("bounds_without_noise", lambda c: c.median("visits", bounds=(0, 10))),
        ("bounds_without_noise", lambda c: c.ols("income ~ age", bounds={"age": (0, 1)})),
        ("margins_with_noise", lambda c: c.totals("visits", margins=True, dp=PRICE)),
        ("bad_bounds", lambda c: c.totals("visits", dp=PRICE, bounds=5)),
        ("bad_bounds", lambda c: c.ols("income ~ age", dp=PRICE, bounds={"age": (5, 1)})),
        ("malformed_plan", lambda c: c.totals("visits", dp=PRICE, bounds=(5, 1))),
        ("malformed_plan", lambda c: c.count(dp=wb.dp(rho="a tenth"))),
        ("not_with_noise", lambda c: c.ols("income ~ age", errors="HC3", dp=PRICE)),
    ],
)
def test_what_goes_with_noise_alone_or_not_at_all_is_refused_with_a_way_out(
    cohort: PersonFrame, code: str, ask: Callable[[Any], Any]
) -> None:
    with pytest.raises(Refused) as refused:
        ask(cohort)
    assert refused.value.code == code
    assert len(refused.value.remedy) > 10


@pytest.mark.parametrize("name", sorted(one for one in answers() if one.startswith("dp_")))
def test_every_noisy_answer_says_how_near_it_is_in_text_html_and_picture(name: str) -> None:
    body = answers()[name]
    for language, word in (("en", "95 %"), ("nb", "95 %")):
        assert word in as_text("a" * 16, body, language)
        assert word in as_html("a" * 16, body, language)
    spec = json.dumps(picture_of(body).spec, ensure_ascii=False)
    assert "±" in spec or '"low"' in spec or '"lower"' in spec
    release = Release({"release": "a" * 16, "body": body, "certificate": {}})
    near = body["noise"]["accuracy_95"]
    assert release.accuracy == near
    assert body["noise"]["rho"] in body["explained"]


def test_a_margin_of_a_noisy_table_says_how_near_a_sum_is() -> None:
    axis = [{"name": n, "label": {"en": n}, "codes": ["a", "b"], "labels": {}} for n in ("x", "y")]
    cells = [
        {"codes": [x, y], "values": {"n": 5}, "mark": "noisy", "reason": "privacy"}
        for x in ("a", "b", "Σ")
        for y in ("a", "b", "Σ")
    ]
    noise = {"rho": "1/10", "scale": 2.2, "accuracy_95": 4, "accuracy_of_sums": {"2": 7, "4": 9}}
    body = {
        "kind": "dp_crosstab", "explained": "Count.", "dimensions": axis, "variables": {},
        "findings": [], "statistics": ["n"], "variable": None, "cells": cells, "noise": noise,
    }  # fmt: skip
    html = as_html("a" * 16, body)
    for near, times in ((4, 4), (7, 4), (9, 1)):
        assert html.count(f"within ± {near} of the true number") >= times


def test_an_account_counts_with_the_least_that_is_left() -> None:
    account = Account(
        {
            "granted": "1", "spent": "1/2",
            "registries": [{"registry": "lab", "granted": "1/3", "spent": "1/4"}],
        }
    )  # fmt: skip
    assert str(account.left) == "1/12"
    assert account.answers("1/100") == 8
    assert account.forecast.is_empty()
