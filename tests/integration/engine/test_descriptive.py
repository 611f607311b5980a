"""Every descriptive analysis through the whole engine: certified, shown, replayed, and judged with
what was released before."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from disclosure.verifier import check as verify
from tests.lib.asked import NAFLD, derived
from tests.lib.drawn import PERSON_FRAME, col, compare
from tests.lib.engine_world import World
from tests.lib.nafld_view import nafld_view
from tests.lib.small_world import crosstab, small_view, without, younger_than
from workbench.domain.errors import Refusal
from workbench.plan import nodes
from workbench.sdk.release import Release
from workbench.sdk.render import as_html, as_text

DEAD = derived(dead=compare(col("status"), "==", "dead"))
ASKED: dict[str, Any] = {
    "histogram": nodes.Histogram(cohort=NAFLD, variable="age", by=("sex",)),
    "density": nodes.Density(cohort=NAFLD, variable="age"),
    "heatmap": nodes.Heatmap(cohort=NAFLD, x="age", y="bmi", y_edges=(20, 30, 40)),
    "proportion": nodes.Proportion(cohort=DEAD, variable="dead", by=("sex",), margins=True),
    "shares": nodes.Shares(cohort=NAFLD, row="sex", column="status"),
    "quantiles": nodes.Quantiles(cohort=NAFLD, variable="bmi", by=("sex",)),
    "boxplot": nodes.Boxplot(cohort=NAFLD, variable="bmi", by=("sex",)),
    "summary": nodes.Summary(cohort=NAFLD, variable="age", by=("sex",)),
    "totals": nodes.Totals(cohort=NAFLD, variable="age", by=("sex",), margins=True),
    "ratio": nodes.Ratio(cohort=NAFLD, numerator="weight", denominator="bmi", by=("sex",)),
    "missingness": nodes.Missingness(cohort=NAFLD, variables=("bmi", "weight"), by=("sex",)),
    "top_codes": nodes.TopCodes(cohort=NAFLD, variable="status"),
    "concentration": nodes.Concentration(cohort=NAFLD, variable="bmi", by=("sex",)),
}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One project a kind, so that each is alone."""
    world = World(Path(tmp_path_factory.mktemp("world")))
    for kind in ASKED:
        world.add(nafld_view(project=f"nafld-{kind.replace('_', '-')}"))
    yield world
    world.records.close()


@pytest.mark.parametrize("kind", ASKED)
def test_it_is_certified_shown_and_replayed(worlds: World, kind: str) -> None:
    project = f"nafld-{kind.replace('_', '-')}"
    answer = worlds.ask(ASKED[kind], project)
    body, certificate = answer["body"], answer["certificate"]

    report = verify(certificate, {worlds.keys.verify_key}, body)
    assert report.body
    assert report.shown > 0
    assert body["kind"] == kind
    for language in ("en", "nb"):
        assert body["explained"] in as_text(answer["release"], body, language)
        assert "<table" in as_html(answer["release"], body, language)
    assert Release(answer).to_polars().height > 0
    again = worlds.ask(ASKED[kind], project)
    assert again["replayed"]
    assert again["body"] == body


@pytest.mark.parametrize("kind", ["histogram", "shares", "missingness", "top_codes"])
def test_a_changed_body_is_found(worlds: World, kind: str) -> None:
    answer = worlds.ask(ASKED[kind], f"nafld-{kind.replace('_', '-')}")
    body = answer["body"] | {"explained": "Something else."}

    with pytest.raises(Exception, match="not what was signed"):
        verify(answer["certificate"], {worlds.keys.verify_key}, body)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    world.add(small_view())
    yield world
    world.records.close()


def cells(answer: Any) -> dict[tuple[str, ...], int | None]:
    return {tuple(one["codes"]): one["values"]["n"] for one in answer["body"]["cells"]}


def test_two_histograms_do_not_tell_of_those_between_their_edges(small: World) -> None:
    """Edges at 50 and, a moment later, at 50.25: the weights between are a handful's."""
    weights = small_view().frames["person"]["weight"]
    between = int(((weights >= 50) & (weights < 50.25)).sum())
    assert 0 < between < 10
    first = nodes.Histogram(cohort=PERSON_FRAME, variable="weight", edges=(50, 80))
    second = nodes.Histogram(cohort=PERSON_FRAME, variable="weight", edges=(50.25, 80))

    assert None not in cells(small.ask(first, "alpha")).values()
    told = cells(small.ask(second, "alpha"))
    assert told["<50.25",] is told["50.25–<80",] is None
    assert told["≥80",] == int((weights >= 80).sum())


def test_missing_values_and_a_table_do_not_tell_of_a_few(small: World) -> None:
    """Seven lack a value that the others have: neither analysis says so after the other."""
    named = nodes.IsIn(operand=col("place"), values=tuple(f"p{at}" for at in range(7)))
    others = nodes.Case(when=nodes.Not(operand=named), then=nodes.Value(value="x"))
    cohort = derived(PERSON_FRAME, gap=nodes.When(cases=(others,)))
    found = small.ask(nodes.Missingness(cohort=cohort, variables=("gap",)), "alpha")["body"]

    assert found["blocks"][0]["rows"] == [["gap", 2000, None, None]]
    with pytest.raises(Refusal):
        small.ask(crosstab("gap", cohort=cohort, margins=False), "alpha")


def test_the_most_frequent_codes_are_judged_with_an_earlier_table(small: World) -> None:
    small.ask(crosstab("region"), "alpha")
    answer = small.ask(nodes.TopCodes(cohort=PERSON_FRAME, variable="region", most=1), "alpha")

    rest = answer["body"]["blocks"][1]["rows"][0]
    assert rest[0] == sum(small_view().frames["person"]["region"] != 1)


def test_a_cohort_of_few_more_is_refused_whatever_is_asked(small: World) -> None:
    small.ask(nodes.Quantiles(cohort=younger_than(60), variable="age"), "alpha")
    for asked in (
        nodes.Quantiles(cohort=without(3), variable="age"),
        nodes.Histogram(cohort=without(3), variable="age"),
        nodes.Concentration(cohort=without(3), variable="age"),
        nodes.Missingness(cohort=without(3), variables=("weight",)),
    ):
        with pytest.raises(Refusal) as refused:
            small.ask(asked, "alpha")
        assert refused.value.code == "not_released"
