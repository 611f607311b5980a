"""Moments and budgets, and what a sealed lane can tell against our will in spite of them."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.errors import Fault
from kernels.host.budget import Budget
from kernels.host.config import Limits
from kernels.host.egress.capacity import sealed_kernel, sealed_runs
from kernels.host.egress.told import moments, told_after

seconds = st.floats(min_value=0.0, max_value=50_000.0)


@given(seconds, st.sampled_from([0.25, 1.0, 2.0]))
def test_an_end_is_told_after_it_and_at_most_a_quarter_and_two_grids_later(
    took: float, grid: float
) -> None:
    assert took < told_after(took, grid) <= took * 1.25 + 2 * grid


@given(st.lists(seconds, max_size=50))
def test_there_are_as_many_moments_as_are_said(ends: list[float]) -> None:
    assert len({told_after(end, 1.0) for end in ends}) <= moments(50_000.0, 1.0)
    assert {told_after(end / 10_000, 1.0) for end in ends} <= {1.0, 2.0, 3.0, 4.0, 5.0, 7.0}


def test_an_hour_has_a_few_dozen_moments_and_not_thousands() -> None:
    assert moments(0.5, 1.0) == 1
    assert moments(3600.0, 1.0) == 34


def test_a_budget_is_an_hours_and_a_days_and_says_when_there_is_room_again() -> None:
    clock = [0.0]
    budget = Budget(2, 3, lambda: clock[0])
    for moment in (0.0, 100.0):
        clock[0] = moment
        assert budget.wait("alpha", "ada") == 0.0
        budget.spend("alpha", "ada")
    assert budget.wait("alpha", "ada") == 3500.0
    assert budget.wait("alpha", "bob") == budget.wait("beta", "ada") == 0.0
    clock[0] = 3600.0
    assert budget.wait("alpha", "ada") == 0.0
    budget.spend("alpha", "ada")
    clock[0] = 80_000.0
    assert budget.wait("alpha", "ada") == 6400.0
    clock[0] = 86_400.0
    assert budget.wait("alpha", "ada") == 0.0


def test_a_budget_goes_on_when_the_daemon_starts_again(tmp_path: Path) -> None:
    book, clock = tmp_path / "spent", [1000.0]

    def begun() -> Budget:
        return Budget(2, 3, lambda: clock[0], book)

    begun().spend("alpha", "ada")
    clock[0] += 10
    begun().spend("alpha", "ada")
    assert begun().wait("alpha", "ada") == 3590.0
    assert begun().wait("alpha", "bob") == begun().wait("beta", "ada") == 0.0
    clock[0] += 90_000
    assert begun().wait("alpha", "ada") == 0.0
    assert book.read_text() == ""


def test_a_line_that_was_cut_hides_no_other(tmp_path: Path) -> None:
    book = tmp_path / "spent"
    book.write_text("\n100.0 alpha ada\n\n10")
    budget = Budget(1, 9, lambda: 200.0, book)
    assert budget.wait("alpha", "ada") == 3500.0
    with book.open("a") as cut:
        cut.write("\n1")
    budget.spend("alpha", "bob")
    assert Budget(1, 9, lambda: 200.0, book).wait("alpha", "bob") == 3600.0


def test_what_cannot_be_noted_is_not_given(tmp_path: Path) -> None:
    book = tmp_path / "spent"
    budget = Budget(1, 9, lambda: 200.0, book)
    book.unlink()
    book.mkdir()
    with pytest.raises(Fault):
        budget.spend("alpha", "ada")
    assert budget.wait("alpha", "ada") == 0.0


def test_a_budget_of_nothing_has_never_room() -> None:
    assert Budget(0, 5, lambda: 0.0).wait("alpha", "ada") > 0


def test_the_capacity_of_sealed_runs_is_counted_by_hand() -> None:
    limits = replace(Limits(), sealed_runs_a_day=3, sealed_lines=123, sealed_wall=3.5, grid=1.0)
    assert sealed_runs(limits) == pytest.approx(3 * (math.log2(128 * 4) + math.log2(4)))


def test_the_capacity_of_an_interactive_kernel_is_counted_by_hand() -> None:
    limits = replace(
        Limits(), cells_a_day=2, errors_a_day=1, starts_a_day=1, cell_lines=1, wall=3.5, grid=1.0
    )
    # two ends at four moments; none fails, or one of two at its line or without; memory rises
    # three steps at two cells or at none; the kernel dies of three causes, or lives, at a moment
    times, failures, memory, death = 2 * 2, math.log2(1 + 2 * 2), math.log2(10), 2 + 2
    assert sealed_kernel(limits) == pytest.approx(times + failures + memory + death)


@pytest.mark.parametrize(
    "change",
    [{"sealed_runs_a_day": 4}, {"grid": 60.0}, {"sealed_lines": 100}, {"sealed_wall": 60.0}],
)
def test_the_capacity_of_sealed_runs_falls_with_each_limit(change: dict[str, float]) -> None:
    assert sealed_runs(replace(Limits(), **change)) < sealed_runs(Limits())


@pytest.mark.parametrize(
    "change",
    [
        {"cells_a_day": 15}, {"errors_a_day": 3}, {"starts_a_day": 2}, {"cell_lines": 20},
        {"grid": 60.0}, {"wall": 60.0},
    ],
)  # fmt: skip
def test_the_capacity_of_an_interactive_kernel_falls_with_each_limit(
    change: dict[str, float],
) -> None:
    assert sealed_kernel(replace(Limits(), **change)) < sealed_kernel(Limits())


def test_the_usual_limits_leave_about_a_text_messages_worth_a_day() -> None:
    """16,400 bits a day for sealed runs on a grid of seconds; see docs/adr."""
    assert sealed_runs(Limits()) < 750
    assert sealed_kernel(Limits()) < 1_500


def test_the_documentation_states_the_capacities_of_the_usual_limits() -> None:
    text = Path(__file__).parents[3].joinpath("docs/explanation/limitations.md").read_text()
    for capacity in (sealed_runs, sealed_kernel):
        assert f"at most {math.ceil(capacity(Limits())):,} bits a day" in " ".join(text.split())
