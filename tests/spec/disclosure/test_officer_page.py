"""The tables that the page for disclosure officers draws are what the gate does."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from disclosure.findings import Decision, Mark, Verdict
from disclosure.gate import decide
from disclosure.tables import Atoms
from tests.lib.gate import evidence, magnitude, overlap, policy

PAGE = Path(__file__).resolve().parents[3] / "docs/explanation/gate.md"
SIGNS = {Mark.PRIMARY: "·", Mark.COMPLEMENTARY: "×"}
Drawn = list[list[str]]


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    """The tables of the page in order: head and rows, without what rules the lines."""
    tables: list[Drawn] = []
    inside = False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        row = [one.strip() for one in line.strip("|").split("|")] if line.startswith("|") else None
        if row is not None and not inside:
            tables.append([])
        inside = row is not None
        if row is not None and set("".join(row)) - set("-:"):
            tables[-1].append(row)
    return tables


def counts(table: Drawn, columns: int) -> np.ndarray:
    """The inner counts of a drawn table."""
    return np.array([[int(one) for one in row[1 : columns + 1]] for row in table[1:-1]])


def seen(decision: Decision, table: Drawn, columns: Sequence[str], values: Sequence[str]) -> Drawn:
    """What the decision shows, drawn as the page draws it."""
    assert decision.verdict is Verdict.RELEASE
    cells = {cell.codes: cell for cell in decision.cells}
    rows = [table[0]]
    for name in [row[0] for row in table[1:]]:
        row = [name]
        for column in columns:
            cell = cells[(name, column) if column else (name,)]
            for value in values:
                number = cell.values[value]
                shown = f"{number:.1f}" if isinstance(number, float) else str(number)
                row.append(SIGNS.get(cell.mark, shown))
        rows.append(row)
    return rows


FIRST = ["F", "M", "Σ"]


def first(drawn: list[Drawn]) -> Decision:
    told = evidence(
        counts(drawn[0], 2), codes=[list("ABC"), ["F", "M"]], names=("region", "sex"), view=10**7
    )
    return decide(told, policy(), [])


def test_the_first_example_is_what_the_gate_does(drawn: list[Drawn]) -> None:
    assert seen(first(drawn), drawn[1], FIRST, ["n"]) == drawn[1]


def test_the_next_question_is_what_the_gate_does(drawn: list[Drawn]) -> None:
    before = first(drawn)
    person = np.repeat(np.arange(6), counts(drawn[0], 2).ravel())
    men = np.where(person % 2 == 1, person // 2, -1)
    asked = np.bincount(men[men >= 0], minlength=3)
    assert [int(row[1]) for row in drawn[2][1:-1]] == asked.tolist()

    met = overlap("earlier", men, person, (3, 6), before.published)
    cells, persons = np.unique(np.stack([men, person], axis=1), axis=0, return_counts=True)
    atoms = Atoms(("earlier",), persons.astype(np.int64), cells, (before.published,))
    told = evidence(asked, codes=[list("ABC")], names=("region",), view=10**4)
    assert seen(decide(told, policy(), [met], atoms), drawn[3], [""], ["n"]) == drawn[3]


def test_everybody_but_four_is_refused_as_the_page_says(drawn: list[Drawn]) -> None:
    before = first(drawn)
    person = np.repeat(np.arange(6), counts(drawn[0], 2).ravel())
    fewer = np.where(np.arange(person.size) < 4, -1, person)
    met = overlap("earlier", fewer, person, (6, 6), before.published)
    asked = np.bincount(fewer[fewer >= 0], minlength=6).reshape(3, 2)

    found = decide(evidence(asked), policy(), [met])
    assert found.verdict is Verdict.REFUSE
    assert "differ by fewer than 10 persons on one side" in found.findings[0].text["en"]


def test_dominance_is_what_the_gate_does(drawn: list[Drawn]) -> None:
    many = {row[0]: int(row[1]) for row in drawn[4][1:-1]}
    spread = np.array([0.9, 1.0, 1.1])
    costs = {
        (0,): (18.0 * np.resize(spread, many["A"])).tolist(),
        (1,): [600.0, *[400.0 / 11] * 11],
        (2,): (18.0 * np.resize(spread, many["C"])).tolist(),
    }
    told = evidence(
        [many["A"], many["B"], many["C"]],
        codes=[list("ABC")],
        names=("region",),
        view=10**7,
        magnitudes=[magnitude(costs, (3,))],
    )

    found = decide(told, policy(), [])
    assert np.mean(costs[1,]) == pytest.approx(83.3, abs=0.05)
    assert seen(found, drawn[5], [""], ["n", "mean"]) == drawn[5]


def test_a_full_line_is_what_the_gate_does(drawn: list[Drawn]) -> None:
    told = evidence(
        counts(drawn[6], 2),
        codes=[["V", "W", "X"], ["yes", "no"]],
        names=("village", "diabetes"),
        view=10**7,
    )

    found = decide(told, policy(), [])
    assert seen(found, drawn[7], ["yes", "no", "Σ"], ["n"]) == drawn[7]
