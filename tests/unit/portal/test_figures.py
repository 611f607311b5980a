"""A release's body laid out as tables: margins, withheld cells, missing codes, accuracy."""

from typing import Any

from workbench.portal.figures import figures_of, title_of
from workbench.portal.formats import Formats
from workbench.portal.language import words

EN, F = words("en"), Formats("en")


def cell(*codes: str, mark: str = "", **values: float | None) -> dict[str, Any]:
    return {"codes": list(codes), "values": values, "mark": mark, "reason": ""}


def axis(name: str, **labels: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": {"en": name.title()},
        "labels": {code: {"en": text} for code, text in labels.items()},
    }


def drawn(body: dict[str, Any]) -> list[list[list[str]]]:
    """Figures as rows of text, × for withheld."""
    return [
        [[figure.corner, *(head.text for head in figure.columns)]]
        + [
            [line.text, *("×" if c.withheld else c.text for c in line.cells)]
            for line in figure.lines
        ]
        for figure in figures_of(body, EN, F)
    ]


def test_two_dimensions_go_across_and_down_with_margins() -> None:
    body = {
        "kind": "crosstab",
        "dimensions": [axis("sex", F="female"), axis("age")],
        "cells": [
            cell("F", "old", n=12), cell("F", "", n=None, mark="primary"), cell("F", "Σ", n=20),
            cell("Σ", "old", n=30), cell("Σ", "", n=None, mark="complementary"),
            cell("Σ", "Σ", n=50),
        ],
    }  # fmt: skip
    assert drawn(body) == [
        [
            ["Sex × Age", "old", "(missing)", "Total"],
            ["female", "12", "×", "20"],
            ["Total", "30", "×", "50"],
        ]
    ]
    figure = figures_of(body, EN, F)[0]
    assert figure.withheld == 2
    assert figure.lines[0].cells[1].why == "Withheld: too few people"
    assert title_of(body, EN) == "Cross table by Sex × Age"


def test_three_dimensions_join_the_first_two_down() -> None:
    body = {
        "kind": "crosstab",
        "dimensions": [axis("a"), axis("b"), axis("c")],
        "cells": [cell("x", "y", "z", n=11), cell("x", "Σ", "z", n=15)],
    }
    assert drawn(body) == [[["A · B × C", "z"], ["x · y", "11"], ["x · Total", "15"]]]


def test_a_summary_has_a_column_a_statistic_and_names_its_variable() -> None:
    body = {
        "kind": "describe",
        "variable": "bmi",
        "dimensions": [axis("sex")],
        "cells": [cell("F", n=12, mean=31.25, sd=6.4), cell("M", n=None, mean=None, sd=None)],
    }
    assert drawn(body) == [
        [
            ["Sex", "Number of persons", "Mean", "Standard deviation"],
            ["F", "12", "31.25", "6.4"],
            ["M", "×", "×", "×"],
        ]
    ]
    assert figures_of(body, EN, F)[0].withheld == 1
    assert title_of(body, EN) == "Summary of bmi by Sex"


def test_a_single_count_is_one_row() -> None:
    body = {"kind": "count", "dimensions": [], "cells": [cell(n=17549)]}
    assert drawn(body) == [[["", "Number of persons"], ["Total", "17\N{NARROW NO-BREAK SPACE}549"]]]


def test_noise_is_told_with_its_accuracy() -> None:
    body = {
        "kind": "dp_count",
        "dimensions": [],
        "cells": [cell(n=105, mark="noisy")],
        "noise": {"rho": "1/10", "scale": 2.0, "accuracy_95": 7},
    }
    assert figures_of(body, EN, F)[0].accuracy == "Noise was added: ± 7 with 95 % probability."


def test_a_body_without_cells_has_no_figure() -> None:
    assert figures_of({"kind": "else", "cells": []}, EN, F) == ()
    assert title_of({}, EN) == "Table"
