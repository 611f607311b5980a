"""Linked, hierarchical tables: an independent intruder finds nothing, whatever the tables."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest

import disclosure
from disclosure import ProtectedTable, Table
from disclosure.errors import Refusal
from tests.lib.gate import policy
from tests.lib.linked_judge import Intruder

PARENTS = {"region": {"r0": "north", "r1": "north", "r2": "south", "r3": "south", "r4": "south"}}


def persons(seed: int) -> np.ndarray:
    """Region × age × sex, many cells small."""
    rng = np.random.default_rng(seed)
    return rng.poisson(np.exp(rng.normal(2.6, 1.2, (5, 4, 2))))


def linked(seed: int, *, margins: bool = True) -> tuple[Table, Table]:
    """Region × age and region × sex of the same persons, regions in two parts of the country."""
    counts = persons(seed)
    by_age = [
        {"region": f"r{i}", "age": f"a{j}", "n": int(counts[i, j].sum())}
        for i in range(5)
        for j in range(4)
    ]
    by_sex = [
        {"region": f"r{i}", "sex": "FM"[k], "n": int(counts[i, :, k].sum())}
        for i in range(5)
        for k in range(2)
    ]
    return (
        Table("age", pl.DataFrame(by_age), ("region", "age"), "n", hierarchies=PARENTS,
              margins=margins),
        Table("sex", pl.DataFrame(by_sex), ("region", "sex"), "n", hierarchies=PARENTS,
              margins=margins),
    )  # fmt: skip


def true_counts(tables: tuple[Table, ...], intruder: Intruder) -> dict[int, int]:
    """The leaves' true counts by the intruder's numbers."""
    return {
        intruder.cell(table.dimensions, [row[name] for name in table.dimensions]): row["n"]
        for table in tables
        for row in table.data.to_dicts()  # type: ignore[union-attr]  # frames here
    }


def seen(tables: tuple[Table, ...], found: tuple[ProtectedTable, ...], rule: bool) -> Intruder:
    intruder = Intruder(10 if rule else None)
    for table, one in zip(tables, found, strict=True):
        intruder.sees(one.columns, table.dimensions, table.hierarchies)
    return intruder


@pytest.mark.parametrize("rule", [True, False])
@pytest.mark.parametrize("margins", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_no_withheld_small_cell_can_be_worked_out(seed: int, margins: bool, rule: bool) -> None:
    tables = linked(seed, margins=margins)
    found = disclosure.protect(tables, policy(), rule=rule)
    intruder = seen(tables, found, rule)
    truth = true_counts(tables, intruder)
    assert intruder.primary
    for cell in intruder.primary:
        low, high = intruder.interval([cell])
        assert low <= truth[cell] <= high
        assert high - low >= (6 if rule else 10)


@pytest.mark.parametrize("seed", range(4))
def test_no_two_withheld_cells_together_are_a_known_small_group(seed: int) -> None:
    tables = linked(seed)
    intruder = seen(tables, disclosure.protect(tables, policy()), True)
    truth = true_counts(tables, intruder)
    for pair in combinations(sorted(intruder.primary), 2):
        if truth[pair[0]] + truth[pair[1]] < 10:
            low, high = intruder.interval(pair)
            assert low < high


@pytest.mark.parametrize("seed", range(6))
def test_who_is_alone_in_a_cell_gets_no_other(seed: int) -> None:
    tables = linked(seed)
    intruder = seen(tables, disclosure.protect(tables, policy()), True)
    truth = true_counts(tables, intruder)
    alone = [cell for cell in intruder.primary if truth[cell] == 1]
    for own in alone:
        for cell in intruder.primary - {own}:
            low, high = intruder.interval([cell], {own: 1})
            assert low < high


def test_whether_anybody_was_alone_was_ever_tried() -> None:
    lone = [seed for seed in range(6) if (persons(seed).sum(axis=2) == 1).any()]
    assert lone


@pytest.mark.parametrize("seed", range(4))
def test_shown_counts_are_the_true_ones_and_shared_cells_agree(seed: int) -> None:
    tables = linked(seed)
    found = disclosure.protect(tables, policy())
    regions = []
    for table, one in zip(tables, found, strict=True):
        frame = pl.DataFrame(dict(one.columns))
        other = table.dimensions[1]
        truth = table.data.group_by("region").agg(pl.col("n").sum())  # type: ignore[union-attr]
        total = frame.filter(pl.col(other) == "Σ").select("region", "n", "mark")
        both = total.join(truth, on="region", suffix="_true").drop_nulls("n")
        assert (both["n"] == both["n_true"]).all()
        regions.append(total.sort("region"))
    assert regions[0].equals(regions[1])


def test_a_table_alone_is_protected_by_fewer_cells_than_one_linked_to_another() -> None:
    """A pattern that hides a cell in one table must hide it in the other, which costs there."""
    first, second = linked(1)
    alone = disclosure.protect([first], policy())[0]
    together = disclosure.protect([first, second], policy())
    assert alone.complementary <= sum(one.complementary for one in together)


def cell(**changes: object) -> Table:
    data = {"region": ["r0", "r1"], "age": ["a", "a"], "n": [20, 30]}
    fields = {"name": "t", "data": data, "dimensions": ("region", "age"), "count": "n"}
    return Table(**{**fields, **changes})  # type: ignore[arg-type]  # tests only


BAD = {"region": ["r0", "r1", "Σ"], "age": ["a", "a", "a"]}


@pytest.mark.parametrize(
    ("tables", "code", "place"),
    [
        ([cell(data={**BAD, "n": [20, 30, 51]})], "table_contradicts", "region=Σ, age=a"),
        ([cell(data={**BAD, "n": [20, 30, 50]})], "margin_missing", "age=Σ"),
        ([cell(data={"region": ["r0"], "age": ["a"], "n": [-1]})], "table_contradicts", "r0"),
        ([cell(data={"region": ["r0"], "age": ["a"], "n": [1.5]})], "table_contradicts", "r0"),
        ([cell(data={"region": ["r0", "r0"], "age": ["a", "a"], "n": [1, 1]})],
         "table_contradicts", "twice"),
        ([cell(data={"region": ["r0"], "age": ["a"], "n": [9], "x": [float("nan")]}, sum="x")],
         "table_contradicts", "has a x below 0 or none"),
        ([cell(data={"region": ["r0"], "age": [""], "n": [9]})], "table_code", "Row 1 of t"),
        ([cell(count="m")], "table_column", "no column m"),
        ([cell(hierarchies={"region": {"r0": "x", "x": "r0"}})], "hierarchy_overlaps", "r0"),
        ([cell(), cell()], "table_names", "names"),
        ([cell(), cell(name="u", data={"region": ["r0"], "age": ["a"], "n": [21]})],
         "tables_contradict", "u and an earlier table"),
    ],
)  # fmt: skip
def test_bad_tables_are_refused_by_their_place(tables: list[Table], code: str, place: str) -> None:
    with pytest.raises(Refusal) as refused:
        disclosure.protect(tables, policy())
    assert refused.value.code == code
    assert place in refused.value.reason
    for value in ("51", "-1", "1.5", "nan"):
        assert value not in refused.value.reason


def test_a_cell_that_one_person_dominates_is_withheld_and_its_sum_stays_open() -> None:
    data = {
        "region": [f"r{i}" for i in range(4) for _ in range(3)],
        "trade": [f"t{j}" for _ in range(4) for j in range(3)],
        "n": [40] * 12,
        "income": [900.0] + [1000.0 + 7 * i for i in range(11)],
        "most": [800.0] + [60.0] * 11,
        "second": [20.0] + [50.0] * 11,
    }
    table = Table("t", data, ("region", "trade"), "n", "income", "most", "second")
    one = disclosure.protect([table], policy())[0]
    frame = pl.DataFrame(dict(one.columns))
    first = frame.filter((pl.col("region") == "r0") & (pl.col("trade") == "t0"))
    assert first["mark"].to_list() == ["primary"]
    assert first["income"].to_list() == [None]
    low, high = sum_interval(frame)
    assert low <= 900.0 <= high
    assert high - low >= 80.0


def sum_interval(frame: pl.DataFrame) -> tuple[float, float]:
    """What the shown incomes leave of the first cell: an own linear programme over the cells."""
    from scipy.optimize import linprog

    rows = frame.select("region", "trade", "income").rows()
    number = {(r, t): i for i, (r, t, _) in enumerate(rows)}
    system, right = [], []
    for (region, trade), at in number.items():
        under = [
            i
            for (r, t), i in number.items()
            if "Σ" not in (r, t) and region in ("Σ", r) and trade in ("Σ", t)
        ]
        if under != [at]:
            row = np.zeros(len(rows))
            row[under], row[at] = 1.0, -1.0
            system.append(row)
            right.append(0.0)
    bounds = [(0, None) if value is None else (value, value) for _, _, value in rows]
    goal = np.zeros(len(rows))
    goal[number["r0", "t0"]] = 1.0
    ends = [
        sign * linprog(sign * goal, A_eq=np.array(system), b_eq=right, bounds=bounds).fun
        for sign in (1, -1)
    ]
    return ends[0], ends[1]


def test_sums_stay_open_though_the_cheapest_cells_beside_them_hold_little() -> None:
    """Withheld cells with hardly any income would leave the dominated one known to a few crowns."""
    income = [900.0, 8.0, 1000.0, 8.0, 8.0, 1000.0, 1000.0, 1000.0, 1000.0]
    data = {
        "region": [f"r{i}" for i in range(3) for _ in range(3)],
        "trade": [f"t{j}" for _ in range(3) for j in range(3)],
        "n": [400, 20, 400, 20, 20, 400, 400, 400, 400],
        "income": income,
        "most": [800.0] + [x / 20 for x in income[1:]],
        "second": [20.0] + [x / 20 for x in income[1:]],
    }
    table = Table("t", data, ("region", "trade"), "n", "income", "most", "second")
    one = disclosure.protect([table], policy())[0]
    low, high = sum_interval(pl.DataFrame(dict(one.columns)))
    assert high - low >= 80.0


def test_no_sum_of_withheld_cells_is_dominated() -> None:
    """sdcTools' issue 160: the known sum of two withheld cells, made up by one person."""
    data = {
        "g": ["a", "b", "c", "d"],
        "n": [5, 12, 60, 60],
        "x": [3000.0, 1000.0, 4000.0, 4100.0],
        "most": [2900.0, 100.0, 90.0, 95.0],
        "second": [50.0, 90.0, 80.0, 85.0],
    }
    one = disclosure.protect(
        [Table("t", data, ("g",), "n", "x", "most", "second")], policy(), coalition=0
    )[0]
    hidden = [i for i, mark in enumerate(one.columns["mark"][:4]) if mark]
    known = one.columns["mark"][4] == ""
    assert 0 in hidden
    assert not known or sum(data["x"][i] for i in hidden) >= 2 * 2900.0


def line(*counts: int, coalition: int = 1) -> list[str]:
    """The marks of a table of one dimension with its total."""
    data = {"g": [f"g{i}" for i in range(len(counts))], "n": list(counts)}
    one = disclosure.protect([Table("t", data, ("g",), "n")], policy(), coalition=coalition)[0]
    return one.columns["mark"]


def test_two_withheld_cells_below_the_threshold_together_need_a_third() -> None:
    """4 + 5 = 9 would be a known group of nine, though each might be anything from 1 to 8."""
    assert line(4, 5, 60, 70, coalition=0).count("complementary") == 1


def test_who_is_alone_needs_a_third_cell_beside_the_other_withheld_one() -> None:
    """1 + 9 = 10 is no small group, but the one who is alone would know the nine."""
    assert line(1, 9, 60, 70, coalition=0) == ["primary", "primary", "", "", ""]
    assert line(1, 9, 60, 70).count("complementary") == 1


def test_a_coalition_of_two_is_kept_from_the_others_where_it_is_asked_for() -> None:
    assert line(2, 8, 60, 70).count("complementary") == 0
    assert line(2, 8, 60, 70, coalition=2).count("complementary") == 1
